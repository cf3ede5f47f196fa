#pragma once

// How the control endpoints answer. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/server.h"
#include "sim/json.h"

namespace letterlock::sim::control_reply {

inline http::Response answer(int status, const Json& body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()};
}
inline http::Response done() { return answer(200, Json::object({{"ok", true}})); }
inline http::Response wrong(std::string_view what) { return answer(400, Json::object({{"error", what}})); }
inline http::Response missing(std::string_view what) { return answer(404, Json::object({{"error", what}})); }

inline std::vector<std::string> strings(const Json* array) {
  std::vector<std::string> all;
  if (array)
    for (const auto& item : array->items()) all.push_back(item.string());
  return all;
}

}  // namespace letterlock::sim::control_reply
