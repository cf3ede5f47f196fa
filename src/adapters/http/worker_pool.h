#pragma once

// Threads that run queued work, with a bounded queue. Owned by the server; submit on any thread.

#include <chrono>
#include <functional>
#include <memory>

namespace letterlock::http {

class WorkerPool {
 public:
  WorkerPool(unsigned workers, std::size_t queued_max);
  ~WorkerPool();  // as stop(0)

  // False when the queue is full or the pool stops; the work is dropped then.
  bool submit(std::function<void()> work);
  // Run what is queued and running to its end, at most until the deadline; true if all of it ended. Work that is still
  // running then keeps its thread (detached) and must not touch what the caller owns.
  bool stop(std::chrono::milliseconds deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace letterlock::http
