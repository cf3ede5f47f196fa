#include "targets/api/domain_services.h"

namespace letterlock::api {
namespace {

Caller caller_of(const Principal& principal) {
  const bool is_operator = principal.role == letterlock::Role::operator_;
  return {.person_id = principal.person_id,
          .name = principal.name,
          .role = is_operator ? Role::owner : role_from(letterlock::to_string(principal.role)).value_or(Role::viewer),
          .is_operator = is_operator,
          .tenant_id = principal.tenant_id,
          .tenant_name = principal.tenant_name,
          .by_api_key = principal.by_api_key,
          .scopes = principal.scopes,
          .csrf_token = principal.csrf_token,
          .expires_at = principal.expires_at};
}

std::optional<std::string> text_of(const std::optional<TimePoint>& time) {
  if (!time) return std::nullopt;
  return to_rfc3339(*time);
}

AlertView view_of(const Alert& alert) {
  return {.alert_id = alert.alert_id.str(),
          .rule_id = alert.newest.rule_id.str(),
          .title = alert.newest.title,
          .severity = std::string(letterlock::to_string(alert.newest.severity)),
          .status = alert.status,
          .subject = alert.newest.subject,
          .entity = alert.newest.entity,
          .message_subject = alert.newest.message_subject,
          .confidence = alert.newest.confidence,
          .sightings = alert.sightings,
          .first_seen_at = to_rfc3339(alert.first_seen_at),
          .last_seen_at = to_rfc3339(alert.last_seen_at)};
}

// The contract's word for how a connection stands.
std::string state_of(const ConnectionStatus& status) {
  if (status.state == "broken" || status.state == "paused") return status.state;
  const bool reading = status.state == "new" || status.mailboxes_caught_up < status.mailboxes_total;
  return reading ? "syncing" : "active";
}

ConnectionView view_of(const ConnectionStatus& status) {
  return {.connection_id = status.connection_id.str(),
          .name = status.name,
          .provider = std::string(letterlock::to_string(status.provider)),
          .state = state_of(status),
          .state_reason = status.state_reason,
          .last_sync_at = text_of(status.last_sync_at),
          .mailboxes_total = status.mailboxes_total,
          .mailboxes_caught_up = status.mailboxes_caught_up,
          .messages_stored = status.messages_stored,
          .messages_set_aside = status.messages_set_aside};
}

}  // namespace

Result<SignedIn> DomainAccess::sign_in(const SignInBody& body, const std::string&) {
  auto session = TRY(access_.sign_in(body.email, body.password));
  const auto now = clock_.now();
  const auto expires_at = session.principal.expires_at.value_or(now);
  return SignedIn{.session_token = std::move(session.token),
                  .valid = std::chrono::duration_cast<std::chrono::seconds>(expires_at - now),
                  .caller = caller_of(session.principal)};
}

Result<Caller> DomainAccess::session(const std::string& session_token) { return caller_of(TRY(access_.session(session_token))); }
Result<Caller> DomainAccess::api_key(const std::string& key) { return caller_of(TRY(access_.api_key(key))); }
Result<void> DomainAccess::sign_out(const std::string& session_token) { return access_.sign_out(session_token); }

Result<void> DomainAccess::audit(const Caller& caller, std::string_view action, std::string_view object) {
  return access_.audit({.person_id = caller.person_id, .name = caller.name, .tenant_id = caller.tenant_id, .by_api_key = caller.by_api_key},
                       action, object);
}

Result<AlertPageView> DomainAlerts::list(const TenantId& tenant, const AlertQuery& query) {
  auto page = TRY(alerts_.list(
      tenant,
      {.status = query.status, .severity = query.severity, .rule_id = query.rule_id, .cursor = query.cursor, .limit = query.limit}));
  AlertPageView view{.next_cursor = std::move(page.next_cursor)};
  for (const auto& alert : page.alerts) view.alerts.push_back(view_of(alert));
  return view;
}

Result<AlertDetailView> DomainAlerts::get(const TenantId& tenant, const AlertId& id) {
  const auto detail = TRY(alerts_.get(tenant, id));
  const auto& finding = detail.alert.newest;
  const auto text = rule_text_(finding.rule_id);
  AlertDetailView view{.alert = view_of(detail.alert),
                       .attack_technique = finding.attack_technique,
                       .description = text.description,
                       .runbook = text.runbook,
                       .rule_version = finding.rule_version,
                       .query_sql = finding.query_sql,
                       .query_parameters_json = finding.query_parameters_json,
                       .evidence_json = finding.evidence_json};
  for (const auto& sighting : detail.sightings)
    view.sighting_list.push_back({.mailbox_id = sighting.mailbox_id.str(),
                                  .provider_message_id = sighting.provider_message_id.str(),
                                  .message_id = sighting.message_id,
                                  .subject = sighting.subject,
                                  .message_subject = sighting.message_subject,
                                  .observed_at = to_rfc3339(sighting.observed_at)});
  for (const auto& event : detail.history)
    view.history.push_back(
        {.kind = event.kind, .status = event.status, .note = event.note, .actor = event.actor, .at = to_rfc3339(event.at)});
  return view;
}

Result<void> DomainAlerts::change(const TenantId& tenant, const AlertId& id, const AlertChangeBody& body, const Caller& caller) {
  return alerts_.change(tenant, id, body.status, body.note, caller.name);
}

Result<MessageKey> DomainAlerts::newest_message(const TenantId& tenant, const AlertId& id) {
  const auto detail = TRY(alerts_.get(tenant, id));
  if (detail.sightings.empty()) return fail(ErrorKind::not_found, "The alert names no message.");
  const auto& newest = detail.sightings.front();
  return MessageKey{.mailbox_id = newest.mailbox_id, .provider_message_id = newest.provider_message_id};
}

Result<std::vector<ConnectionView>> DomainConnections::list(const TenantId& tenant) {
  std::vector<ConnectionView> views;
  for (const auto& status : TRY(tenants_.connections(tenant))) views.push_back(view_of(status));
  return views;
}

Result<ConnectionDetailView> DomainConnections::get(const TenantId& tenant, const ConnectionId& id) {
  ConnectionDetailView view{.connection = view_of(TRY(tenants_.connection(tenant, id)))};
  for (const auto& [progress, updated_at] : TRY(tenants_.mailboxes(tenant, id)))
    view.mailboxes.push_back({.mailbox_id = progress.mailbox_id.str(),
                              .address = progress.address,
                              .state = std::string(letterlock::to_string(progress.state)),
                              .reason = progress.reason,
                              .messages_stored = progress.messages_stored,
                              .messages_set_aside = progress.messages_set_aside,
                              .caught_up = progress.caught_up,
                              .updated_at = text_of(updated_at)});
  return view;
}

Result<ConnectionId> DomainConnections::create(const TenantId& tenant, const NewConnectionBody& body, const Caller& caller) {
  const auto provider = provider_kind_from(body.provider);
  if (!provider) return fail(ErrorKind::invalid, "provider is google or microsoft.");
  TRY(access_.audit(caller, "connection.create", body.name));
  return tenants_.create_connection(
      tenant, {.name = body.name, .provider = *provider, .settings_json = body.settings_json, .secret_json = body.secret_json});
}

Result<JobId> DomainConnections::sync(const TenantId& tenant, const ConnectionId& id, const Caller&) {
  return tenants_.sync_now(tenant, id);
}

Result<std::vector<JobView>> DomainConnections::jobs(const TenantId& tenant, std::optional<JobState> state, int limit) {
  std::vector<JobView> views;
  for (const auto& job : TRY(tenants_.jobs(tenant, state, limit))) {
    JobView view{.job_id = job.message.job_id.str(),
                 .kind = std::string(letterlock::to_string(job.message.kind)),
                 .state = std::string(letterlock::to_string(job.state)),
                 .attempt = job.message.attempt,
                 .reason = job.reason,
                 .created_at = to_rfc3339(job.created_at),
                 .finished_at = text_of(job.finished_at)};
    if (!job.message.connection_id.empty()) view.connection_id = job.message.connection_id.str();
    views.push_back(std::move(view));
  }
  return views;
}

Result<std::vector<TenantView>> DomainTenants::list() {
  std::vector<TenantView> views;
  for (const auto& tenant : TRY(tenants_.list()))
    views.push_back(
        {.tenant_id = tenant.tenant_id.str(), .name = tenant.name, .connections = tenant.connections, .alerts_open = tenant.alerts_open});
  return views;
}

}  // namespace letterlock::api
