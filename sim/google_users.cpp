// The Directory API: users.list and users.get.

#include <algorithm>

#include "base/encoding.h"
#include "sim/google_api.h"
#include "sim/google_reply.h"
#include "sim/mime_reader.h"

namespace letterlock::sim {

using namespace google;

Json GoogleApi::directory_user(const GoogleUser& user) const {
  const auto& person = user.person;
  Json json = Json::object({
      {"kind", "admin#directory#user"},
      {"id", user.id},
      {"etag", "\"" + to_base64url(sha256(user.id)).substr(0, 27) + "\""},
      {"primaryEmail", person.address},
      {"name", Json::object({{"givenName", person.given}, {"familyName", person.family}, {"fullName", person.name()}})},
      {"isAdmin", user.is_admin},
      {"isDelegatedAdmin", false},
      {"lastLoginTime", "2026-01-12T08:14:03.000Z"},
      {"creationTime", "2021-03-01T09:30:00.000Z"},
      {"agreedToTerms", true},
      {"suspended", condition("google", person.address) == "suspended"},
      {"archived", false},
      {"changePasswordAtNextLogin", false},
      {"ipWhitelisted", false},
      {"emails", Json::array({Json::object({{"address", person.address}, {"primary", true}})})},
      {"languages", Json::array({Json::object({{"languageCode", "en"}, {"preference", "preferred"}})})},
      {"customerId", "C03az79cb"},
      {"orgUnitPath", "/"},
      {"isMailboxSetup", condition("google", person.address) != "no-mailbox"},
      {"isEnrolledIn2Sv", user.id.back() % 3 != 0},
      {"isEnforcedIn2Sv", false},
      {"includeInGlobalAddressList", true},
  });
  if (condition("google", person.address) == "suspended") json.set("suspensionReason", "ADMIN");
  json.set(
      "organizations",
      Json::array({Json::object({{"title", person.job_title}, {"department", person.department}, {"primary", true}, {"customType", ""}})}));
  return json;
}

http::Response GoogleApi::users(const http::Request& request, const GoogleToken& token, const std::vector<std::string>& path) {
  if (!token.scopes.contains(std::string(scope_root) + "admin.directory.user.readonly"))
    return error(403, "Request had insufficient authentication scopes.", "insufficientPermissions", "PERMISSION_DENIED");
  const auto* admin = state_.user(token.subject);
  if (!admin || !admin->is_admin) return error(403, "Not Authorized to access this resource/api", "forbidden", "PERMISSION_DENIED");
  if (path.size() == 5) {
    const auto* user = state_.user(path[4]);
    return user ? ok(directory_user(*user)) : error(404, "Resource Not Found: userKey", "notFound", "NOT_FOUND");
  }
  const auto customer = request.query_value("customer");
  const auto domain = request.query_value("domain");
  if (!customer && !domain) return error(400, "Bad Request", "badRequest", "INVALID_ARGUMENT");
  if (domain && !equal_ignoring_case(*domain, state_.domain())) return error(404, "Domain not found.", "notFound", "NOT_FOUND");
  if (customer && *customer != "my_customer" && *customer != "C03az79cb")
    return error(400, "Invalid Input: customer", "invalid", "INVALID_ARGUMENT");
  const auto asked = request.query_value("maxResults");
  if (asked && (!read_number(*asked) || *read_number(*asked) == 0 || *read_number(*asked) > 500))
    return error(400, "Invalid Input: maxResults", "invalid", "INVALID_ARGUMENT");

  Json body =
      Json::object({{"kind", "admin#directory#users"}, {"etag", "\"" + to_base64url(sha256(state_.domain())).substr(0, 27) + "\""}});
  if (request.query_value("showDeleted").value_or("") == "true") return ok(body);  // nobody was deleted: "users" is absent
  std::size_t begin = 0;
  if (const auto page = request.query_value("pageToken"); page && !page->empty()) {
    const auto text = from_base64(*page);
    const auto number = text && text->starts_with("U") ? read_number(std::string_view(*text).substr(1)) : std::nullopt;
    if (!number) return error(400, "Invalid Input: pageToken", "invalid", "INVALID_ARGUMENT");
    begin = *number;
  }
  const auto end = std::min(state_.users().size(), begin + page_size(request, 100, 500));
  Json users = Json::array();
  for (std::size_t i = begin; i < end; ++i) users.push(directory_user(state_.users()[i]));
  body.set("users", std::move(users));
  if (end < state_.users().size()) body.set("nextPageToken", to_base64url("U" + std::to_string(end)));
  return ok(body);
}

}  // namespace letterlock::sim
