#pragma once

// The API's routes over real services: PostgreSQL, DuckDB, the rule pack. Two companies, "firma" with one of everything and "other", and an
// operator. Calls go through the router without a socket. Owned by the test.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/duckdb/duckdb_repository.h"
#include "adapters/http/router.h"
#include "base/metrics.h"
#include "targets/api/api_routes.h"
#include "tests/support/control_rig.h"

namespace letterlock::testing {

// A provider that always works; what the connectors do is tested in providers/.
class WillingProvider final : public Provider {
 public:
  explicit WillingProvider(std::string secret_json) : secret_json_(std::move(secret_json)) {}
  Result<void> check(std::stop_token) override {
    if (secret_json_.contains("wrong")) return fail(ErrorKind::unauthenticated, "the provider refused the client secret");
    return {};
  }
  Result<void> list_users(const UserSink& sink, std::stop_token) override {
    return sink({User{.user_id = UserId("u1"), .primary_email = "anna@firma.example"}});
  }
  Result<void> walk(const User&, std::span<const StoredCursor>, const WalkLimits&, const StepSink& sink, std::stop_token) override {
    TRY(sink(Step{}));
    return {};
  }
  Result<std::optional<std::vector<MailboxSetting>>> read_settings(const User&, std::stop_token) override {
    if (secret_json_.contains("no settings"))
      return fail(Error{.kind = ErrorKind::forbidden, .message = "grant MailboxSettings.Read", .code = "settings_forbidden"});
    return std::nullopt;
  }
  std::vector<std::string> authserv_ids() const override { return {}; }

