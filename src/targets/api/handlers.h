#pragma once

// The handlers behind the table in api_routes.cpp: parse, call a service, answer. Plain functions, named as the contract's operations;
// tests call them through the table.

#include "adapters/http/server.h"
#include "targets/api/api_routes.h"
#include "targets/api/bodies.h"

namespace letterlock::api {

http::Response create_session(const ApiDependencies& api, const http::Request& request);
http::Response preview_invitation(const ApiDependencies& api, const http::Request& request);
http::Response accept_invitation(const ApiDependencies& api, const http::Request& request);
http::Response preview_password_reset(const ApiDependencies& api, const http::Request& request);
http::Response use_password_reset(const ApiDependencies& api, const http::Request& request);

// session_handlers.cpp
http::Response get_session(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response delete_session(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response change_password(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response list_sessions(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response end_session(const ApiDependencies& api, const http::Request& request, const Principal& caller);

// alert_handlers.cpp
http::Response list_alerts(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response get_alert(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response change_alert(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response change_alerts(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response get_alert_message(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response list_similar_messages(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response get_entity(const ApiDependencies& api, const http::Request& request, const Principal& caller);

// suppression_handlers.cpp
http::Response list_suppressions(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response create_suppression(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response end_suppression(const ApiDependencies& api, const http::Request& request, const Principal& caller);

// statistics_handlers.cpp
http::Response get_alert_statistics(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response get_mail_statistics(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response get_coverage(const ApiDependencies& api, const http::Request& request, const Principal& caller);

// connection_handlers.cpp
http::Response list_connections(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response get_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response create_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response test_new_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response change_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response delete_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response test_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response rotate_connection_secret(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response sync_connection(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response list_mailboxes(const ApiDependencies& api, const http::Request& request, const Principal& caller);

// job_handlers.cpp
http::Response list_jobs(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response get_job(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response replay_job(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response get_installation(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response list_installation_jobs(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response replay_installation_job(const ApiDependencies& api, const http::Request& request, const Principal& caller);

// rule_handlers.cpp
http::Response list_rules(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response get_rule(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response change_rule(const ApiDependencies& api, const http::Request& request, const Principal& caller);

// people_handlers.cpp
http::Response list_people(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response change_person(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response delete_person(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response create_password_reset(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response list_invitations(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response create_invitation(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response delete_invitation(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response list_api_keys(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response create_api_key(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response delete_api_key(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response list_audit_log(const ApiDependencies& api, const http::Request& request, const Principal& caller);

// retention_handlers.cpp
http::Response get_retention(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response set_retention(const ApiDependencies& api, const http::Request& request, const Principal& caller);

// webhook_handlers.cpp
http::Response list_webhooks(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response create_webhook(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response change_webhook(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response delete_webhook(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response rotate_webhook_secret(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response ping_webhook(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response list_deliveries(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response replay_delivery(const ApiDependencies& api, const http::Request& request, const Principal& caller);

// tenant_handlers.cpp
http::Response list_tenants(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response create_tenant(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response get_tenant(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response change_tenant(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response delete_tenant(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response invite_owner(const ApiDependencies& api, const http::Request& request, const Principal& caller);
http::Response list_installation_audit_log(const ApiDependencies& api, const http::Request& request, const Principal& caller);

}  // namespace letterlock::api
