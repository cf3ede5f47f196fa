#pragma once

// One good call of every operation of the contract, for tests: what it is sent to is made anew each time, so that calls do not
// depend on each other's order.

#include <functional>
#include <map>
#include <string>

#include "tests/support/api_rig.h"

namespace letterlock::api {

using testing::ApiRig;
using testing::Ask;
using testing::must;

struct OperationCall {
  std::function<Ask(ApiRig&, const std::string& as)> make;
  bool of_one_row = false;  // of the company's: somebody else gets 404
};

inline std::string quoted(const std::string& text) { return "\"" + text + "\""; }

inline std::map<std::string, OperationCall> operation_calls() {
  std::map<std::string, OperationCall> calls;
  const auto plain = [&](const std::string& id, const std::string& method, const std::string& path, const std::string& body = "") {
    calls[id] = {.make = [=](ApiRig&, const std::string&) { return Ask{.method = method, .path = path, .body = body}; }};
  };
  const auto of_row = [&](const std::string& id, std::function<Ask(ApiRig&)> make) {
    calls[id] = {.make = [make](ApiRig& rig, const std::string&) { return make(rig); }, .of_one_row = true};
  };
  const auto made = [&](const std::string& id, std::function<Ask(ApiRig&)> make) {
    calls[id] = {.make = [make](ApiRig& rig, const std::string&) { return make(rig); }};
  };
  const auto alert = [](ApiRig& rig) { return "/alerts/" + rig.alert.str(); };
  const auto new_connection = [](ApiRig& rig) { return "/connections/" + rig.rig.new_connection(rig.tenant, new_uuid()).str(); };
  const auto new_person = [](ApiRig& rig, Role role) { return rig.person(new_uuid() + "@firma.example", role, rig.tenant); };
  const auto invitation = [](ApiRig& rig) {
    return must(rig.services.people.invite(rig.people.at("owner"), rig.tenant, new_uuid() + "@firma.example", Role::viewer));
  };
  const auto webhook = [](ApiRig& rig) {
    rig.rig.database.sql("DELETE FROM webhooks");
    return must(rig.services.webhooks.create(rig.tenant, {.name = new_uuid(), .url = "https://hooks.example/", .events = {"job.dead"}}))
        .webhook.webhook_id;
  };
  const auto dead_job = [](ApiRig& rig) {
    const auto id = new_uuid();
    rig.rig.database.sql("UPDATE jobs SET state = 'done' WHERE kind = 'analysis'");
    rig.rig.database.sql("INSERT INTO jobs (job_id, tenant_id, kind, state, finished_at, reason) VALUES ('" + id + "', '" +
                         rig.tenant.str() + "', 'analysis', 'dead', now(), 'it broke')");
    return id;
  };

  plain("create_session", "POST", "/session", R"({"email":"viewer@firma.example","password":"correct horse battery"})");
  plain("get_session", "GET", "/session");
  plain("delete_session", "DELETE", "/session");
  plain("change_password", "PUT", "/session/password", R"({"password":"correct horse battery","new_password":"correct horse battery"})");
  plain("list_sessions", "GET", "/sessions");
  calls["end_session"] = {.make =
                              [](ApiRig& rig, const std::string& as) {
                                const auto whose = as.empty() || as == "other" || as.starts_with("ll_") ? "viewer" : as;
                                const auto token = rig.session(whose).token;
                                return Ask{.method = "DELETE", .path = "/sessions/" + must(rig.services.access.session(token)).session_id};
                              },
                          .of_one_row = true};

  plain("list_alerts", "GET", "/alerts?status=open&status=in_progress&severity=high&search=boss");
  of_row("change_alerts", [](ApiRig& rig) {
    return Ask{
        .method = "POST", .path = "/alerts/bulk", .body = R"({"alert_ids":[")" + rig.alert.str() + R"("],"change":{"note":"seen"}})"};
  });
  of_row("get_alert", [=](ApiRig& rig) { return Ask{.path = alert(rig)}; });
  of_row("change_alert", [=](ApiRig& rig) {
    return Ask{.method = "PATCH",
               .path = alert(rig),
               .body = R"({"status":"in_progress","assignee_id":)" + quoted(rig.people.at("analyst").person_id.str()) +
                       R"(,"feedback":"fraud","note":"called the vendor"})"};
  });
  of_row("get_alert_message", [=](ApiRig& rig) { return Ask{.path = alert(rig) + "/message"}; });
  of_row("list_similar_messages", [=](ApiRig& rig) { return Ask{.path = alert(rig) + "/similar_messages"}; });
  of_row("get_entity", [](ApiRig&) { return Ask{.path = "/entities/boss%40firma-example.com"}; });
  plain("list_suppressions", "GET", "/suppressions?active=true");
  made("create_suppression", [](ApiRig& rig) {
    return Ask{.method = "POST",
               .path = "/suppressions",
               .body = R"({"key":{"rule_id":"mail/x","entity":"e@x.example"},"reason":"a drill","until":")" +
                       to_rfc3339(rig.rig.clock.now() + std::chrono::hours(1)) + "\"}"};
  });
  of_row("end_suppression", [](ApiRig& rig) {
    const auto suppression = must(rig.services.suppressions.create(
        rig.tenant, {.key = {.entity = "x"}, .reason = "r", .until = rig.rig.clock.now() + std::chrono::hours(1)}, "anna"));
    return Ask{.method = "DELETE", .path = "/suppressions/" + suppression.suppression_id};
  });

