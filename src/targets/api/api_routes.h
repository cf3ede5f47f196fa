#pragma once

// The table of routes of /api/v1. app/ makes the services, adds the internal routes, the probes and the console's files, and
// hands all to one http server. What is referred to must outlive the routes; handlers run on the server's workers.

#include <vector>

#include "adapters/http/server.h"
#include "domain/alerts/mail_history.h"
#include "domain/tenants/connection_probe.h"
#include "ports/storage.h"
#include "targets/api/rate_limiter.h"
#include "targets/api/rule_catalogue.h"
#include "targets/api/services.h"

namespace letterlock::api {

struct ApiDependencies {
  Services& services;
  Storage& storage;
  MailHistory& mail;
  ConnectionProbe& probe;
  const RuleCatalogue& rules;
  RateLimiter& limiter;
  RateLimiter& open_limiter;    // of an address, for what needs nobody: sign-in, invitations, links for a new password
  bool secure_cookies = false;  // behind TLS
};

std::vector<http::Route> api_routes(ApiDependencies dependencies);

}  // namespace letterlock::api
