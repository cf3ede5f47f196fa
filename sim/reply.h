#pragma once

// Small pieces both APIs use to read requests and write answers. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/server.h"
#include "sim/json.h"

namespace letterlock::sim {

std::vector<std::string> split(std::string_view text, char separator);  // empty pieces left out
std::string url_decoded(std::string_view text, bool plus_is_space);
std::vector<std::pair<std::string, std::string>> read_form(std::string_view text);
std::string field(const std::vector<std::pair<std::string, std::string>>& form, std::string_view name);  // first value or empty
// A request for "GET /path?query" that arrived inside a batch.
http::Request inner_request(std::string_view method, std::string_view target);
// Path and query, decoded but for the path, as orders of faults match them.
std::string target_of(const http::Request& request);
// The "scheme://host" under which the caller reached us, for absolute links.
std::string own_root(const http::Request& request);
// Whether a URL is ours: this path under the host that the caller used, http or https.
bool is_own_url(const http::Request& request, std::string_view url, std::string_view path);
std::string_view reason_phrase(int status);

}  // namespace letterlock::sim
