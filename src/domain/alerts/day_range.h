#pragma once

// The days that a chart shows: whole ones in UTC, today the last.

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace letterlock {

struct DayRange {
  TimePoint begin;                // of the first day
  std::vector<std::string> days;  // YYYY-MM-DD, oldest first; at least one
};

// invalid: not 1 to 90 days.
inline Result<DayRange> last_days(int count, TimePoint now) {
  if (count < 1 || count > 90) return fail(ErrorKind::invalid, "days: 1 to 90");
  const auto today = std::chrono::floor<std::chrono::days>(now);
  const auto first = today - std::chrono::days(count - 1);
  DayRange range{.begin = TimePoint(first)};
  for (auto day = first; day <= today; day += std::chrono::days(1)) range.days.push_back(to_rfc3339(TimePoint(day)).substr(0, 10));
  return range;
}

}  // namespace letterlock
