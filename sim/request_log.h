#pragma once

// Counts of answered requests by provider, kind and status, for tests of paging and retries. Owned by Simulator; any thread.

#include <map>
#include <mutex>
#include <string>

#include "sim/json.h"

namespace letterlock::sim {

class RequestLog {
 public:
  void count(const std::string& provider, const std::string& kind, int status) {
    const std::lock_guard lock(mutex_);
    ++counts_[provider][kind];
    ++statuses_[provider][std::to_string(status)];
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    counts_.clear();
    statuses_.clear();
  }
  // {"google":{"messages.list":3,…},"microsoft":{…},"statuses":{"google":{"200":3}}}
  Json json() const {
    const std::lock_guard lock(mutex_);
    Json all = Json::object({{"google", Json::object()}, {"microsoft", Json::object()}});
    const auto table = [](const auto& counts) {
      Json one = Json::object();
      for (const auto& [key, count] : counts) one.set(key, count);
      return one;
    };
    for (const auto& [provider, counts] : counts_) all.set(provider, table(counts));
    Json statuses = Json::object();
    for (const auto& [provider, counts] : statuses_) statuses.set(provider, table(counts));
    all.set("statuses", std::move(statuses));
    return all;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::string, std::uint64_t>> counts_;
  std::map<std::string, std::map<std::string, std::uint64_t>> statuses_;
};

}  // namespace letterlock::sim
