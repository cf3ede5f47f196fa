#include "sim/fault_answers.h"

#include <charconv>
#include <ctime>

#include "sim/google_reply.h"
#include "sim/microsoft_auth.h"
#include "sim/microsoft_reply.h"

namespace letterlock::sim {
namespace {

// Short enough that a client which honours it waits within a test.
constexpr std::chrono::seconds retry_after{1};

std::string_view google_status(int status) {
  switch (status) {
    case 400:
      return "FAILED_PRECONDITION";
    case 403:
      return "PERMISSION_DENIED";
    case 429:
      return "RESOURCE_EXHAUSTED";
    case 503:
      return "UNAVAILABLE";
    case 504:
      return "DEADLINE_EXCEEDED";
    default:
      return "INTERNAL";
  }
}

http::Response front_end_page(int status) {
  const auto code = std::to_string(status);
  return {.status = status,
          .headers = {{"Content-Type", "text/html; charset=UTF-8"}},
          .body = "<!DOCTYPE html>\n<html lang=en>\n<title>Error " + code + " (Server Error)!!1</title>\n<p><b>" + code +
                  ".</b> That's an error.\n<p>The server encountered a temporary error and could not complete your request.\n"};
}

http::Response made(const FaultKind& kind, bool for_token, TimePoint now) {
  if (kind.body == "html") return front_end_page(kind.status);
  if (kind.body == "none") return {.status = kind.status};
  if (kind.provider == "google") {
    if (for_token) return google::oauth_error(kind.status, kind.code, kind.message);
    return google::error(kind.status, kind.message, kind.code, google_status(kind.status), kind.status == 403 ? "usageLimits" : "global");
  }
  if (!for_token) return graph::error(kind.status, kind.code, kind.message);
  int code = 0;
  std::from_chars(kind.message.data() + 6, kind.message.data() + kind.message.size(), code);  // "AADSTS<code>: text"
  return entra_error(kind.status, kind.code, code, kind.message.substr(kind.message.find(": ") + 2), now);
}

}  // namespace

std::string http_date(TimePoint time) {
  const auto seconds = static_cast<std::time_t>(to_unix_micros(time) / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

http::Response fault_answer(const FaultKind& kind, bool for_token, TimePoint now) {
  auto response = made(kind, for_token, now);
  if (kind.retry_after == "seconds") response.headers.emplace_back("Retry-After", std::to_string(retry_after.count()));
  // A date has no parts of a second: one more, so that it lies ahead.
  if (kind.retry_after == "date") response.headers.emplace_back("Retry-After", http_date(now + retry_after + std::chrono::seconds(1)));
  return response;
}

}  // namespace letterlock::sim
