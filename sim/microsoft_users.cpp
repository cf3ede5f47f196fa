// Graph's users.

#include <algorithm>

#include "base/encoding.h"
#include "sim/microsoft_api.h"
#include "sim/microsoft_reply.h"
#include "sim/reply.h"

namespace letterlock::sim {

using namespace graph;

http::Response MicrosoftApi::users(const http::Request& request) {
  std::size_t top = 100;
  if (const auto text = request.query_value("$top")) {
    const auto value = std::atoi(text->c_str());
    if (value < 1 || value > 999)
      return error(400, "Request_BadRequest", "Invalid page size specified: '" + *text + "'. Must be between 1 and 999 inclusive.");
    top = static_cast<std::size_t>(value);
  }
  auto select_text = request.query_value("$select").value_or("");
  std::size_t begin = 0;
  if (const auto token = request.query_value("$skiptoken")) {
    const auto state = read_token(*token);
    if (!state || !state->find("n")) return error(400, "Request_BadRequest", "Invalid skip token.");
    begin = static_cast<std::size_t>(state->number("n", 0));
  }
  const auto select = read_select(select_text);
  if (select.contains("mailboxSettings")) return error(501, "NotImplemented", "mailboxSettings can be read for a single user only.");
  if (select.contains("signInActivity"))
    return error(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                 "Neither tenant is B2C or tenant doesn't have premium license");
  const auto end = std::min(state_.users().size(), begin + std::min(top, options_.page_size_max));
  Json value = Json::array();
  for (std::size_t i = begin; i < end; ++i)
    value.push(
        graph_user(state_.users()[i], state_.company(), condition("microsoft", state_.users()[i].person.address) != "suspended", select));
  Json body = Json::object({{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#users"}});
  if (end < state_.users().size())
    body.set("@odata.nextLink", own_root(request) + "/v1.0/users?" +
                                    (select_text.empty() ? "" : "$select=" + url_encode(select_text) + "&") +
                                    "$top=" + std::to_string(top) + "&$skiptoken=" + to_base64url(Json::object({{"n", end}}).dump()));
  body.set("value", std::move(value));
  return ok(body);
}

}  // namespace letterlock::sim
