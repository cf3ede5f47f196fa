#pragma once

// The handlers behind the table in api_routes.cpp: parse, call a service, answer. Plain functions; tests call them through
// the table.

#include "adapters/http/server.h"
#include "targets/api/api_routes.h"

namespace letterlock::api {

http::Response create_session(const ApiDependencies& api, const http::Request& request);
http::Response get_session(const ApiDependencies& api, const http::Request& request, const Caller& caller);
http::Response delete_session(const ApiDependencies& api, const http::Request& request, const Caller& caller);

http::Response list_alerts(const ApiDependencies& api, const http::Request& request, const Caller& caller);
http::Response get_alert(const ApiDependencies& api, const http::Request& request, const Caller& caller);
http::Response change_alert(const ApiDependencies& api, const http::Request& request, const Caller& caller);
http::Response get_alert_message(const ApiDependencies& api, const http::Request& request, const Caller& caller);

http::Response list_connections(const ApiDependencies& api, const http::Request& request, const Caller& caller);
http::Response create_connection(const ApiDependencies& api, const http::Request& request, const Caller& caller);
http::Response get_connection(const ApiDependencies& api, const http::Request& request, const Caller& caller);
http::Response sync_connection(const ApiDependencies& api, const http::Request& request, const Caller& caller);

http::Response list_jobs(const ApiDependencies& api, const http::Request& request, const Caller& caller);
http::Response list_rules(const ApiDependencies& api, const http::Request& request, const Caller& caller);
http::Response list_tenants(const ApiDependencies& api, const http::Request& request, const Caller& caller);

}  // namespace letterlock::api