  plain("get_alert_statistics", "GET", "/statistics/alerts?days=7");
  plain("get_mail_statistics", "GET", "/statistics/mail");
  plain("get_coverage", "GET", "/statistics/coverage");
  plain("get_retention", "GET", "/retention");
  plain("set_retention", "PUT", "/retention", R"({"retention_days":365})");

  plain("list_connections", "GET", "/connections");
  const auto connection_body = [] {
    return R"({"name":")" + new_uuid() + R"(","provider":"microsoft","settings":{"tenant":"x"},"secret":{"client_secret":"s"}})";
  };
  made("create_connection", [=](ApiRig&) { return Ask{.method = "POST", .path = "/connections", .body = connection_body()}; });
  made("test_new_connection", [=](ApiRig&) { return Ask{.method = "POST", .path = "/connections/test", .body = connection_body()}; });
  of_row("get_connection", [](ApiRig& rig) { return Ask{.path = "/connections/" + rig.connection.str()}; });
  of_row("change_connection", [=](ApiRig& rig) {
    return Ask{
        .method = "PATCH", .path = new_connection(rig), .body = R"({"paused":true,"interval_seconds":60,"settings":{"tenant":"y"}})"};
  });
  of_row("delete_connection", [=](ApiRig& rig) { return Ask{.method = "DELETE", .path = new_connection(rig)}; });
  of_row("test_connection", [=](ApiRig& rig) { return Ask{.method = "POST", .path = new_connection(rig) + "/test"}; });
  of_row("sync_connection", [=](ApiRig& rig) { return Ask{.method = "POST", .path = new_connection(rig) + "/sync"}; });
  of_row("rotate_connection_secret", [=](ApiRig& rig) {
    return Ask{.method = "PUT", .path = new_connection(rig) + "/secret", .body = R"({"secret":{"client_secret":"new"}})"};
  });
  plain("list_mailboxes", "GET", "/mailboxes?state=failed&caught_up=false&search=anna");
  plain("list_jobs", "GET", "/jobs?state=dead&kind=analysis");
  of_row("get_job", [=](ApiRig& rig) { return Ask{.path = "/jobs/" + dead_job(rig)}; });
  of_row("replay_job", [=](ApiRig& rig) { return Ask{.method = "POST", .path = "/jobs/" + dead_job(rig) + "/replay"}; });

  plain("list_rules", "GET", "/rules");
  plain("get_rule", "GET", "/rules/mail%2Fvip_near_name");
  plain("change_rule", "PATCH", "/rules/mail%2Fvip_near_name", R"({"enabled":true,"severity_override":"low","confidence_min":0.25})");

