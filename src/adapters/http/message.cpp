#include "adapters/http/server.h"

namespace letterlock::http {
namespace {

std::string json_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      constexpr char digits[] = "0123456789abcdef";
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

std::string_view title_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return "The request is invalid";
    case ErrorKind::unauthenticated:
      return "Sign in first";
    case ErrorKind::forbidden:
      return "Not allowed";
    case ErrorKind::not_found:
      return "Not found";
    case ErrorKind::conflict:
      return "Somebody was faster";
    case ErrorKind::throttled:
      return "Too many requests";
    case ErrorKind::unavailable:
      return "Not available at the moment";
    case ErrorKind::internal:
      return "Internal error";
  }
  return "Internal error";
}

}  // namespace

std::string_view Request::header(std::string_view lower_name) const {
  for (const auto& [name, value] : headers)
    if (name == lower_name) return value;
  return {};
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

std::vector<std::string> Request::query_values(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : query)
    if (key == name) values.push_back(value);
  return values;
}

std::string_view Request::cookie(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key != "cookie") continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto end = rest.find(';');
      auto pair = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
      while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
      const auto equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    }
  }
  return {};
}

Response problem(int status, std::string_view type, std::string_view title, std::string_view detail) {
  std::string body = "{\"type\":\"https://letterlock.dev/problems/" + json_escape(type) + "\",\"title\":\"" + json_escape(title) +
                     "\",\"status\":" + std::to_string(status);
  if (!detail.empty()) body += ",\"detail\":\"" + json_escape(detail) + "\"";
  body += "}";
  return {
      .status = status, .headers = {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}}, .body = std::move(body)};
}

Response problem(const Error& error) {
  const std::string_view type = error.code.empty() ? to_string(error.kind) : std::string_view(error.code);
  // A bug is not described to callers. A damaged file is: its message names what the operator does.
  const bool is_told = error.kind != ErrorKind::internal || error.code == "damaged_file";
  auto response = problem(status_of(error.kind), is_told ? type : "internal", title_of(error.kind), is_told ? error.message : "");
  if (error.retry_after) response.headers.emplace_back("retry-after", std::to_string(error.retry_after->count()));
  return response;
}

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return 400;
    case ErrorKind::unauthenticated:
      return 401;
    case ErrorKind::forbidden:
      return 403;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::throttled:
      return 429;
    case ErrorKind::unavailable:
      return 503;
    case ErrorKind::internal:
      return 500;
  }
  return 500;
}

}  // namespace letterlock::http
