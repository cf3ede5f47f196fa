#include "sim/microsoft_reply.h"

#include <algorithm>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/id.h"
#include "sim/mime_reader.h"
#include "sim/reply.h"

namespace letterlock::sim::graph {

static constexpr std::string_view json_type =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

http::Response ok(const Json& body) { return {.headers = {{"Content-Type", std::string(json_type)}}, .body = body.dump()}; }

http::Response error(int status, std::string_view code, std::string_view message) {
  const auto id = new_uuid();
  const auto date = to_rfc3339(std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())).substr(0, 19);
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}},
          .body = Json::object({{"error", Json::object({{"code", code},
                                                        {"message", message},
                                                        {"innerError",
                                                         Json::object({{"date", date}, {"request-id", id}, {"client-request-id", id}})}})}})
                      .dump()};
}

http::Response denied() { return error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."); }
http::Response item_not_found() { return error(404, "ErrorItemNotFound", "The specified object was not found in the store."); }

Preferences read_preferences(const http::Request& request) {
  Preferences preferences;
  for (const auto& [name, value] : request.headers) {
    if (name != "prefer") continue;
    const auto text = lower_case(value);
    preferences.immutable_ids = preferences.immutable_ids || text.find("idtype=\"immutableid\"") != std::string::npos;
    preferences.text_body = preferences.text_body || text.find("outlook.body-content-type=\"text\"") != std::string::npos;
    if (const auto at = text.find("odata.maxpagesize="); at != std::string::npos)
      preferences.page_size = static_cast<std::size_t>(std::max(1, std::atoi(text.c_str() + at + 18)));
  }
  return preferences;
}

void note_preferences(const Preferences& preferences, http::Response& response) {
  std::string applied;
  const auto add = [&](const std::string& text) { applied += (applied.empty() ? "" : ", ") + text; };
  if (preferences.immutable_ids) add("IdType=\"ImmutableId\"");
  if (preferences.page_size) add("odata.maxpagesize=" + std::to_string(*preferences.page_size));
  if (preferences.text_body) add("outlook.body-content-type=\"text\"");
  if (!applied.empty()) response.headers.emplace_back("Preference-Applied", applied);
}

std::optional<Json> read_token(const std::string& text) {
  const auto bytes = from_base64(text);
  return bytes ? Json::parse(*bytes) : std::nullopt;
}

// mailFolders('x') and mailFolders/x are the same to Graph.
std::vector<std::string> read_path(const http::Request& request) {
  std::vector<std::string> path;
  for (const auto& piece : split(request.raw_path.empty() ? request.path : request.raw_path, '/')) {
    const auto text = url_decoded(piece, false);
    const auto open = text.find("('");
    if (open != std::string::npos && text.ends_with("')")) {
      path.push_back(text.substr(0, open));
      path.push_back(text.substr(open + 2, text.size() - open - 4));
    } else {
      path.push_back(text);
    }
  }
  return path;
}

}  // namespace letterlock::sim::graph
