#pragma once

// Every body that the providers answered, as lines of JSON for sim/clients/contract_check.py: {"provider","method","target",
// "kind","status","type","fault","body"}. Bounded; what no longer fits is counted and said in the last line. Owned by
// Simulator; any thread.

#include <cstdint>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>

#include "adapters/http/server.h"
#include "base/result.h"
#include "sim/call.h"

namespace letterlock::sim {

class Recorder {
 public:
  Recorder() = default;  // records nothing
  ~Recorder();
  Result<void> open(const std::string& file, std::size_t bytes_max);
  void write(const Call& call, const http::Response& response, std::string_view fault);

 private:
  static constexpr std::size_t body_bytes_max = 4 << 20;  // a longer one is counted as too long
  std::mutex mutex_;
  std::ofstream out_;
  std::size_t bytes_max_ = 0, bytes_ = 0;
  std::uint64_t recorded_ = 0, dropped_ = 0, too_long_ = 0;
};

}  // namespace letterlock::sim
