#pragma once

// How many requests a caller may still send: a window of fixed length per caller, in this process' memory. Bounded: beyond callers_max the
// windows that are over are dropped, then all. Any thread.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace letterlock::api {

struct RateLimiterOptions {
  std::int64_t requests_max = 1'200;  // of one caller in one window
  std::chrono::seconds window{60};
  std::size_t callers_max = 100'000;
};

struct RateDecision {
  bool allowed = true;
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  std::chrono::seconds window{60};
  std::chrono::seconds reset{0};  // until the window is over; at least 1 s
};

class RateLimiter {
 public:
  RateLimiter(const Clock& clock, RateLimiterOptions options = {}) : clock_(clock), options_(options) {}
  // Counts one request of this caller.
  RateDecision take(const std::string& caller);

 private:
  struct Window {
    TimePoint begun;
    std::int64_t taken = 0;
  };
  void make_room(TimePoint now);

  const Clock& clock_;
  const RateLimiterOptions options_;
  std::mutex mutex_;
  std::unordered_map<std::string, Window> windows_;
};

}  // namespace letterlock::api
