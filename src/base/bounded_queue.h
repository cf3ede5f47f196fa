#pragma once

// A blocking queue between two stages of a pipeline, bounded by the sum of its items' weights (bytes, or 1 each),
// so that a fast producer waits instead of filling memory. One item heavier than the bound passes alone. Any thread.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace letterlock {

template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::uint64_t weight_max) : weight_max_(weight_max) {}

  // Wait for room, then put the item in; false if the queue was closed (the item is dropped).
  bool push(T item, std::uint64_t weight = 1) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || items_.empty() || weight_ + weight <= weight_max_; });
    if (closed_) return false;
    weight_ += weight;
    items_.emplace_back(std::move(item), weight);
    changed_.notify_all();
    return true;
  }

  // Wait for an item; nullopt once the queue is closed and empty.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    auto [item, weight] = std::move(items_.front());
    items_.pop_front();
    weight_ -= weight;
    changed_.notify_all();
    return std::optional<T>(std::move(item));
  }

  // Let no more in; what is inside can still be taken out.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  const std::uint64_t weight_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<T, std::uint64_t>> items_;
  std::uint64_t weight_ = 0;
  bool closed_ = false;
};

}  // namespace letterlock
