#pragma once

// Who may call a handler: the one place where sessions, API keys, roles and CSRF tokens are checked.

#include <memory>
#include <string>

#include "adapters/http/server.h"
#include "targets/api/api_routes.h"

namespace letterlock::api {

inline constexpr std::string_view session_cookie = "letterlock_session";

struct Needs {
  Role role = Role::viewer;  // at least
  bool tenant = true;        // the caller belongs to a tenant
  bool writes = false;       // sessions must send X-CSRF-Token
  bool is_operator = false;
  std::string_view scope = {};  // that an API key with scopes must have; empty: any key will do
};

using OpenHandler = http::Response (*)(const ApiDependencies&, const http::Request&);
using GuardedHandler = http::Response (*)(const ApiDependencies&, const http::Request&, const Caller&);

http::Handler guarded(std::shared_ptr<const ApiDependencies> dependencies, Needs needs, GuardedHandler handler);

// The caller, or: unauthenticated (nobody, or no longer), forbidden (role, CSRF token, no tenant).
Result<Caller> authorise(AccessBoard& access, const Needs& needs, const http::Request& request);

http::Response json(int status, std::string body);

}  // namespace letterlock::api
