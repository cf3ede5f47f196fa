#pragma once

// Structured logging: LOG(info, "message", {{"tenant", id}, …}) writes one JSON line to standard error.
// Values never hold secrets or mail content: ids, counts, reasons and durations only. Any thread.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/id.h"
#include "base/result.h"

namespace letterlock {

enum class LogLevel { debug, info, warn, error };

struct LogField {
  template <class T>
  LogField(std::string_view name, const T& field) : key(name) {
    if constexpr (std::is_same_v<T, bool>)
      value = field ? "true" : "false", quoted = false;
    else if constexpr (std::is_arithmetic_v<T>)
      value = std::to_string(field), quoted = false;
    else
      value = std::string(field);
  }
  template <class Tag>
  LogField(std::string_view name, const Id<Tag>& id) : key(name), value(id.str()) {}

  std::string_view key;
  std::string value;
  bool quoted = true;
};

// Set once at start, before other threads: the least level written, and the name that every line carries as "target".
void set_log(LogLevel least, std::string target);
void write_log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
std::optional<LogLevel> log_level_from(std::string_view name);
// The level at which an error of this kind is logged (style.md's table).
LogLevel log_level_of(ErrorKind kind);

}  // namespace letterlock

#define LOG(level, ...) ::letterlock::write_log(::letterlock::LogLevel::level, __VA_ARGS__)
