#include "targets/api/api_routes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <glaze/glaze.hpp>

#include "adapters/http/router.h"
#include "targets/api/fake_services.h"

namespace letterlock::api {

struct Exchange {
  std::string method;
  std::string path;
  int status = 0;
  std::string content_type;
  std::string body;
};

namespace {

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

struct Ask {
  std::string method;
  std::string path;  // below /api/v1, with query
  std::string as;    // session of; empty: nobody
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool csrf = true;
};

class ApiRoutes : public testing::Test {
 protected:
  http::Response ask(const Ask& ask) {
    const auto raw = "/api/v1" + ask.path;
    const auto question = raw.find('?');
    http::Request request{.method = ask.method, .raw_path = raw.substr(0, question), .headers = ask.headers, .body = ask.body};
    if (question != std::string::npos) request.query = http::parse_query(raw.substr(question + 1));
    if (!ask.as.empty()) {
      request.headers.emplace_back("cookie", "letterlock_session=" + ask.as);
      if (ask.csrf) request.headers.emplace_back("x-csrf-token", "csrf-" + ask.as);
    }
    std::string pattern;
    auto response = http::dispatch(router, request, pattern);
    exchanges.push_back({ask.method, pattern, response.status, header(response, "content-type"), response.body});
    return response;
  }

