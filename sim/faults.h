#pragma once

// Faults on order: answers that a test wants instead of the right ones. Owned by Simulator; any thread.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/http/server.h"

namespace letterlock::sim {

struct Fault {
  std::string provider;
  std::string match;  // part of the path and query
  int status = 0;     // 0: keep the right answer (to delay or cut it)
  int times = 1;
  std::optional<std::string> retry_after;
  std::optional<std::size_t> cut_after_bytes;
  std::optional<std::string> body;
  std::chrono::milliseconds delay{0};
};

class Faults {
 public:
  void add(Fault fault) {
    const std::lock_guard lock(mutex_);
    faults_.push_back(std::move(fault));
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    faults_.clear();
  }
  // The fault for this request, if one is left; counts it.
  std::optional<Fault> take(const std::string& provider, const std::string& target) {
    const std::lock_guard lock(mutex_);
    for (auto& fault : faults_)
      if (fault.times > 0 && fault.provider == provider && target.find(fault.match) != std::string::npos) {
        --fault.times;
        return fault;
      }
    return std::nullopt;
  }

 private:
  std::mutex mutex_;
  std::vector<Fault> faults_;
};

}  // namespace letterlock::sim
