#pragma once

// How Graph words its answers, and what a request asks of them (Prefer). Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/server.h"
#include "sim/json.h"

namespace letterlock::sim::graph {

http::Response ok(const Json& body);
http::Response error(int status, std::string_view code, std::string_view message);
http::Response denied();
http::Response item_not_found();

struct Preferences {
  bool immutable_ids = false;
  bool text_body = false;
  std::optional<std::size_t> page_size;
};
Preferences read_preferences(const http::Request& request);
void note_preferences(const Preferences& preferences, http::Response& response);

std::optional<Json> read_token(const std::string& text);  // a skip or delta token of ours
std::vector<std::string> read_path(const http::Request& request);

}  // namespace letterlock::sim::graph
