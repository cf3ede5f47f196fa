#include "base/clock.h"

#include <cctype>
#include <charconv>
#include <format>

namespace letterlock {

// Field by field: a list holds two a row, and std::format takes several times as long for a time as a whole.
std::string to_rfc3339(TimePoint time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  return std::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", int(date.year()), unsigned(date.month()), unsigned(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::optional<TimePoint> from_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const auto number = [&](std::size_t at, std::size_t width) -> std::optional<int> {
    if (at + width > text.size()) return std::nullopt;
    int value = 0;
    const auto [end, code] = std::from_chars(text.data() + at, text.data() + at + width, value);
    if (code != std::errc{} || end != text.data() + at + width || text[at] == '-') return std::nullopt;
    return value;
  };
  const auto is = [&](std::size_t at, std::string_view any) { return at < text.size() && any.contains(text[at]); };

  const auto year_number = number(0, 4), month_number = number(5, 2), day_number = number(8, 2);
  const auto hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (!year_number || !month_number || !day_number || !hour || !minute || !second) return std::nullopt;
  if (!is(4, "-") || !is(7, "-") || !is(10, "Tt ") || !is(13, ":") || !is(16, ":")) return std::nullopt;
  const year_month_day date{year{*year_number}, month{static_cast<unsigned>(*month_number)}, day{static_cast<unsigned>(*day_number)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;

  std::size_t at = 19;
  std::int64_t fraction = 0;
  if (is(at, ".")) {
    ++at;
    std::int64_t scale = 100'000;
    const std::size_t first = at;
    for (; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])); ++at, scale /= 10) fraction += scale * (text[at] - '0');
    if (at == first || at - first > 9) return std::nullopt;
  }
  minutes offset{0};
  if (is(at, "Zz")) {
    ++at;
  } else if (is(at, "+-")) {
    const auto offset_hour = number(at + 1, 2), offset_minute = number(at + 4, 2);
    if (!offset_hour || !offset_minute || !is(at + 3, ":") || *offset_hour > 23 || *offset_minute > 59) return std::nullopt;
    offset = hours{*offset_hour} + minutes{*offset_minute};
    if (text[at] == '-') offset = -offset;
    at += 6;
  } else {
    return std::nullopt;
  }
  if (at != text.size()) return std::nullopt;
  return TimePoint{sys_days{date}} + hours{*hour} + minutes{*minute} + seconds{*second} + microseconds{fraction} - offset;
}

std::int64_t to_unix_micros(TimePoint time) { return time.time_since_epoch().count(); }
TimePoint from_unix_micros(std::int64_t micros) { return TimePoint{std::chrono::microseconds{micros}}; }

TimePoint SystemClock::now() const { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

bool SystemClock::wait(Duration duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

TimePoint ManualClock::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

bool ManualClock::wait(Duration duration, std::stop_token stop) {
  const std::lock_guard lock(mutex_);
  if (stop.stop_requested()) return false;
  now_ += duration;
  waited_ += duration;
  return true;
}

void ManualClock::advance(Duration duration) {
  const std::lock_guard lock(mutex_);
  now_ += duration;
}

Duration ManualClock::waited() const {
  const std::lock_guard lock(mutex_);
  return waited_;
}

}  // namespace letterlock
