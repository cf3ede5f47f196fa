#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "base/clock.h"

namespace letterlock {
namespace {

struct Sink {
  Sink() : logger(std::make_shared<spdlog::logger>("letterlock", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
    logger->set_pattern("%v");
    logger->flush_on(spdlog::level::trace);
  }
  std::shared_ptr<spdlog::logger> logger;
  LogLevel least = LogLevel::info;
  std::string target;
};

// The process writes one log; this is the only global state in base.
Sink& sink() {
  static Sink instance;
  return instance;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          static constexpr std::string_view digits = "0123456789abcdef";
          out += "\\u00";
          out += digits[static_cast<unsigned char>(c) >> 4];
          out += digits[static_cast<unsigned char>(c) & 0x0f];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

constexpr std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

}  // namespace

void set_log(LogLevel least, std::string target) {
  sink().least = least;
  sink().target = std::move(target);
}

void write_log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  Sink& log = sink();
  if (level < log.least) return;
  std::string line = "{\"time\":\"" + to_rfc3339(SystemClock{}.now()) + "\",\"level\":\"";
  line += level_name(level);
  line += '"';
  if (!log.target.empty()) {
    line += ",\"target\":";
    append_json_string(line, log.target);
  }
  line += ",\"message\":";
  append_json_string(line, message);
  for (const LogField& field : fields) {
    line += ',';
    append_json_string(line, field.key);
    line += ':';
    if (field.quoted)
      append_json_string(line, field.value);
    else
      line += field.value;
  }
  line += '}';
  log.logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

std::optional<LogLevel> log_level_from(std::string_view name) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error})
    if (level_name(level) == name) return level;
  return std::nullopt;
}

LogLevel log_level_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::unauthenticated:
    case ErrorKind::unavailable:
      return LogLevel::warn;
    case ErrorKind::internal:
      return LogLevel::error;
    default:
      return LogLevel::info;
  }
}

}  // namespace letterlock
