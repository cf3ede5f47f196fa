#pragma once

// A libuv loop on a thread of its own. Everything of AMQP-CPP lives on that thread; other threads post work to it.

#include <chrono>
#include <functional>
#include <memory>

struct uv_loop_s;

namespace letterlock::amqp {

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();  // runs what was posted before, then joins
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Run the task on the loop's thread, in the order of posting. Any thread.
  void post(std::function<void()> task);
  // Run the task on the loop's thread and wait for its end. Any thread but the loop's.
  void run(std::function<void()> task);
  // Run the task once after the delay; forgotten when the loop ends. Loop thread only.
  void after(std::chrono::milliseconds delay, std::function<void()> task);
  uv_loop_s* handle();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace letterlock::amqp
