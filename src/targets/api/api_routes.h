#pragma once

// The table of routes of /api/v1. app/ makes the services, adds the internal routes, the probes and the console's files, and
// hands all to one http server. The services must outlive the routes; handlers run on the server's workers.

#include <functional>
#include <vector>

#include "adapters/http/server.h"
#include "ports/storage.h"
#include "targets/api/services.h"

namespace letterlock::api {

struct ApiDependencies {
  AccessBoard& access;
  AlertBoard& alerts;
  ConnectionBoard& connections;
  TenantBoard& tenants;
  Storage& storage;
  // The rules as they stand for one tenant, ordered by id.
  std::function<Result<std::vector<RuleView>>(const TenantId&)> rules;
  bool secure_cookies = false;  // behind TLS
};

std::vector<http::Route> api_routes(ApiDependencies dependencies);

}  // namespace letterlock::api
