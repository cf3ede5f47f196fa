#include "adapters/http/worker_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace letterlock::http {

struct WorkerPool::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> queue;
  std::size_t queued_max = 0;
  unsigned threads_alive = 0;
  bool stopping = false;
  std::vector<std::thread> threads;
};

WorkerPool::WorkerPool(unsigned workers, std::size_t queued_max) : state_(std::make_shared<State>()) {
  state_->queued_max = queued_max;
  state_->threads_alive = workers;
  for (unsigned i = 0; i < workers; ++i)
    state_->threads.emplace_back([state = state_] {
      std::unique_lock lock(state->mutex);
      while (true) {
        state->changed.wait(lock, [&] { return state->stopping || !state->queue.empty(); });
        if (state->queue.empty()) break;
        auto work = std::move(state->queue.front());
        state->queue.pop_front();
        lock.unlock();
        work();
        work = nullptr;
        lock.lock();
      }
      --state->threads_alive;
      state->changed.notify_all();
    });
}

WorkerPool::~WorkerPool() { stop(std::chrono::milliseconds(0)); }

bool WorkerPool::submit(std::function<void()> work) {
  const std::lock_guard lock(state_->mutex);
  if (state_->stopping || state_->queue.size() >= state_->queued_max) return false;
  state_->queue.push_back(std::move(work));
  state_->changed.notify_one();
  return true;
}

bool WorkerPool::stop(std::chrono::milliseconds deadline) {
  std::vector<std::thread> threads;
  bool all_ended = false;
  {
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_all();
    all_ended = state_->changed.wait_for(lock, deadline, [&] { return state_->threads_alive == 0; });
    if (!all_ended) state_->queue.clear();
    threads.swap(state_->threads);
  }
  for (auto& thread : threads) {
    if (all_ended)
      thread.join();
    else
      thread.detach();
  }
  return all_ended;
}

}  // namespace letterlock::http