  FakeAccess access;
  FakeAlerts alerts;
  FakeConnections connections;
  FakeTenants tenants;
  FakeMailStore storage;
  std::vector<http::Route> routes =
      api_routes({.access = access,
                  .alerts = alerts,
                  .connections = connections,
                  .tenants = tenants,
                  .storage = storage,
                  .rules = [](const TenantId&) -> Result<std::vector<RuleView>> {
                    return std::vector<RuleView>{{.rule_id = "mail/x", .title = "X", .severity = "low", .attack_technique = "T1"}};
                  },
                  .secure_cookies = true});
  http::Router router{routes};
  std::vector<Exchange> exchanges;
};

const std::string alert_path = "/alerts/" + our_alert.str();
const std::string connection_path = "/connections/" + our_connection.str();
const std::string new_connection = R"({"name":"M365","provider":"microsoft","settings":{"tenant":"x"},"secret":{"client_secret":"s"}})";

// Every operation but signing in, with what the least role may send.
struct Operation {
  Ask ask;
  std::string least;  // this role may, the one below may not
  bool of_one_row = false;
};
std::vector<Operation> operations() {
  return {
      {{"GET", "/session"}, "viewer"},
      {{"DELETE", "/session"}, "viewer"},
      {{"GET", "/alerts"}, "viewer"},
      {{"GET", alert_path}, "viewer", true},
      {{"PATCH", alert_path, "", R"({"status":"resolved"})"}, "analyst", true},
      {{"GET", alert_path + "/message"}, "analyst", true},
      {{"GET", "/connections"}, "viewer"},
      {{"POST", "/connections", "", new_connection}, "admin"},
      {{"GET", connection_path}, "viewer", true},
      {{"POST", connection_path + "/sync"}, "analyst", true},
      {{"GET", "/jobs"}, "viewer"},
      {{"GET", "/rules"}, "viewer"},
      {{"GET", "/tenants"}, "operator"},
  };
}

TEST_F(ApiRoutes, EveryOperationIsAuthorised) {
  ASSERT_EQ(operations().size() + 2, routes.size()) << "an operation is missing above (the rest: signing in, the 404)";
  for (auto& [call, least, of_one_row] : operations()) {
    SCOPED_TRACE(call.method + " " + call.path);
    EXPECT_EQ(ask(call).status, 401) << "nobody";
    call.as = "expired";
    EXPECT_EQ(ask(call).status, 401) << "a session that is over";
    call.as = least;
    EXPECT_LT(ask(call).status, 300);
    if (call.method != "GET") {
      call.csrf = false;
      EXPECT_EQ(ask(call).status, 403) << "without the CSRF token";
      call.csrf = true;
    }
    if (least != "viewer") {
      call.as = "viewer";
      EXPECT_EQ(ask(call).status, 403) << "a viewer";
    }
    if (of_one_row) {
      call.as = "other";
      EXPECT_EQ(ask(call).status, 404) << "another company";
    }
  }
}

TEST_F(ApiRoutes, AnApiKeyNeedsNoCsrfTokenAndActsWithItsRole) {
  const std::string body = R"({"note":"seen"})";
  EXPECT_EQ(ask({.method = "PATCH", .path = alert_path, .body = body, .headers = {{"authorization", "Bearer ll_analyst"}}}).status, 200);
  EXPECT_EQ(ask({.method = "PATCH", .path = alert_path, .body = body, .headers = {{"authorization", "Bearer ll_viewer"}}}).status, 403);
  EXPECT_EQ(ask({.method = "GET", .path = alert_path, .headers = {{"authorization", "Bearer ll_nobody"}}}).status, 401);
  EXPECT_EQ(ask({.method = "GET", .path = alert_path, .headers = {{"authorization", "Bearer ll1.service.token"}}}).status, 401);
}

TEST_F(ApiRoutes, AnApiKeyWithScopesMayDoNothingElse) {
  const std::vector<std::pair<std::string, std::string>> key{{"authorization", "Bearer ll_admin.alerts:read"}};
  EXPECT_EQ(ask({.method = "GET", .path = alert_path, .headers = key}).status, 200);
  EXPECT_EQ(ask({.method = "GET", .path = alert_path + "/message", .headers = key}).status, 403);
  EXPECT_EQ(ask({.method = "PATCH", .path = alert_path, .body = R"({"note":"x"})", .headers = key}).status, 403);
  EXPECT_EQ(ask({.method = "GET", .path = "/connections", .headers = key}).status, 403);
  EXPECT_EQ(ask({.method = "POST", .path = "/connections", .body = new_connection, .headers = key}).status, 403);
}

TEST_F(ApiRoutes, ARefusedCallDoesNothing) {
  ask({.method = "PATCH", .path = alert_path, .as = "viewer", .body = R"({"status":"resolved"})"});
  ask({.method = "PATCH", .path = alert_path, .as = "admin", .body = R"({"status":"resolved"})", .csrf = false});
  ask({.method = "POST", .path = "/connections", .as = "analyst", .body = new_connection});
  EXPECT_EQ(alerts.alert.alert.status, "open");
  EXPECT_FALSE(connections.created);
}

TEST_F(ApiRoutes, SigningInSetsACookieThatScriptsCannotReadAndSigningOutTakesItBack) {
  const auto in = ask({.method = "POST", .path = "/session", .body = R"({"email":"a@example.com","password":"correct"})"});
  EXPECT_EQ(in.status, 200);
  EXPECT_EQ(header(in, "set-cookie"), "letterlock_session=admin; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200; Secure");
  EXPECT_TRUE(in.body.contains(R"("csrf_token":"csrf-admin")"));
  const auto wrong = ask({.method = "POST", .path = "/session", .body = R"({"email":"a@example.com","password":"wrong"})"});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(header(wrong, "set-cookie"), "");
  const auto out = ask({.method = "DELETE", .path = "/session", .as = "admin"});
  EXPECT_EQ(out.status, 204);
  EXPECT_TRUE(header(out, "set-cookie").contains("Max-Age=0"));
  EXPECT_EQ(access.signed_out, std::vector<std::string>{"admin"});
}

TEST_F(ApiRoutes, APollThatBringsNothingIs304WithoutReadingThePage) {
  const auto first = ask({.method = "GET", .path = "/alerts", .as = "viewer"});
  const auto etag = header(first, "etag");
  const auto read = alerts.lists;
  const auto again = ask({.method = "GET", .path = "/alerts", .as = "viewer", .headers = {{"if-none-match", "W/\"x\", " + etag}}});
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(alerts.lists, read);
  EXPECT_EQ(ask({.method = "GET", .path = "/alerts?status=open", .as = "viewer", .headers = {{"if-none-match", etag}}}).status, 200)
      << "another filter";
  EXPECT_EQ(ask({.method = "GET", .path = "/alerts", .as = "other", .headers = {{"if-none-match", etag}}}).status, 200)
      << "another company";
  alerts.version_text = "2";
  EXPECT_EQ(ask({.method = "GET", .path = "/alerts", .as = "viewer", .headers = {{"if-none-match", etag}}}).status, 200)
      << "something changed";
}

TEST_F(ApiRoutes, FiltersAreReadAndWrongOnesNamed) {
  ask({.method = "GET", .path = "/alerts?status=in_progress&severity=high&rule_id=mail%2Fx&cursor=c&limit=7", .as = "viewer"});
  EXPECT_EQ(alerts.last_query.status, "in_progress");
  EXPECT_EQ(alerts.last_query.severity, "high");
  EXPECT_EQ(alerts.last_query.rule_id, "mail/x");
  EXPECT_EQ(alerts.last_query.cursor, "c");
  EXPECT_EQ(alerts.last_query.limit, 7);
  for (const auto* wrong : {"status=new", "severity=huge", "limit=0", "limit=201", "limit=7x", "limit=", "cursor=broken"})
    EXPECT_EQ(ask({.method = "GET", .path = std::string("/alerts?") + wrong, .as = "viewer"}).status, 400) << wrong;
  EXPECT_EQ(ask({.method = "GET", .path = "/jobs?state=lost", .as = "viewer"}).status, 400);
}

TEST_F(ApiRoutes, BodiesAreReadStrictly) {
  for (const auto* body :
       {"", "{", "[]", "{}", R"({"status":"gone"})", R"({"status":"open","colour":"red"})", R"({"note":""})", R"({"note":7})"})
    EXPECT_EQ(ask({.method = "PATCH", .path = alert_path, .as = "admin", .body = body}).status, 400) << body;
  for (const auto* body :
       {R"({"name":"x","provider":"archive","settings":{},"secret":{}})", R"({"name":"x","provider":"google","settings":[],"secret":{}})",
        R"({"name":"","provider":"google","settings":{},"secret":{}})", R"({"name":"x","provider":"google"})"})
    EXPECT_EQ(ask({.method = "POST", .path = "/connections", .as = "admin", .body = body}).status, 400) << body;
  EXPECT_EQ(ask({.method = "GET", .path = "/alerts/1%20OR%201", .as = "admin"}).status, 404);
  EXPECT_EQ(ask({.method = "PUT", .path = "/alerts", .as = "admin"}).status, 405);
}

TEST_F(ApiRoutes, ReadingAMessageIsAuditedFirst) {
  const auto message = ask({.method = "GET", .path = alert_path + "/message", .as = "analyst"});
  EXPECT_EQ(message.status, 200);
  EXPECT_TRUE(message.body.contains(R"("body_text":"Pay now")")) << message.body;
  EXPECT_EQ(access.audited, std::vector<std::string>{"analyst@example.com message.read " + our_alert.str()});
  access.audit_fails = true;
  storage.queries = 0;
  EXPECT_EQ(ask({.method = "GET", .path = alert_path + "/message", .as = "analyst"}).status, 503);
  EXPECT_EQ(storage.queries, 0) << "what cannot be audited is not read";
  access.audit_fails = false;
  storage.gone = true;
  EXPECT_EQ(ask({.method = "GET", .path = alert_path + "/message", .as = "analyst"}).status, 404);
}

TEST_F(ApiRoutes, AnAlertAboutASettingShowsTheSettingInPlaceOfAMessage) {
  alerts.newest = "settings/rule/r1";
  const auto shown = ask({.method = "GET", .path = alert_path + "/message", .as = "analyst"});
  EXPECT_EQ(shown.status, 200);
  EXPECT_TRUE(shown.body.contains(R"("subject":"A setting of the mailbox: tidy")")) << shown.body;
  EXPECT_TRUE(shown.body.contains(R"("forward_to":["x@evil.example"],"move_to":"rss feeds","deletes":false,"marks_read":true)"))
      << shown.body;
  alerts.newest = "settings/rule/gone";
  EXPECT_EQ(ask({.method = "GET", .path = alert_path + "/message", .as = "analyst"}).status, 404);
}

// Run the checker over recorded exchanges; its exit code is the answer.
int check(const std::vector<Exchange>& exchanges) {
  const auto file = std::filesystem::temp_directory_path() / ("letterlock-exchanges-" + std::to_string(getpid()) + ".json");
  std::ofstream(file) << glz::write_json(exchanges).value();
  const std::string source = LETTERLOCK_SOURCE_DIR;
  const auto status =
      std::system(("python3 '" + source + "/api/check_exchanges.py' '" + source + "/api/openapi.yaml' '" + file.string() + "'").c_str());
  std::filesystem::remove(file);
  return status;
}

TEST_F(ApiRoutes, EveryAnswerKeepsTheContractAndEveryOperationIsThere) {
  ask({.method = "POST", .path = "/session", .body = R"({"email":"a@example.com","password":"correct"})"});
  ask({.method = "POST", .path = "/session", .body = R"({"email":"a@example.com","password":"wrong"})"});
  ask({.method = "POST", .path = "/session", .body = "{"});
  for (auto& [call, least, of_one_row] : operations()) {
    for (const auto* as : {"", "viewer", "analyst", "admin", "other", "operator"}) {
      call.as = as;
      ask(call);
    }
  }
  ask({.method = "GET", .path = "/alerts", .as = "viewer", .headers = {{"if-none-match", "*"}}});
  ask({.method = "GET", .path = "/alerts?limit=x", .as = "viewer"});
  ask({.method = "PATCH", .path = alert_path, .as = "admin", .body = "{}"});
  alerts.newest = "settings/rule/r1";
  ask({.method = "GET", .path = alert_path + "/message", .as = "analyst"});
  EXPECT_EQ(check(exchanges), 0);

  // Both directions: the contract's operations were all called above; the table's routes are all in the contract, or the
  // checker would have called one "not in the contract". It can fail:
  auto broken = exchanges;
  for (auto& exchange : broken)
    if (exchange.path == "/api/v1/alerts" && exchange.status == 200) exchange.body = R"({"alerts":[{"alert_id":"x"}]})";
  EXPECT_NE(check(broken), 0) << "a body that breaks its schema was let through";
  std::erase_if(exchanges, [](const Exchange& exchange) { return exchange.path == "/api/v1/rules"; });
  EXPECT_NE(check(exchanges), 0) << "an operation that was never called was let through";
}

}  // namespace
}  // namespace letterlock::api
