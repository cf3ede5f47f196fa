#include "targets/api/guard.h"

#include <algorithm>

#include "adapters/crypto/crypto.h"
#include "base/log.h"
#include "model/enum_names.h"

namespace letterlock::api {
namespace {

constexpr EnumNames<Role, 4> role_names{
    {{Role::viewer, "viewer"}, {Role::analyst, "analyst"}, {Role::admin, "admin"}, {Role::owner, "owner"}}};

Result<Caller> authenticate(AccessBoard& access, const http::Request& request) {
  constexpr std::string_view bearer = "Bearer ";
  const auto authorization = request.header("authorization");
  if (authorization.starts_with(bearer)) {
    const auto key = authorization.substr(bearer.size());
    if (!key.starts_with("ll_")) return fail(ErrorKind::unauthenticated, "The Authorization header holds no API key.");
    return access.api_key(std::string(key));
  }
  const auto cookie = request.cookie(session_cookie);
  if (cookie.empty()) return fail(ErrorKind::unauthenticated, "Sign in, or send an API key.");
  return access.session(std::string(cookie));
}

}  // namespace

std::string_view to_string(Role role) { return name_in(role_names, role); }
std::optional<Role> role_from(std::string_view name) { return value_in(role_names, name); }

Result<Caller> authorise(AccessBoard& access, const Needs& needs, const http::Request& request) {
  auto caller = TRY(authenticate(access, request));
  if (needs.writes && !caller.by_api_key &&
      (caller.csrf_token.empty() || !crypto::equal_in_constant_time(request.header("x-csrf-token"), caller.csrf_token)))
    return fail(Error{.kind = ErrorKind::forbidden, .message = "The X-CSRF-Token header is not this session's.", .code = "csrf_token"});
  if (caller.by_api_key && !caller.scopes.empty() && !needs.scope.empty() &&
      std::ranges::find(caller.scopes, needs.scope) == caller.scopes.end())
    return fail(Error{.kind = ErrorKind::forbidden,
                      .message = "This needs an API key with the scope " + std::string(needs.scope) + ".",
                      .code = "scope"});
  if (needs.is_operator && !caller.is_operator) return fail(ErrorKind::forbidden, "Only operators of the installation may do this.");
  if (needs.tenant && !caller.tenant_id) return fail(ErrorKind::forbidden, "You belong to no company.");
  if (caller.role < needs.role)
    return fail(ErrorKind::forbidden,
                "This needs the role " + std::string(to_string(needs.role)) + "; you are " + std::string(to_string(caller.role)) + ".");
  return caller;
}

http::Handler guarded(std::shared_ptr<const ApiDependencies> dependencies, Needs needs, GuardedHandler handler) {
  return [dependencies = std::move(dependencies), needs, handler](const http::Request& request) {
    const auto caller = authorise(dependencies->access, needs, request);
    if (!caller) {
      if (caller.error().kind == ErrorKind::unavailable || caller.error().kind == ErrorKind::internal)
        write_log(log_level_of(caller.error().kind), "could not tell who calls", {{"reason", caller.error().message}});
      return http::problem(caller.error());
    }
    return handler(*dependencies, request, *caller);
  };
}

http::Response json(int status, std::string body) {
  return {.status = status, .headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}}, .body = std::move(body)};
}

}  // namespace letterlock::api
