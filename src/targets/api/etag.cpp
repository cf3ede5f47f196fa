#include "base/encoding.h"
#include "targets/api/answers.h"

namespace letterlock::api {

bool matches(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    const auto end = if_none_match.find(',');
    auto one = if_none_match.substr(0, end);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == etag || one == "*") return true;
    if (end == std::string_view::npos) return false;
    if_none_match.remove_prefix(end + 1);
  }
  return false;
}

std::string etag_of(const http::Request& request, const Principal& caller, std::string_view version) {
  // Whoever asks is part of it: "me" is somebody else for each person.
  std::string asked = caller.tenant_id->str() + "\n" + caller.person_id.str() + "\n" + std::string(version) + "\n" + request.raw_path;
  for (const auto& [name, value] : request.query) asked += "\n" + name + "=" + value;
  return "\"" + sha256_hex(asked).substr(0, 32) + "\"";
}

}  // namespace letterlock::api
