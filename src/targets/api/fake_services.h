#pragma once

// Hand-written services for the tests of the routes: one company with one alert and one connection, one operator.

#include <map>
#include <vector>

#include "targets/api/api_routes.h"

namespace letterlock::api {

inline const TenantId our_tenant{"11111111-1111-4111-8111-111111111111"};
inline const TenantId other_tenant{"22222222-2222-4222-8222-222222222222"};
inline const AlertId our_alert{"33333333-3333-4333-8333-333333333333"};
inline const ConnectionId our_connection{"44444444-4444-4444-8444-444444444444"};
inline const JobId our_job{"55555555-5555-4555-8555-555555555555"};
inline constexpr const char* a_time = "2026-11-23T21:11:20.000000Z";

class FakeAccess final : public AccessBoard {
 public:
  // Sessions and API keys are named after whom they are of: "viewer", "analyst", "admin", "other" (an admin elsewhere), "operator".
  Result<SignedIn> sign_in(const SignInBody& body, const std::string&) override {
    if (body.password != "correct") return fail(ErrorKind::unauthenticated, "The e-mail address or the password is wrong.");
    return SignedIn{.session_token = "admin", .valid = std::chrono::hours(12), .caller = *session("admin")};
  }
  Result<Caller> session(const std::string& token) override {
    auto caller = of(token);
    if (caller) {
      caller->csrf_token = "csrf-" + token;
      caller->person_id = PersonId("66666666-6666-4666-8666-666666666666");
      caller->expires_at = from_rfc3339(a_time);
    }
    return caller;
  }
  Result<Caller> api_key(const std::string& key) override {
    const auto dot = key.find('.');  // "ll_admin.alerts:read": with that scope alone
    auto caller = of(key.substr(3, dot - 3));
    if (caller) caller->by_api_key = true;
    if (caller && dot != std::string::npos) caller->scopes = {key.substr(dot + 1)};
    return caller;
  }
  Result<void> sign_out(const std::string& token) override {
    signed_out.push_back(token);
    return {};
  }
  Result<void> audit(const Caller& caller, std::string_view action, std::string_view object) override {
    if (audit_fails) return fail(ErrorKind::unavailable, "no audit log");
    audited.push_back(caller.name + " " + std::string(action) + " " + std::string(object));
    return {};
  }

  std::vector<std::string> signed_out;
  std::vector<std::string> audited;
  bool audit_fails = false;

 private:
  static Result<Caller> of(const std::string& name) {
    Caller caller{.name = name + "@example.com", .tenant_id = our_tenant, .tenant_name = "Example"};
    if (name == "other") {
      caller.role = Role::admin;
      caller.tenant_id = other_tenant;
    } else if (name == "operator") {
      caller.is_operator = true;
      caller.tenant_id.reset();
    } else if (const auto role = role_from(name)) {
      caller.role = *role;
    } else {
      return fail(ErrorKind::unauthenticated, "The session is over.");
    }
    return caller;
  }
};

class FakeAlerts final : public AlertBoard {
 public:
  Result<std::string> version(const TenantId&) override { return version_text; }
  Result<AlertPageView> list(const TenantId& tenant, const AlertQuery& query) override {
    ++lists;
    last_query = query;
    if (query.cursor == "broken") return fail(ErrorKind::invalid, "cursor is none of ours.");
    AlertPageView page;
    if (tenant == our_tenant) page = {.alerts = {alert.alert}, .next_cursor = "next"};
    return page;
  }
  Result<AlertDetailView> get(const TenantId& tenant, const AlertId& id) override {
    if (tenant != our_tenant || id != our_alert) return fail(ErrorKind::not_found, "There is no such alert.");
    return alert;
  }
  Result<void> change(const TenantId& tenant, const AlertId& id, const AlertChangeBody& body, const Caller& caller) override {
    if (tenant != our_tenant || id != our_alert) return fail(ErrorKind::not_found, "There is no such alert.");
    if (body.status) alert.alert.status = *body.status;
    alert.history.insert(alert.history.begin(),
                         {.kind = "status", .status = body.status, .note = body.note, .actor = caller.name, .at = a_time});
    return {};
  }
  Result<MessageKey> newest_message(const TenantId& tenant, const AlertId& id) override {
    if (tenant != our_tenant || id != our_alert) return fail(ErrorKind::not_found, "There is no such alert.");
    return MessageKey{.mailbox_id = MailboxId("box"), .provider_message_id = ProviderMessageId(newest)};
  }
  std::string newest = "m1";

