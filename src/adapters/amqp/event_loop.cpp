#include "adapters/amqp/event_loop.h"

#include <uv.h>

#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"

namespace letterlock::amqp {

struct EventLoop::State {
  uv_loop_t loop{};
  uv_async_t wake{};
  std::mutex mutex;
  std::vector<std::function<void()>> tasks;
  bool ending = false;
  std::thread thread;

  void run_tasks() {
    std::vector<std::function<void()>> ready;
    bool end = false;
    {
      const std::lock_guard lock(mutex);
      ready.swap(tasks);
      end = ending;
    }
    for (auto& task : ready) task();
    if (!end) return;
    uv_walk(
        &loop,
        [](uv_handle_t* handle, void* self) {
          if (uv_is_closing(handle)) return;
          auto* close = handle->type == UV_TIMER ? +[](uv_handle_t* timer) { delete static_cast<std::function<void()>*>(timer->data); delete reinterpret_cast<uv_timer_t*>(timer); }
                                                 : nullptr;
          (void)self;
          uv_close(handle, close);
        },
        this);
  }
};

EventLoop::EventLoop() : state_(std::make_unique<State>()) {
  CHECK(uv_loop_init(&state_->loop) == 0);
  state_->wake.data = state_.get();
  CHECK(uv_async_init(&state_->loop, &state_->wake, [](uv_async_t* wake) { static_cast<State*>(wake->data)->run_tasks(); }) == 0);
  state_->thread = std::thread([state = state_.get()] { uv_run(&state->loop, UV_RUN_DEFAULT); });
}

EventLoop::~EventLoop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  uv_async_send(&state_->wake);
  state_->thread.join();
  CHECK(uv_loop_close(&state_->loop) == 0);
}

void EventLoop::post(std::function<void()> task) {
  const std::lock_guard lock(state_->mutex);
  if (state_->ending) return;
  state_->tasks.push_back(std::move(task));
  uv_async_send(&state_->wake);
}

void EventLoop::run(std::function<void()> task) {
  std::promise<void> done;
  post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

void EventLoop::after(std::chrono::milliseconds delay, std::function<void()> task) {
  auto* timer = new uv_timer_t();
  uv_timer_init(&state_->loop, timer);
  timer->data = new std::function<void()>(std::move(task));
  const auto fire = [](uv_timer_t* fired) {
    (*static_cast<std::function<void()>*>(fired->data))();
    uv_close(reinterpret_cast<uv_handle_t*>(fired), [](uv_handle_t* closed) {
      delete static_cast<std::function<void()>*>(closed->data);
      delete reinterpret_cast<uv_timer_t*>(closed);
    });
  };
  uv_timer_start(timer, fire, static_cast<std::uint64_t>(std::max<std::int64_t>(delay.count(), 0)), 0);
}

uv_loop_s* EventLoop::handle() { return &state_->loop; }

}  // namespace letterlock::amqp
