#include "app/api_boards.h"

#include <algorithm>
#include <fstream>

namespace letterlock {
namespace {

api::Caller caller_of(const Principal& principal) {
  api::Caller caller{.person_id = principal.person_id,
                     .name = principal.name,
                     .tenant_id = principal.tenant_id,
                     .tenant_name = principal.tenant_name,
                     .by_api_key = principal.by_api_key,
                     .csrf_token = principal.csrf_token,
                     .expires_at = principal.expires_at};
  switch (principal.role) {
    case Role::viewer:
      caller.role = api::Role::viewer;
      break;
    case Role::analyst:
      caller.role = api::Role::analyst;
      break;
    case Role::admin:
      caller.role = api::Role::admin;
      break;
    case Role::owner:
      caller.role = api::Role::owner;
      break;
    case Role::operator_:
      caller.is_operator = true;
      break;  // runs the installation, reads no tenant's mail
  }
  return caller;
}

api::AlertView view_of(const Alert& alert) {
  return {.alert_id = alert.alert_id.str(),
          .rule_id = alert.newest.rule_id.str(),
          .title = alert.newest.title,
          .severity = std::string(to_string(alert.newest.severity)),
          .status = alert.status,
          .subject = alert.newest.subject,
          .entity = alert.newest.entity,
          .message_subject = alert.newest.message_subject,
          .confidence = alert.newest.confidence,
          .sightings = alert.sightings,
          .first_seen_at = to_rfc3339(alert.first_seen_at),
          .last_seen_at = to_rfc3339(alert.last_seen_at)};
}

std::optional<std::string> text_of(const std::optional<TimePoint>& time) {
  if (!time) return std::nullopt;
  return to_rfc3339(*time);
}

api::ConnectionView view_of(const ConnectionStatus& status) {
  return {.connection_id = status.connection_id.str(),
          .name = status.name,
          .provider = std::string(to_string(status.provider)),
          .state = status.state,
          .state_reason = status.state_reason,
          .last_sync_at = text_of(status.last_sync_at),
          .mailboxes_total = status.mailboxes_total,
          .mailboxes_caught_up = status.mailboxes_caught_up,
          .messages_stored = status.messages_stored,
          .messages_set_aside = status.messages_set_aside};
}

}  // namespace

Result<api::SignedIn> AccessBoardOverDomain::sign_in(const api::SignInBody& body, const std::string&) {
  const auto session = TRY(access_.sign_in(body.email, body.password));
  const auto expires_at = session.principal.expires_at.value_or(clock_.now() + std::chrono::hours(12));
  return api::SignedIn{.session_token = session.token,
                       .valid = std::chrono::duration_cast<std::chrono::seconds>(expires_at - clock_.now()),
                       .caller = caller_of(session.principal)};
}
Result<api::Caller> AccessBoardOverDomain::session(const std::string& session_token) {
  return caller_of(TRY(access_.session(session_token)));
}
Result<api::Caller> AccessBoardOverDomain::api_key(const std::string& key) { return caller_of(TRY(access_.api_key(key))); }
Result<void> AccessBoardOverDomain::sign_out(const std::string& session_token) { return access_.sign_out(session_token); }
Result<void> AccessBoardOverDomain::audit(const api::Caller& caller, std::string_view action, std::string_view object) {
  return access_.audit({.person_id = caller.person_id,
                        .name = caller.name,
                        .tenant_id = caller.tenant_id,
                        .tenant_name = caller.tenant_name,
                        .by_api_key = caller.by_api_key},
                       action, object);
}

Result<std::string> AlertBoardOverDomain::version(const TenantId& tenant) { return alerts_.version(tenant); }

Result<api::AlertPageView> AlertBoardOverDomain::list(const TenantId& tenant, const api::AlertQuery& query) {
  const auto page = TRY(alerts_.list(
      tenant,
      {.status = query.status, .severity = query.severity, .rule_id = query.rule_id, .cursor = query.cursor, .limit = query.limit}));
  api::AlertPageView view{.next_cursor = page.next_cursor};
  for (const auto& alert : page.alerts) view.alerts.push_back(view_of(alert));
  return view;
}

Result<api::AlertDetailView> AlertBoardOverDomain::get(const TenantId& tenant, const AlertId& alert) {
  const auto detail = TRY(alerts_.get(tenant, alert));
  const auto& finding = detail.alert.newest;
  api::AlertDetailView view{.alert = view_of(detail.alert),
                            .attack_technique = finding.attack_technique,
                            .rule_version = finding.rule_version,
                            .query_sql = finding.query_sql,
                            .query_parameters_json = finding.query_parameters_json,
                            .evidence_json = finding.evidence_json};
  if (const auto* rule = pack_.find(finding.rule_id)) {  // a retired rule's alerts stay readable
    view.description = rule->description;
    std::ifstream runbook(rules_folder_ + "/" + rule->id.str() + ".md");
    view.runbook.assign(std::istreambuf_iterator<char>(runbook), {});
  }
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

Result<void> AlertBoardOverDomain::change(const TenantId& tenant, const AlertId& alert, const api::AlertChangeBody& body,
                                          const api::Caller& caller) {
  return alerts_.change(tenant, alert, body.status, body.note, caller.name);
}

Result<api::MessageKey> AlertBoardOverDomain::newest_message(const TenantId& tenant, const AlertId& alert) {
  const auto detail = TRY(alerts_.get(tenant, alert));
  if (detail.sightings.empty()) return fail(ErrorKind::not_found, "the alert has no sighting");
  return api::MessageKey{.mailbox_id = detail.sightings.front().mailbox_id,
                         .provider_message_id = detail.sightings.front().provider_message_id};
}

Result<std::vector<api::ConnectionView>> ConnectionBoardOverDomain::list(const TenantId& tenant) {
  std::vector<api::ConnectionView> views;
  for (const auto& status : TRY(tenants_.connections(tenant))) views.push_back(view_of(status));
  return views;
}

Result<api::ConnectionDetailView> ConnectionBoardOverDomain::get(const TenantId& tenant, const ConnectionId& connection) {
  api::ConnectionDetailView view{.connection = view_of(TRY(tenants_.connection(tenant, connection)))};
  for (const auto& mailbox : TRY(tenants_.mailboxes(tenant, connection)))
    view.mailboxes.push_back({.mailbox_id = mailbox.progress.mailbox_id.str(),
                              .address = mailbox.progress.address,
                              .state = std::string(to_string(mailbox.progress.state)),
                              .reason = mailbox.progress.reason,
                              .messages_stored = mailbox.progress.messages_stored,
                              .messages_set_aside = mailbox.progress.messages_set_aside,
                              .caught_up = mailbox.progress.caught_up,
                              .updated_at = text_of(mailbox.updated_at)});
  return view;
}

Result<ConnectionId> ConnectionBoardOverDomain::create(const TenantId& tenant, const api::NewConnectionBody& body, const api::Caller&) {
  const auto provider = provider_kind_from(body.provider);
  // An archive is read from this server's own disk: only `letterlock import` and `connection create` may name paths.
  if (!provider || *provider == ProviderKind::archive) return fail(ErrorKind::invalid, "provider: use google or microsoft");
  const auto connection = TRY(tenants_.create_connection(
      tenant, {.name = body.name, .provider = *provider, .settings_json = body.settings_json, .secret_json = body.secret_json}));
  TRY(tenants_.sync_now(tenant, connection));
  return connection;
}

Result<JobId> ConnectionBoardOverDomain::sync(const TenantId& tenant, const ConnectionId& connection, const api::Caller&) {
  return tenants_.sync_now(tenant, connection);
}

Result<std::vector<api::JobView>> ConnectionBoardOverDomain::jobs(const TenantId& tenant, std::optional<JobState> state, int limit) {
  std::vector<api::JobView> views;
  for (const auto& job : TRY(tenants_.jobs(tenant, state, limit))) {
    const auto& connection = job.message.connection_id;
    views.push_back({.job_id = job.message.job_id.str(),
                     .connection_id = connection.empty() ? std::nullopt : std::optional(connection.str()),
                     .kind = std::string(to_string(job.message.kind)),
                     .state = std::string(to_string(job.state)),
                     .attempt = job.message.attempt,
                     .reason = job.reason,
                     .created_at = to_rfc3339(job.created_at),
                     .finished_at = text_of(job.finished_at)});
  }
  return views;
}

Result<std::vector<api::TenantView>> TenantBoardOverDomain::list() {
  std::vector<api::TenantView> views;
  for (const auto& tenant : TRY(tenants_.list()))
    views.push_back(
        {.tenant_id = tenant.tenant_id.str(), .name = tenant.name, .connections = tenant.connections, .alerts_open = tenant.alerts_open});
  return views;
}

Result<std::vector<api::RuleView>> rules_of(const detection::RulePack& pack, ControlPlane& control, const TenantId& tenant) {
  const auto settings = TRY(control.get_rule_settings(ClaimedJob{.message = {.tenant_id = tenant}}));
  std::vector<api::RuleView> views;
  for (const auto& rule : pack.rules()) {
    const auto found = std::ranges::find(settings, rule.id, &RuleSetting::rule_id);
    views.push_back({.rule_id = rule.id.str(),
                     .title = rule.title,
                     .severity = std::string(to_string(rule.severity)),
                     .attack_technique = rule.attack_technique,
                     .description = rule.description,
                     .enabled = found == settings.end() || found->enabled});
  }
  return views;
}

}  // namespace letterlock
