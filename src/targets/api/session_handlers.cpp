#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {
namespace {

SessionView view_of(const Caller& caller) {
  SessionView view{
      .email = caller.name, .role = std::string(to_string(caller.role)), .operator_ = caller.is_operator, .csrf_token = caller.csrf_token};
  if (caller.tenant_id) {
    view.tenant_id = caller.tenant_id->str();
    view.tenant_name = caller.tenant_name;
  }
  if (caller.expires_at) view.expires_at = to_rfc3339(*caller.expires_at);
  return view;
}

std::string cookie(const ApiDependencies& api, const std::string& value, std::chrono::seconds valid) {
  return std::string(session_cookie) + "=" + value + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(valid.count()) +
         (api.secure_cookies ? "; Secure" : "");
}

}  // namespace

http::Response create_session(const ApiDependencies& api, const http::Request& request) {
  const auto body = sign_in_body(request.body);
  if (!body) return refused(body.error(), request);
  const auto signed_in = api.access.sign_in(*body, request.peer_address);
  if (!signed_in) return refused(signed_in.error(), request);
  auto response = json(200, to_json(view_of(signed_in->caller)));
  response.headers.emplace_back("set-cookie", cookie(api, signed_in->session_token, signed_in->valid));
  return response;
}

http::Response get_session(const ApiDependencies&, const http::Request&, const Caller& caller) {
  return json(200, to_json(view_of(caller)));
}

http::Response delete_session(const ApiDependencies& api, const http::Request& request, const Caller& caller) {
  if (!caller.by_api_key)
    if (const auto done = api.access.sign_out(std::string(request.cookie(session_cookie))); !done) return refused(done.error(), request);
  return {.status = 204, .headers = {{"set-cookie", cookie(api, "", std::chrono::seconds(0))}, {"cache-control", "no-store"}}};
}

}  // namespace letterlock::api