 private:
  std::string secret_json_;
};

struct Ask {
  std::string method = "GET";
  std::string path;  // below /api/v1, with query
  std::string as;    // "viewer", "analyst", "admin", "owner", "operator", "other" (an owner elsewhere), "key …" (an API key); empty: nobody
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  bool csrf = true;
};

struct Exchange {
  std::string method;
  std::string path;  // the route's pattern
  int status = 0;
  std::string content_type;
  std::string body;
};

inline std::string header_of(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

class ApiRig {
 public:
  static constexpr const char* password = "correct horse battery";

  explicit ApiRig(api::RateLimiterOptions limits = {.requests_max = 1'000'000},
                  api::RateLimiterOptions open_limits = {.requests_max = 1'000'000})
      : limiter(rig.clock, limits), open_limiter(rig.clock, open_limits) {
    if (!rig.database.ok()) return;
    tenant = rig.new_tenant("firma");
    other = rig.new_tenant("other");
    for (const auto* role : {"viewer", "analyst", "admin", "owner"})
      people[role] = person(std::string(role) + "@firma.example", *role_from(role), tenant);
    people["other"] = person("owner@other.example", Role::owner, other);
    people["operator"] = person("operator@host.example", Role::operator_, std::nullopt);
    connection = rig.new_connection(tenant);
    fill_mail();
    rig.store_findings(tenant, {finding_of("campaign", "m1", rig.clock.now())});
    alert = must(rig.alerts.list(tenant, {})).alerts.at(0).alert_id;
  }
  ~ApiRig() {
    repository.reset();
    std::filesystem::remove_all(folder);
  }

  Principal person(const std::string& email, Role role, const std::optional<TenantId>& of) {
    const auto id =
        must(rig.access.create_person({.email = email, .password = password, .role = role, .tenant_id = of, .interactive_hash = true}));
    return {.person_id = id, .name = email, .tenant_id = of, .tenant_name = of ? "firma" : "", .role = role};
  }
  // A session of its own for every call, so that signing out in one ends no other.
  Session session(const std::string& as) { return must(rig.access.open_session(people.at(as))); }
  std::string api_key(Role role, std::vector<std::string> scopes = every_scope()) { return api_key_of(tenant, role, std::move(scopes)); }
  std::string api_key_of(const TenantId& of, Role role, std::vector<std::string> scopes = every_scope()) {
    rig.database.sql("DELETE FROM api_keys WHERE (SELECT count(*) FROM api_keys) > 90");  // a tenant has at most 100
    return must(rig.api_keys.create_for(of, "", {.name = new_uuid(), .role = role, .scopes = std::move(scopes)})).key;
  }
  // Of every row of the tenant, in every table: the same as long as nothing changed.
  std::string everything_of(const TenantId& of) {
    return rig.database.cell(
        "SELECT md5(string_agg(query_to_xml(format('SELECT md5(string_agg(t::text, '','' ORDER BY t::text)) FROM %I t WHERE tenant_id = "
        "%L', "
        "table_name, '" +
        of.str() +
        "'), true, false, '')::text, ',' ORDER BY table_name)) FROM information_schema.columns JOIN information_schema.tables USING "
        "(table_schema, table_name) WHERE table_schema = 'public' AND column_name = 'tenant_id' AND table_type = 'BASE TABLE'");
  }

  http::Response ask(const Ask& ask) {
    auto headers = ask.headers;
    if (ask.as.starts_with("ll_")) {
      headers.emplace_back("authorization", "Bearer " + ask.as);
    } else if (!ask.as.empty()) {
      const auto opened = session(ask.as);
      headers.emplace_back("cookie", "letterlock_session=" + opened.token);
      if (ask.csrf) headers.emplace_back("x-csrf-token", opened.principal.csrf_token);
    }
    return send(ask.method, ask.path, ask.body, std::move(headers));
  }
  http::Response send(const std::string& method, const std::string& path, const std::string& body,
                      std::vector<std::pair<std::string, std::string>> headers) {
    const auto raw = "/api/v1" + path;
    const auto question = raw.find('?');
    const bool typed = std::ranges::any_of(headers, [](const auto& one) { return one.first == "content-type"; });
    if (!body.empty() && !typed) headers.emplace_back("content-type", "application/json");
    http::Request request{.method = method,
                          .raw_path = raw.substr(0, question),
                          .headers = std::move(headers),
                          .body = body,
                          .client_address = client_address};
    if (question != std::string::npos) request.query = http::parse_query(raw.substr(question + 1));
    std::string pattern;
    auto response = http::dispatch(router, request, pattern);
    exchanges.push_back({method, pattern, response.status, header_of(response, "content-type"), response.body});
    return response;
  }

  std::string client_address = "192.0.2.1";  // of the next calls
  ControlRig rig;
  api::Services services{rig.pool, rig.master_key, rig.clock};
  Metrics metrics;
  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("letterlock-api-" + new_uuid());
  std::unique_ptr<DuckDBRepository> repository =
      must(DuckDBRepository::open({.folder = folder.string(),
                                   .migrations_folder = LETTERLOCK_SOURCE_DIR "/migrations/tenant",
                                   .data_key = [this](const TenantId& of) { return rig.control.get_data_key(of); }},
                                  rig.clock, metrics));
  MailHistory mail{*repository, rig.clock};
  ConnectionProbe probe{
      [](const Connection& tried) -> Result<std::unique_ptr<Provider>> { return std::make_unique<WillingProvider>(tried.secret_json); },
      rig.clock};
  api::RuleCatalogue rules{must(detection::RulePack::load(LETTERLOCK_SOURCE_DIR "/rules")), LETTERLOCK_SOURCE_DIR "/rules"};
  api::RateLimiter limiter, open_limiter;
  std::vector<http::Route> routes = api::api_routes({.services = services,
                                                     .storage = *repository,
                                                     .mail = mail,
                                                     .probe = probe,
                                                     .rules = rules,
                                                     .limiter = limiter,
                                                     .open_limiter = open_limiter,
                                                     .secure_cookies = true});
  http::Router router{routes};
  std::vector<Exchange> exchanges;
  std::map<std::string, Principal> people;
  TenantId tenant, other;
  ConnectionId connection;
  AlertId alert;

 private:
  Email email(const std::string& id, const std::string& subject) {
    return {.mailbox_id = MailboxId("mailbox-1"),
            .provider_message_id = ProviderMessageId(id),
            .message_id = id + "@firma-example.com",
            .from_address = "boss@firma-example.com",
            .from_name = "The Boss",
            .from_domain = "firma-example.com",
            .subject = subject,
            .subject_base = subject,
            .received_at = rig.clock.now(),
            .body_text = "Pay now <script>alert(1)</script>",
            .raw_sha256 = std::string(64, '0'),
            .recipients = {{.kind = "to", .address = "anna@firma.example", .domain = "firma.example"}}};
  }
  void fill_mail() {
    must(repository->save_users(tenant, std::vector<User>{{.user_id = UserId("mailbox-1"), .primary_email = "anna@firma.example"}},
                                {.connection_id = connection, .complete = true}, {.domains = {"firma.example"}}, rig.clock.now()));
    Append append{.cursor = {.mailbox_id = MailboxId("mailbox-1"), .source = "graph"}, .at = rig.clock.now()};
    append.emails.push_back({.email = email("m1", "Urgent transfer"), .raw = {.format = "rfc5322", .bytes = "x"}});
    append.emails.push_back({.email = email("m2", "Urgent transfer"), .raw = {.format = "rfc5322", .bytes = "y"}});
    must(repository->append(tenant, append));
    must(repository->save_mailbox_settings(tenant, MailboxId("mailbox-1"),
                                           std::vector<MailboxSetting>{{.kind = "rule",
                                                                        .setting_id = "r1",
                                                                        .name = "tidy",
                                                                        .forward_to = {"x@evil.example"},
                                                                        .move_to = "rss feeds",
                                                                        .definition = "{}"}},
                                           rig.clock.now()));
  }
};

}  // namespace letterlock::testing
