#pragma once

// Time as a parameter. TimePoint is UTC with microseconds, which is what PostgreSQL, DuckDB and Arrow keep.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace letterlock {

using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

// RFC 3339 in UTC: "2026-11-23T21:11:20.000000Z" (always six digits).
std::string to_rfc3339(TimePoint time);
// Parse RFC 3339 with any offset and 0 to 9 fractional digits (beyond six are cut); nullopt if it is something else.
std::optional<TimePoint> from_rfc3339(std::string_view text);
std::int64_t to_unix_micros(TimePoint time);
TimePoint from_unix_micros(std::int64_t micros);

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  // Wait for the duration or until stop is requested; true if the whole duration passed. Any thread.
  virtual bool wait(Duration duration, std::stop_token stop) = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
  bool wait(Duration duration, std::stop_token stop) override;
};

// A clock for tests: stands still until advanced. wait() advances it at once and returns (so back-off costs no real time).
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start) : now_(start) {}
  TimePoint now() const override;
  bool wait(Duration duration, std::stop_token stop) override;
  void advance(Duration duration);
  Duration waited() const;  // the sum of all wait() calls so far

 private:
  mutable std::mutex mutex_;
  TimePoint now_;
  Duration waited_{0};
};

}  // namespace letterlock