  int lists = 0;
  AlertQuery last_query;
  std::string version_text = "1";
  AlertDetailView alert{.alert = {.alert_id = our_alert.str(),
                                  .rule_id = "mail/vip_name_from_outside",
                                  .title = "A \"VIP\" writes from outside",
                                  .severity = "high",
                                  .status = "open",
                                  .subject = "victim@example.com",
                                  .entity = "boss@examp1e.com",
                                  .message_subject = "Überweisung\n",
                                  .confidence = 0.5,
                                  .sightings = 1,
                                  .first_seen_at = a_time,
                                  .last_seen_at = a_time},
                        .attack_technique = "T1566.002",
                        .description = "…",
                        .runbook = "Call back.",
                        .rule_version = "ab12",
                        .query_sql = "SELECT 1",
                        .query_parameters_json = R"({"from_seq":0})",
                        .evidence_json = R"({"signals":[{"name":"edit_distance","value":1}],"rows":[{"table":"emails"}]})",
                        .sighting_list = {{.mailbox_id = "box", .provider_message_id = "m1", .observed_at = a_time}},
                        .history = {{.kind = "created", .actor = "analysis", .at = a_time}}};
};

class FakeConnections final : public ConnectionBoard {
 public:
  Result<std::vector<ConnectionView>> list(const TenantId& tenant) override {
    return tenant == our_tenant ? std::vector{detail.connection} : std::vector<ConnectionView>{};
  }
  Result<ConnectionDetailView> get(const TenantId& tenant, const ConnectionId& id) override {
    if (tenant != our_tenant || id != our_connection) return fail(ErrorKind::not_found, "There is no such connection.");
    return detail;
  }
  Result<ConnectionId> create(const TenantId&, const NewConnectionBody& body, const Caller&) override {
    created = body;
    return our_connection;
  }
  Result<JobId> sync(const TenantId& tenant, const ConnectionId& id, const Caller&) override {
    if (tenant != our_tenant || id != our_connection) return fail(ErrorKind::not_found, "There is no such connection.");
    return our_job;
  }
  Result<std::vector<JobView>> jobs(const TenantId&, std::optional<JobState>, int) override {
    return std::vector<JobView>{{.job_id = our_job.str(),
                                 .connection_id = our_connection.str(),
                                 .kind = "ingestion",
                                 .state = "dead",
                                 .reason = "HTTP 500 five times",
                                 .created_at = a_time,
                                 .finished_at = a_time}};
  }

  std::optional<NewConnectionBody> created;
  ConnectionDetailView detail{
      .connection = {.connection_id = our_connection.str(), .name = "Google", .provider = "google", .state = "active"},
      .mailboxes = {{.mailbox_id = "box", .address = "victim@example.com", .state = "active", .updated_at = a_time}}};
};

class FakeTenants final : public TenantBoard {
 public:
  Result<std::vector<TenantView>> list() override {
    return std::vector<TenantView>{{.tenant_id = our_tenant.str(), .name = "Example", .connections = 1, .alerts_open = 1}};
  }
};

// Answers the four statements of read_alert_message for one message; everything else is a bug of the test.
class FakeMailStore final : public Storage {
 public:
  Result<void> save_users(const TenantId&, std::span<const User>, const UserListing&, const TenantFacts&, TimePoint) override {
    return none();
  }
  Result<std::vector<User>> get_users(const TenantId&) override { return none(); }
  Result<std::vector<StoredCursor>> get_cursors(const TenantId&, const MailboxId&) override { return none(); }
  Result<std::optional<TimePoint>> get_last_sync_time(const TenantId&, const MailboxId&) override { return none(); }
  Result<AppendResult> append(const TenantId&, const Append&) override { return none(); }
  Result<SettingsChanges> save_mailbox_settings(const TenantId&, const MailboxId&, std::span<const MailboxSetting>, TimePoint) override {
    return none();
  }
  Result<RawMessage> get_raw(const TenantId&, const MailboxId&, const ProviderMessageId&) override { return none(); }
  Result<void> forget(const TenantId&, bool) override { return none(); }
  Result<QueryResult> query(const TenantId& tenant, std::string_view sql, const QueryOptions& options) override {
    ++queries;
    QueryResult result;
    if (sql.contains("FROM mailbox_settings")) {
      if (options.parameters.at(1).second != Value(std::string("rule/r1"))) return result;
      result.rows = {{std::string("rule"), std::string("r1"), std::string("tidy"), true, std::string(R"(["x@evil.example"])"),
                      std::string("rss feeds"), false, true, std::string(R"(["invoice"])"), std::string("[]"), std::string("{}"), false,
                      *from_rfc3339(a_time), std::monostate{}}};
      return result;
    }
    if (gone || tenant != our_tenant || options.parameters.at(1).second != Value(std::string("m1"))) return result;
    const auto time = *from_rfc3339(a_time);
    if (sql.contains("FROM emails"))
      result.rows = {{std::string("id@x"), std::string("boss@examp1e.com"), std::string("The Boss"), std::string("Invoice"), time,
                      std::monostate{}, std::string("Pay now"), std::string(""), true, std::string("pass"), std::string("none"),
                      std::string("fail")}};
    else if (sql.contains("FROM recipients"))
      result.rows = {{std::string("to"), std::string("victim@example.com"), std::string("")}};
    else if (sql.contains("FROM links"))
      result.rows = {
          {std::string("https://evil.example/x"), std::string("evil.example"), std::string("evil.example"), std::string("bank")}};
    else if (sql.contains("FROM attachments"))
      result.rows = {{std::string("a.pdf"), std::string("application/pdf"), std::string(""), std::int64_t{12}, std::string("ab")}};
    return result;
  }

  int queries = 0;
  bool gone = false;

 private:
  static std::unexpected<Error> none() { return fail(ErrorKind::internal, "not expected in this test"); }
};

}  // namespace letterlock::api
