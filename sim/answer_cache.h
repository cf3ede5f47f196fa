#pragma once

// Answers that were rendered once and are sent again while their mailbox has not changed, so that the simulator is fast
// enough to measure others by. Bounded in bytes: what no longer fits is rendered each time. Owned by Simulator; any thread.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "adapters/http/server.h"

namespace letterlock::sim {

class AnswerCache {
 public:
  explicit AnswerCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  bool is_on() const { return bytes_max_ > 0; }
  // The answer kept under this key for this version of the mailbox.
  std::shared_ptr<const http::Response> find(const std::string& key, std::uint64_t version) const {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(key);
    return found != kept_.end() && found->second.version == version ? found->second.response : nullptr;
  }
  void keep(const std::string& key, std::uint64_t version, http::Response response) {
    const auto size = key.size() + response.body.size() + overhead_bytes;
    const std::lock_guard lock(mutex_);
    if (const auto old = kept_.find(key); old != kept_.end()) {
      bytes_ -= old->second.size;
      kept_.erase(old);
    }
    if (bytes_ + size > bytes_max_) return;
    bytes_ += size;
    kept_.emplace(key, Kept{version, size, std::make_shared<const http::Response>(std::move(response))});
  }

 private:
  static constexpr std::size_t overhead_bytes = 512;  // headers and the map's node
  struct Kept {
    std::uint64_t version = 0;
    std::size_t size = 0;
    std::shared_ptr<const http::Response> response;
  };
  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Kept> kept_;
  std::size_t bytes_ = 0;
};

}  // namespace letterlock::sim
