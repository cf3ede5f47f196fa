#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {
namespace {

SessionView view_of(const Principal& caller) {
  const bool is_operator = caller.role == Role::operator_;
  SessionView view{.email = caller.name,
                   .role = is_operator ? Role::owner : caller.role,
                   .operator_ = is_operator,
                   .csrf_token = caller.csrf_token,
                   .expires_at = caller.expires_at};
  if (caller.tenant_id) {
    view.tenant_id = caller.tenant_id->str();
    view.tenant_name = caller.tenant_name;
  }
  return view;
}

std::string cookie(const ApiDependencies& api, const std::string& value, std::chrono::seconds valid) {
  return std::string(session_cookie) + "=" + value + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(valid.count()) +
         (api.secure_cookies ? "; Secure" : "");
}

// The answer to whoever has just signed in.
http::Response signed_in(const ApiDependencies& api, const http::Request& request, const Result<Session>& session, int status) {
  if (!session) return refused(session.error(), request);
  if (const auto noted = audited(api, session->principal, "session.create", session->principal.name); !noted)
    return refused(noted.error(), request);
  auto response = json(status, to_json(view_of(session->principal)));
  response.headers.emplace_back("set-cookie", cookie(api, session->token, session_valid));
  return response;
}

}  // namespace

http::Response create_session(const ApiDependencies& api, const http::Request& request) {
  const auto body = sign_in_body(request.body);
  if (!body) return refused(body.error(), request);
  return signed_in(api, request, api.services.access.sign_in(body->email, body->password), 200);
}

http::Response get_session(const ApiDependencies&, const http::Request&, const Principal& caller) {
  return json(200, to_json(view_of(caller)));
}

http::Response delete_session(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  if (!caller.by_api_key)
    if (const auto ended = api.services.access.sign_out(std::string(request.cookie(session_cookie))); !ended)
      return refused(ended.error(), request);
  return {.status = 204, .headers = {{"set-cookie", cookie(api, "", std::chrono::seconds(0))}, {"cache-control", "no-store"}}};
}

http::Response change_password(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto body = password_change_body(request.body);
  if (!body) return refused(body.error(), request);
  if (const auto noted = audited(api, caller, "password.change", caller.name); !noted) return refused(noted.error(), request);
  return done(api.services.access.change_password(caller, body->password, body->new_password), request);
}

http::Response list_sessions(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto found = [&]() -> Result<SessionList> { return SessionList{TRY(api.services.access.sessions(caller))}; }();
  return answer(found, request);
}

http::Response end_session(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  return done(api.services.access.end_session(caller, request.path_parameters.at("session_id")), request);
}

http::Response preview_invitation(const ApiDependencies& api, const http::Request& request) {
  const auto token = link_token_body(request.body);
  if (!token) return refused(token.error(), request);
  return answer(api.services.people.preview(*token), request);
}

http::Response accept_invitation(const ApiDependencies& api, const http::Request& request) {
  const auto body = link_password_body(request.body);
  if (!body) return refused(body.error(), request);
  return signed_in(api, request, api.services.people.accept(body->token, body->password), 201);
}

http::Response preview_password_reset(const ApiDependencies& api, const http::Request& request) {
  const auto token = link_token_body(request.body);
  if (!token) return refused(token.error(), request);
  return answer(api.services.password_resets.preview(*token), request);
}

http::Response use_password_reset(const ApiDependencies& api, const http::Request& request) {
  const auto body = link_password_body(request.body);
  if (!body) return refused(body.error(), request);
  return signed_in(api, request, api.services.password_resets.use(body->token, body->password), 200);
}

}  // namespace letterlock::api