  plain("list_people", "GET", "/people");
  of_row("change_person", [=](ApiRig& rig) {
    return Ask{.method = "PATCH", .path = "/people/" + new_person(rig, Role::viewer).person_id.str(), .body = R"({"role":"analyst"})"};
  });
  of_row("delete_person",
         [=](ApiRig& rig) { return Ask{.method = "DELETE", .path = "/people/" + new_person(rig, Role::viewer).person_id.str()}; });
  of_row("create_password_reset", [=](ApiRig& rig) {
    return Ask{.method = "POST", .path = "/people/" + new_person(rig, Role::viewer).person_id.str() + "/password_reset"};
  });
  const auto reset = [=](ApiRig& rig) {
    return must(rig.services.password_resets.make(rig.people.at("owner"), new_person(rig, Role::viewer).person_id)).token;
  };
  made("preview_password_reset", [=](ApiRig& rig) {
    return Ask{.method = "POST", .path = "/password_reset/preview", .body = R"({"token":)" + quoted(reset(rig)) + "}"};
  });
  made("use_password_reset", [=](ApiRig& rig) {
    return Ask{.method = "POST",
               .path = "/password_reset/use",
               .body = R"({"token":)" + quoted(reset(rig)) + R"(,"password":"a long enough password"})"};
  });
  plain("list_invitations", "GET", "/invitations");
  made("create_invitation", [](ApiRig&) {
    return Ask{.method = "POST", .path = "/invitations", .body = R"({"email":")" + new_uuid() + R"(@firma.example","role":"viewer"})"};
  });
  of_row("delete_invitation",
         [=](ApiRig& rig) { return Ask{.method = "DELETE", .path = "/invitations/" + invitation(rig).invitation.invitation_id}; });
  made("preview_invitation", [=](ApiRig& rig) {
    return Ask{.method = "POST", .path = "/invitation/preview", .body = R"({"token":)" + quoted(invitation(rig).token) + "}"};
  });
  made("accept_invitation", [=](ApiRig& rig) {
    return Ask{.method = "POST",
               .path = "/invitation/accept",
               .body = R"({"token":)" + quoted(invitation(rig).token) + R"(,"password":"a long enough password"})"};
  });
  plain("list_api_keys", "GET", "/api_keys");
  made("create_api_key", [](ApiRig&) {
    return Ask{
        .method = "POST", .path = "/api_keys", .body = R"({"name":")" + new_uuid() + R"(","role":"viewer","scopes":["alerts:read"]})"};
  });
  of_row("delete_api_key", [](ApiRig& rig) {
    const auto key =
        must(rig.services.api_keys.create(rig.people.at("owner"), {.name = new_uuid(), .role = Role::viewer, .scopes = {"alerts:read"}}));
    return Ask{.method = "DELETE", .path = "/api_keys/" + key.api_key.api_key_id};
  });
  plain("list_audit_log", "GET", "/audit_log?action=message.&actor=a");

  plain("list_webhooks", "GET", "/webhooks");
  made("create_webhook", [=](ApiRig& rig) {
    webhook(rig);
    return Ask{.method = "POST",
               .path = "/webhooks",
               .body = R"({"name":")" + new_uuid() + R"(","url":"https://hooks.example/in","events":["alert.created","job.dead"]})"};
  });
  of_row("change_webhook",
         [=](ApiRig& rig) { return Ask{.method = "PATCH", .path = "/webhooks/" + webhook(rig), .body = R"({"enabled":false})"}; });
  of_row("delete_webhook", [=](ApiRig& rig) { return Ask{.method = "DELETE", .path = "/webhooks/" + webhook(rig)}; });
  of_row("rotate_webhook_secret", [=](ApiRig& rig) { return Ask{.method = "POST", .path = "/webhooks/" + webhook(rig) + "/secret"}; });
  of_row("ping_webhook", [=](ApiRig& rig) { return Ask{.method = "POST", .path = "/webhooks/" + webhook(rig) + "/ping"}; });
  of_row("list_deliveries", [=](ApiRig& rig) {
    const auto id = webhook(rig);
    must(rig.services.webhooks.ping(rig.tenant, id));
    return Ask{.path = "/webhooks/" + id + "/deliveries?state=pending"};
  });
  of_row("replay_delivery", [=](ApiRig& rig) {
    const auto id = webhook(rig);
    return Ask{.method = "POST",
               .path = "/webhooks/" + id + "/deliveries/" + must(rig.services.webhooks.ping(rig.tenant, id)).delivery_id + "/replay"};
  });

  const auto new_tenant = [](ApiRig& rig) { return rig.rig.new_tenant("t-" + new_uuid()); };
  plain("list_tenants", "GET", "/tenants");
  made("create_tenant", [](ApiRig&) {
    return Ask{.method = "POST",
               .path = "/tenants",
               .body = R"({"name":")" + new_uuid() + R"(","owner_email":")" + new_uuid() + R"(@new.example"})"};
  });
  made("get_tenant", [](ApiRig& rig) { return Ask{.path = "/tenants/" + rig.tenant.str()}; });
  made("change_tenant", [=](ApiRig& rig) {
    return Ask{.method = "PATCH", .path = "/tenants/" + new_tenant(rig).str(), .body = R"({"state":"suspended"})"};
  });
  made("delete_tenant", [](ApiRig& rig) {
    const auto name = "t-" + new_uuid();
    return Ask{.method = "DELETE", .path = "/tenants/" + rig.rig.new_tenant(name).str() + "?confirm=" + name};
  });
  made("invite_owner", [=](ApiRig& rig) {
    return Ask{.method = "POST",
               .path = "/tenants/" + new_tenant(rig).str() + "/invitations",
               .body = R"({"email":")" + new_uuid() + R"(@new.example"})"};
  });
  plain("get_installation", "GET", "/installation");
  plain("list_installation_jobs", "GET", "/installation/jobs?state=dead");
  made("replay_installation_job",
       [=](ApiRig& rig) { return Ask{.method = "POST", .path = "/installation/jobs/" + dead_job(rig) + "/replay"}; });
  plain("list_installation_audit_log", "GET", "/installation/audit_log");
  return calls;
}

}  // namespace letterlock::api
