#include "targets/api/api_routes.h"

#include <memory>

#include "targets/api/guard.h"
#include "targets/api/handlers.h"

namespace letterlock::api {

std::vector<http::Route> api_routes(ApiDependencies dependencies) {
  const auto shared = std::make_shared<const ApiDependencies>(std::move(dependencies));
  const auto open = [&](OpenHandler handler) {
    return http::Handler([=](const http::Request& request) { return handler(*shared, request); });
  };
  const auto to = [&](Needs needs, GuardedHandler handler) { return guarded(shared, needs, handler); };

  constexpr Needs anybody{.tenant = false};
  constexpr Needs leave{.tenant = false, .writes = true};
  constexpr Needs read_alerts{.scope = "alerts:read"};
  constexpr Needs change_alerts{.role = Role::analyst, .writes = true, .scope = "alerts:write"};
  constexpr Needs read_messages{.role = Role::analyst, .scope = "messages:read"};
  constexpr Needs read_connections{.scope = "connections:read"};
  constexpr Needs sync{.role = Role::analyst, .writes = true, .scope = "connections:write"};
  constexpr Needs manage{.role = Role::admin, .writes = true, .scope = "connections:write"};
  constexpr Needs operate{.tenant = false, .is_operator = true};

  return {
      {"POST", "/api/v1/session", open(create_session)},
      {"GET", "/api/v1/session", to(anybody, get_session)},
      {"DELETE", "/api/v1/session", to(leave, delete_session)},
      {"GET", "/api/v1/alerts", to(read_alerts, list_alerts)},
      {"GET", "/api/v1/alerts/{alert_id}", to(read_alerts, get_alert)},
      {"PATCH", "/api/v1/alerts/{alert_id}", to(change_alerts, change_alert)},
      {"GET", "/api/v1/alerts/{alert_id}/message", to(read_messages, get_alert_message)},
      {"GET", "/api/v1/connections", to(read_connections, list_connections)},
      {"POST", "/api/v1/connections", to(manage, create_connection)},
      {"GET", "/api/v1/connections/{connection_id}", to(read_connections, get_connection)},
      {"POST", "/api/v1/connections/{connection_id}/sync", to(sync, sync_connection)},
      {"GET", "/api/v1/jobs", to(read_connections, list_jobs)},
      {"GET", "/api/v1/rules", to(read_alerts, list_rules)},
      {"GET", "/api/v1/tenants", to(operate, list_tenants)},
      {"*", "/api/{path...}",
       [](const http::Request&) { return http::problem(404, "not_found", "Not found", "The API has no such path."); }},
  };
}

}  // namespace letterlock::api
