#include <array>

#include "model/user.h"
#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {
namespace {

constexpr int mailboxes_shown_max = 1'000;
constexpr std::array<std::string_view, 4> mailbox_states{"active", "no_mailbox", "suspended", "failed"};

// The contract's word for how a connection stands.
std::string state_of(const ConnectionStatus& status) {
  if (status.state == "broken" || status.state == "stalled" || status.state == "paused") return status.state;
  const bool reading = status.state == "new" || status.mailboxes_caught_up < status.mailboxes_total;
  return reading ? "syncing" : "active";
}

ConnectionView view_of(const ConnectionStatus& status, const std::vector<JobStatus>& active_jobs) {
  ConnectionView view{.connection_id = status.connection_id.str(),
                      .name = status.name,
                      .provider = status.provider,
                      .state = state_of(status),
                      .state_reason = status.state_reason,
                      .state_code = status.state_code,
                      .last_sync_at = status.last_sync_at,
                      .mailboxes_total = status.mailboxes_total,
                      .mailboxes_caught_up = status.mailboxes_caught_up,
                      .messages_stored = status.messages_stored,
                      .messages_set_aside = status.messages_set_aside,
                      .interval_seconds = status.interval.count(),
                      .next_due_at = status.next_due_at};
  for (const auto& job : active_jobs)
    if (job.connection_id == status.connection_id) view.active_job = job;
  return view;
}

Result<ConnectionDetailView> detail_of(const ApiDependencies& api, const TenantId& tenant, const ConnectionId& id) {
  const auto status = TRY(api.services.tenants.connection(tenant, id));
  return ConnectionDetailView{
      .connection = view_of(status, TRY(api.services.jobs.active(tenant))),
      .settings = {TRY(api.services.tenants.settings(tenant, id))},
      .mailboxes = TRY(api.services.mailboxes.list(tenant, {.connection_id = id, .limit = mailboxes_shown_max})).mailboxes};
}

}  // namespace

http::Response list_connections(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto found = [&]() -> Result<ConnectionList> {
    const auto jobs = TRY(api.services.jobs.active(*caller.tenant_id));
    ConnectionList list;
    for (const auto& status : TRY(api.services.tenants.connections(*caller.tenant_id))) list.connections.push_back(view_of(status, jobs));
    return list;
  }();
  return answer(found, request);
}

http::Response get_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<ConnectionId>(request, "connection_id");
  if (!id) return refused(id.error(), request);
  return answer(detail_of(api, *caller.tenant_id, *id), request);
}

http::Response create_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto made = [&]() -> Result<ConnectionDetailView> {
    const auto body = TRY(new_connection_body(request.body));
    TRY(audited(api, caller, "connection.create", body.name));
    return detail_of(api, *caller.tenant_id, TRY(api.services.tenants.create_connection(*caller.tenant_id, body)));
  }();
  return answer(made, request, 201);
}

http::Response test_new_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto body = new_connection_body(request.body);
  if (!body) return refused(body.error(), request);
  return answer(api.probe.test({.connection_id = {},
                                .tenant_id = *caller.tenant_id,
                                .provider = body->provider,
                                .name = body->name,
                                .settings_json = body->settings_json,
                                .secret_json = body->secret_json,
                                .trusted_authserv_ids = {}}),
                request);
}

http::Response change_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<ConnectionId>(request, "connection_id");
  if (!id) return refused(id.error(), request);
  const auto changed = [&]() -> Result<ConnectionDetailView> {
    const auto change = TRY(connection_change_body(request.body));
    if (change.paused) TRY(audited(api, caller, *change.paused ? "connection.pause" : "connection.resume", id->str()));
    if (change.name || change.settings_json || change.interval) TRY(audited(api, caller, "connection.change", id->str()));
    TRY(api.services.tenants.change_connection(*caller.tenant_id, *id, change));
    return detail_of(api, *caller.tenant_id, *id);
  }();
  return answer(changed, request);
}

http::Response delete_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<ConnectionId>(request, "connection_id");
  if (!id) return refused(id.error(), request);
  if (const auto noted = audited(api, caller, "connection.delete", id->str()); !noted) return refused(noted.error(), request);
  return done(api.services.tenants.remove_connection(*caller.tenant_id, *id), request);
}

http::Response test_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<ConnectionId>(request, "connection_id");
  if (!id) return refused(id.error(), request);
  const auto connection = api.services.tenants.with_secret(*caller.tenant_id, *id);
  if (!connection) return refused(connection.error(), request);
  return answer(api.probe.test(*connection), request);
}

http::Response rotate_connection_secret(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<ConnectionId>(request, "connection_id");
  if (!id) return refused(id.error(), request);
  const auto rotated = [&]() -> Result<ConnectionTest> {
    const auto secret = TRY(new_secret_body(request.body));
    auto connection = TRY(api.services.tenants.with_secret(*caller.tenant_id, *id));
    TRY(audited(api, caller, "connection.rotate_secret", id->str()));
    connection.secret_json = secret;
    auto test = TRY(api.probe.test(connection));
    if (test.ok) TRY(api.services.tenants.change_connection(*caller.tenant_id, *id, {.secret_json = secret}));
    return test;
  }();
  return answer(rotated, request);
}

http::Response sync_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<ConnectionId>(request, "connection_id");
  if (!id) return refused(id.error(), request);
  const auto job = api.services.tenants.sync_now(*caller.tenant_id, *id);
  if (!job) return refused(job.error(), request);
  return json(202, to_json(Queued{job->str()}));
}

http::Response list_mailboxes(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto found = [&]() -> Result<MailboxPage> {
    MailboxFilter filter{.states = TRY(words_of(request, "state", mailbox_states)),
                         .caught_up = TRY(bool_of(request, "caught_up")),
                         .search = TRY(text_of(request, "search", 200)),
                         .cursor = TRY(cursor_of(request)),
                         .limit = TRY(limit_of(request))};
    if (const auto connection = TRY(text_of(request, "connection_id", 36))) filter.connection_id = ConnectionId(*connection);
    return api.services.mailboxes.list(*caller.tenant_id, filter);
  }();
  return answer(found, request);
}

}  // namespace letterlock::api
