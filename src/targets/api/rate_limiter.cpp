#include "targets/api/rate_limiter.h"

#include <algorithm>

namespace letterlock::api {

void RateLimiter::make_room(TimePoint now) {
  if (windows_.size() < options_.callers_max) return;
  std::erase_if(windows_, [&](const auto& entry) { return entry.second.begun + options_.window <= now; });
  if (windows_.size() >= options_.callers_max) windows_.clear();
}

RateDecision RateLimiter::take(const std::string& caller) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  auto found = windows_.find(caller);
  if (found == windows_.end()) {
    make_room(now);
    found = windows_.emplace(caller, Window{.begun = now}).first;
  }
  auto& window = found->second;
  if (window.begun + options_.window <= now || window.begun > now) window = {.begun = now};
  const bool allowed = window.taken < options_.requests_max;
  if (allowed) ++window.taken;
  return {.allowed = allowed,
          .limit = options_.requests_max,
          .remaining = options_.requests_max - window.taken,
          .window = options_.window,
          .reset = std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(window.begun + options_.window - now))};
}

}  // namespace letterlock::api
