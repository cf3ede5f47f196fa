#pragma once

// How Google's APIs word their answers. Pure; any thread.

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/server.h"
#include "sim/json.h"

namespace letterlock::sim::google {

inline constexpr std::string_view scope_root = "https://www.googleapis.com/auth/";

inline http::Response ok(const Json& body) {
  return {.headers = {{"Content-Type", "application/json; charset=UTF-8"}, {"Vary", "Origin"}, {"Vary", "X-Origin"}, {"Vary", "Referer"}},
          .body = body.dump()};
}

inline http::Response error(int code, std::string_view message, std::string_view reason, std::string_view status,
                            std::string_view domain = "global") {
  Json item = Json::object({{"message", message}, {"domain", domain}, {"reason", reason}});
  if (code == 401) item.set("location", "Authorization").set("locationType", "header");
  return {
      .status = code,
      .headers = {{"Content-Type", "application/json; charset=UTF-8"}},
      .body = Json::object(
                  {{"error", Json::object({{"code", code}, {"message", message}, {"errors", Json::array({item})}, {"status", status}})}})
                  .dump()};
}

inline http::Response oauth_error(int status, std::string_view error, std::string_view description) {
  return {
      .status = status,
      .headers = {{"Content-Type", "application/json; charset=utf-8"}, {"Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"}},
      .body = Json::object({{"error", error}, {"error_description", description}}).dump()};
}

inline http::Response not_found() { return error(404, "Requested entity was not found.", "notFound", "NOT_FOUND"); }
inline http::Response invalid(std::string_view message) { return error(400, message, "invalidArgument", "INVALID_ARGUMENT"); }

inline std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace letterlock::sim::google
