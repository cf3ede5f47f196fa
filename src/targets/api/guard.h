#pragma once

// Who may call a handler, how often, and with what body: the one place where sessions, API keys, roles, CSRF tokens, rate limits and
// Idempotency-Keys are checked.

#include <memory>
#include <string>

#include "adapters/http/server.h"
#include "targets/api/api_routes.h"

namespace letterlock::api {

inline constexpr std::string_view session_cookie = "letterlock_session";
inline constexpr std::size_t body_bytes_max = 256 * 1024;  // of a call; beyond: 413

struct Needs {
  Role role = Role::viewer;     // at least; operator_: exactly
  bool tenant = true;           // the caller belongs to a tenant
  bool writes = false;          // sessions must send X-CSRF-Token; Idempotency-Key is honoured
  bool session_only = false;    // no API key will do
  std::string_view scope = {};  // that an API key must have; empty: any key will do
};

using OpenHandler = http::Response (*)(const ApiDependencies&, const http::Request&);
using GuardedHandler = http::Response (*)(const ApiDependencies&, const http::Request&, const Principal&);

http::Handler guarded(std::shared_ptr<const ApiDependencies> dependencies, Needs needs, GuardedHandler handler);
// For everybody: limits of body and, per address, of rate alone; its own, because it costs much and asks for no proof.
http::Handler unguarded(std::shared_ptr<const ApiDependencies> dependencies, OpenHandler handler);

// The caller, or: unauthenticated (nobody, or no longer), forbidden (role, scope, CSRF token, no tenant, suspended).
Result<Principal> authorise(AccessService& access, const Needs& needs, const http::Request& request);

http::Response json(int status, std::string body);

}  // namespace letterlock::api
