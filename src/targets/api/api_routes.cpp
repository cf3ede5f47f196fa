#include "targets/api/api_routes.h"

#include <memory>

#include "targets/api/guard.h"
#include "targets/api/handlers.h"

namespace letterlock::api {

// In the contract's order; a test holds methods, paths, roles and scopes to it.
std::vector<http::Route> api_routes(ApiDependencies dependencies) {
  const auto shared = std::make_shared<const ApiDependencies>(std::move(dependencies));
  const auto open = [&](OpenHandler handler) { return unguarded(shared, handler); };
  const auto to = [&](Needs needs, GuardedHandler handler) { return guarded(shared, needs, handler); };
  return {
      {"POST", "/api/v1/session", open(create_session)},
      {"GET", "/api/v1/session", to({.tenant = false}, get_session)},
      {"DELETE", "/api/v1/session", to({.tenant = false, .writes = true}, delete_session)},
      {"PUT", "/api/v1/session/password", to({.tenant = false, .writes = true, .session_only = true}, change_password)},
      {"GET", "/api/v1/sessions", to({.tenant = false, .session_only = true}, list_sessions)},
      {"DELETE", "/api/v1/sessions/{session_id}", to({.tenant = false, .writes = true, .session_only = true}, end_session)},
      {"GET", "/api/v1/alerts", to({.scope = "alerts:read"}, list_alerts)},
      {"POST", "/api/v1/alerts/bulk", to({.role = Role::analyst, .writes = true, .scope = "alerts:write"}, change_alerts)},
      {"GET", "/api/v1/alerts/{alert_id}", to({.scope = "alerts:read"}, get_alert)},
      {"PATCH", "/api/v1/alerts/{alert_id}", to({.role = Role::analyst, .writes = true, .scope = "alerts:write"}, change_alert)},
      {"GET", "/api/v1/alerts/{alert_id}/message", to({.role = Role::analyst, .scope = "messages:read"}, get_alert_message)},
      {"GET", "/api/v1/alerts/{alert_id}/similar_messages", to({.role = Role::analyst, .scope = "messages:read"}, list_similar_messages)},
      {"GET", "/api/v1/entities/{entity}", to({.scope = "alerts:read"}, get_entity)},
      {"POST", "/api/v1/suppressions", to({.role = Role::analyst, .writes = true, .scope = "alerts:write"}, create_suppression)},
      {"GET", "/api/v1/suppressions", to({.scope = "alerts:read"}, list_suppressions)},
      {"DELETE", "/api/v1/suppressions/{suppression_id}",
       to({.role = Role::analyst, .writes = true, .scope = "alerts:write"}, end_suppression)},
      {"GET", "/api/v1/statistics/alerts", to({.scope = "alerts:read"}, get_alert_statistics)},
      {"GET", "/api/v1/statistics/mail", to({.scope = "connections:read"}, get_mail_statistics)},
      {"GET", "/api/v1/statistics/coverage", to({.scope = "connections:read"}, get_coverage)},
      {"POST", "/api/v1/connections", to({.role = Role::admin, .writes = true, .scope = "connections:write"}, create_connection)},
      {"GET", "/api/v1/connections", to({.scope = "connections:read"}, list_connections)},
      {"POST", "/api/v1/connections/test", to({.role = Role::admin, .writes = true, .scope = "connections:write"}, test_new_connection)},
      {"GET", "/api/v1/connections/{connection_id}", to({.scope = "connections:read"}, get_connection)},
      {"PATCH", "/api/v1/connections/{connection_id}",
       to({.role = Role::admin, .writes = true, .scope = "connections:write"}, change_connection)},
      {"DELETE", "/api/v1/connections/{connection_id}",
       to({.role = Role::admin, .writes = true, .scope = "connections:write"}, delete_connection)},
      {"POST", "/api/v1/connections/{connection_id}/test",
       to({.role = Role::admin, .writes = true, .scope = "connections:write"}, test_connection)},
      {"POST", "/api/v1/connections/{connection_id}/sync",
       to({.role = Role::analyst, .writes = true, .scope = "connections:write"}, sync_connection)},
      {"PUT", "/api/v1/connections/{connection_id}/secret",
       to({.role = Role::admin, .writes = true, .session_only = true}, rotate_connection_secret)},
      {"GET", "/api/v1/mailboxes", to({.scope = "connections:read"}, list_mailboxes)},
      {"GET", "/api/v1/jobs", to({.scope = "connections:read"}, list_jobs)},
      {"GET", "/api/v1/jobs/{job_id}", to({.scope = "connections:read"}, get_job)},
      {"POST", "/api/v1/jobs/{job_id}/replay", to({.role = Role::admin, .writes = true, .scope = "connections:write"}, replay_job)},
      {"GET", "/api/v1/rules", to({.scope = "alerts:read"}, list_rules)},
      {"GET", "/api/v1/rules/{rule_id}", to({.scope = "alerts:read"}, get_rule)},
      {"PATCH", "/api/v1/rules/{rule_id}", to({.role = Role::admin, .writes = true, .scope = "rules:write"}, change_rule)},
      {"GET", "/api/v1/people", to({.scope = "people:read"}, list_people)},
      {"PATCH", "/api/v1/people/{person_id}", to({.role = Role::admin, .writes = true, .session_only = true}, change_person)},
      {"DELETE", "/api/v1/people/{person_id}", to({.role = Role::admin, .writes = true, .session_only = true}, delete_person)},
      {"POST", "/api/v1/invitations", to({.role = Role::admin, .writes = true, .session_only = true}, create_invitation)},
      {"GET", "/api/v1/invitations", to({.role = Role::admin, .scope = "people:read"}, list_invitations)},
      {"DELETE", "/api/v1/invitations/{invitation_id}", to({.role = Role::admin, .writes = true, .session_only = true}, delete_invitation)},
      {"POST", "/api/v1/invitation/preview", open(preview_invitation)},
      {"POST", "/api/v1/invitation/accept", open(accept_invitation)},
      {"POST", "/api/v1/api_keys", to({.role = Role::admin, .writes = true, .session_only = true}, create_api_key)},
      {"GET", "/api/v1/api_keys", to({.role = Role::admin, .scope = "people:read"}, list_api_keys)},
      {"DELETE", "/api/v1/api_keys/{api_key_id}", to({.role = Role::admin, .writes = true, .session_only = true}, delete_api_key)},
      {"GET", "/api/v1/audit_log", to({.role = Role::admin, .scope = "audit:read"}, list_audit_log)},
      {"POST", "/api/v1/webhooks", to({.role = Role::admin, .writes = true, .scope = "webhooks:write"}, create_webhook)},
      {"GET", "/api/v1/webhooks", to({.role = Role::admin, .scope = "webhooks:read"}, list_webhooks)},
      {"PATCH", "/api/v1/webhooks/{webhook_id}", to({.role = Role::admin, .writes = true, .scope = "webhooks:write"}, change_webhook)},
      {"DELETE", "/api/v1/webhooks/{webhook_id}", to({.role = Role::admin, .writes = true, .scope = "webhooks:write"}, delete_webhook)},
      {"POST", "/api/v1/webhooks/{webhook_id}/secret",
       to({.role = Role::admin, .writes = true, .session_only = true}, rotate_webhook_secret)},
      {"POST", "/api/v1/webhooks/{webhook_id}/ping", to({.role = Role::admin, .writes = true, .scope = "webhooks:write"}, ping_webhook)},
      {"GET", "/api/v1/webhooks/{webhook_id}/deliveries", to({.role = Role::admin, .scope = "webhooks:read"}, list_deliveries)},
      {"POST", "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
       to({.role = Role::admin, .writes = true, .scope = "webhooks:write"}, replay_delivery)},
      {"POST", "/api/v1/tenants", to({.role = Role::operator_, .tenant = false, .writes = true, .session_only = true}, create_tenant)},
      {"GET", "/api/v1/tenants", to({.role = Role::operator_, .tenant = false, .session_only = true}, list_tenants)},
      {"GET", "/api/v1/tenants/{tenant_id}", to({.role = Role::operator_, .tenant = false, .session_only = true}, get_tenant)},
      {"PATCH", "/api/v1/tenants/{tenant_id}",
       to({.role = Role::operator_, .tenant = false, .writes = true, .session_only = true}, change_tenant)},
      {"DELETE", "/api/v1/tenants/{tenant_id}",
       to({.role = Role::operator_, .tenant = false, .writes = true, .session_only = true}, delete_tenant)},
      {"POST", "/api/v1/tenants/{tenant_id}/invitations",
       to({.role = Role::operator_, .tenant = false, .writes = true, .session_only = true}, invite_owner)},
      {"GET", "/api/v1/installation", to({.role = Role::operator_, .tenant = false, .session_only = true}, get_installation)},
      {"GET", "/api/v1/installation/jobs", to({.role = Role::operator_, .tenant = false, .session_only = true}, list_installation_jobs)},
      {"POST", "/api/v1/installation/jobs/{job_id}/replay",
       to({.role = Role::operator_, .tenant = false, .writes = true, .session_only = true}, replay_installation_job)},
      {"GET", "/api/v1/installation/audit_log",
       to({.role = Role::operator_, .tenant = false, .session_only = true}, list_installation_audit_log)},
      {"*", "/api/{path...}",
       [](const http::Request&) { return http::problem(404, "not_found", "Not found", "The API has no such path."); }},
  };
}

}  // namespace letterlock::api
