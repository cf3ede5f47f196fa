#include "model/user.h"
#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {

http::Response list_connections(const ApiDependencies& api, const http::Request& request, const Caller& caller) {
  return answer(api.connections.list(*caller.tenant_id), request);
}

http::Response get_connection(const ApiDependencies& api, const http::Request& request, const Caller& caller) {
  const auto id = path_id<ConnectionId>(request, "connection_id");
  if (!id) return refused(id.error(), request);
  return answer(api.connections.get(*caller.tenant_id, *id), request);
}

http::Response create_connection(const ApiDependencies& api, const http::Request& request, const Caller& caller) {
  const auto body = new_connection_body(request.body);
  if (!body) return refused(body.error(), request);
  const auto id = api.connections.create(*caller.tenant_id, *body, caller);
  if (!id) return refused(id.error(), request);
  return answer(api.connections.get(*caller.tenant_id, *id), request, 201);
}

http::Response sync_connection(const ApiDependencies& api, const http::Request& request, const Caller& caller) {
  const auto id = path_id<ConnectionId>(request, "connection_id");
  if (!id) return refused(id.error(), request);
  const auto job = api.connections.sync(*caller.tenant_id, *id, caller);
  if (!job) return refused(job.error(), request);
  return json(202, "{\"job_id\":\"" + job->str() + "\"}");
}

http::Response list_jobs(const ApiDependencies& api, const http::Request& request, const Caller& caller) {
  const auto limit = limit_of(request);
  if (!limit) return refused(limit.error(), request);
  std::optional<JobState> state;
  if (const auto name = request.query_value("state")) {
    state = job_state_from(*name);
    if (!state) return refused({.kind = ErrorKind::invalid, .message = "state is queued, running, done or dead."}, request);
  }
  return answer(api.connections.jobs(*caller.tenant_id, state, *limit), request);
}

http::Response list_rules(const ApiDependencies& api, const http::Request& request, const Caller& caller) {
  return answer(api.rules(*caller.tenant_id), request);
}

http::Response list_tenants(const ApiDependencies& api, const http::Request& request, const Caller&) {
  return answer(api.tenants.list(), request);
}

}  // namespace letterlock::api
