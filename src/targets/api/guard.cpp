#include "targets/api/guard.h"

#include <algorithm>

#include "adapters/crypto/crypto.h"
#include "adapters/http/client_address.h"
#include "base/log.h"

namespace letterlock::api {
namespace {

Result<Principal> authenticate(AccessService& access, const http::Request& request) {
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

// Somebody, as an id that nobody else has.
std::string id_of(const Principal& principal) {
  return principal.by_api_key ? "key:" + principal.api_key_id : "person:" + principal.person_id.str();
}

Result<void> allow(const Principal& caller, const Needs& needs) {
  if (needs.session_only && caller.by_api_key)
    return fail(ErrorKind::forbidden, "This needs a person who is signed in; an API key will not do.");
  if (needs.role == Role::operator_ && caller.role != Role::operator_)
    return fail(ErrorKind::forbidden, "Only operators of the installation may do this.");
  if (needs.tenant && !caller.tenant_id) return fail(ErrorKind::forbidden, "You belong to no company.");
  if (caller.role < needs.role)
    return fail(ErrorKind::forbidden,
                "This needs the role " + std::string(to_string(needs.role)) + "; you are " + std::string(to_string(caller.role)) + ".");
  return {};
}

http::Response with_limit(http::Response response, const RateDecision& decision) {
  response.headers.emplace_back("ratelimit-policy",
                                "\"default\";q=" + std::to_string(decision.limit) + ";w=" + std::to_string(decision.window.count()));
  response.headers.emplace_back("ratelimit",
                                "\"default\";r=" + std::to_string(decision.remaining) + ";t=" + std::to_string(decision.reset.count()));
  return response;
}

http::Response too_many(const RateDecision& decision) {
  return with_limit(http::problem(Error{.kind = ErrorKind::throttled,
                                        .message = "More than " + std::to_string(decision.limit) + " requests in " +
                                                   std::to_string(decision.window.count()) + " s. Wait, then go on.",
                                        .retry_after = decision.reset}),
                    decision);
}

// What the body may be, whatever the call makes of it.
std::optional<http::Response> refused_body(const http::Request& request) {
  if (request.body.size() > body_bytes_max)
    return http::problem(413, "too_large", "The body is too large",
                         "A body has at most " + std::to_string(body_bytes_max / 1024) + " KiB.");
  if (request.body.empty()) return std::nullopt;
  auto type = request.header("content-type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  const bool is_json = std::ranges::equal(type, std::string_view("application/json"), {}, [](unsigned char c) { return std::tolower(c); });
  if (!is_json)
    return http::problem(415, "unsupported_media_type", "This type of body is not understood", "Send Content-Type: application/json.");
  return std::nullopt;
}

http::Response refused_call(const Error& error) {
  if (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::internal)
    write_log(log_level_of(error.kind), "an API call could not be admitted", {{"reason", error.message}});
  return http::problem(error);
}

// Done once for its Idempotency-Key; an answer that is no success is not kept, so that the call may be tried again.
http::Response run_once(const ApiDependencies& api, const http::Request& request, const Principal& caller, GuardedHandler handler) {
  const auto key = request.header("idempotency-key");
  if (key.empty()) return handler(api, request, caller);
  std::string asked = request.method + " " + request.raw_path + "?";
  for (const auto& [name, value] : request.query) asked += name + "=" + value + "&";
  const IdempotentCall call{
      .caller = id_of(caller), .tenant_id = caller.tenant_id, .key = std::string(key), .request = asked + "\n" + request.body};
  const auto kept = api.services.idempotency.begin(call);
  if (!kept) return refused_call(kept.error());
  if (*kept) {
    http::Response again = (*kept)->body.empty() ? http::Response{.status = (*kept)->status, .headers = {{"cache-control", "no-store"}}}
                                                 : json((*kept)->status, (*kept)->body);
    again.headers.emplace_back("idempotency-replayed", "true");
    return again;
  }
  auto response = handler(api, request, caller);
  const auto noted = response.status < 300 ? api.services.idempotency.finish(call, {.status = response.status, .body = response.body})
                                           : api.services.idempotency.forget(call);
  // The call is done; only its repetition would not be recognised before the key is free again.
  if (!noted) write_log(LogLevel::warn, "an Idempotency-Key could not be recorded", {{"reason", noted.error().message}});
  return response;
}

}  // namespace

Result<Principal> authorise(AccessService& access, const Needs& needs, const http::Request& request) {
  auto caller = TRY(authenticate(access, request));
  if (needs.writes && !caller.by_api_key &&
      (caller.csrf_token.empty() || !crypto::equal_in_constant_time(request.header("x-csrf-token"), caller.csrf_token)))
    return fail(Error{.kind = ErrorKind::forbidden, .message = "The X-CSRF-Token header is not this session's.", .code = "csrf_token"});
  TRY(allow(caller, needs));
  if (caller.by_api_key && !needs.scope.empty() && !std::ranges::contains(caller.scopes, needs.scope))
    return fail(Error{.kind = ErrorKind::forbidden,
                      .message = "This needs an API key with the scope " + std::string(needs.scope) + ".",
                      .code = "scope"});
  return caller;
}

http::Handler guarded(std::shared_ptr<const ApiDependencies> dependencies, Needs needs, GuardedHandler handler) {
  return [dependencies = std::move(dependencies), needs, handler](const http::Request& request) {
    const auto& api = *dependencies;
    const auto caller = authorise(api.services.access, needs, request);
    // Who is refused counts for its address, so that guessing keys and cookies has a limit too.
    const auto decision = api.limiter.take(caller ? id_of(*caller) : "address:" + http::address_group(request.client_address));
    if (!decision.allowed) return too_many(decision);
    if (!caller) return with_limit(refused_call(caller.error()), decision);
    if (auto refused = refused_body(request)) return with_limit(std::move(*refused), decision);
    return with_limit(needs.writes ? run_once(api, request, *caller, handler) : handler(api, request, *caller), decision);
  };
}

http::Handler unguarded(std::shared_ptr<const ApiDependencies> dependencies, OpenHandler handler) {
  return [dependencies = std::move(dependencies), handler](const http::Request& request) {
    const auto decision = dependencies->open_limiter.take(http::address_group(request.client_address));
    if (!decision.allowed) return too_many(decision);
    if (auto refused = refused_body(request)) return with_limit(std::move(*refused), decision);
    return with_limit(handler(*dependencies, request), decision);
  };
}

http::Response json(int status, std::string body) {
  return {.status = status, .headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}}, .body = std::move(body)};
}

}  // namespace letterlock::api
