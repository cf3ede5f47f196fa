// The server against its contract: every operation of api/openapi.yaml, as everybody who could call it.

#include "targets/api/api_routes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <glaze/glaze.hpp>
#include <set>

#include "tests/support/operation_calls.h"

namespace letterlock::api {

struct Operation {
  std::string operation_id;
  std::string method;
  std::string path;
  std::string least_role;
  std::string scope;
  bool session_only = false;
  bool planned = false;
};

namespace {

const std::string source = LETTERLOCK_SOURCE_DIR;

std::vector<Operation> contract() {
  std::string json;
  FILE* const out = popen(("python3 '" + source + "/api/operations.py' '" + source + "/api/openapi.yaml'").c_str(), "r");
  CHECK(out != nullptr);
  char part[4096];
  for (std::size_t got = 0; (got = fread(part, 1, sizeof part, out)) > 0;) json.append(part, got);
  CHECK(pclose(out) == 0);
  std::vector<Operation> operations;
  CHECK(!glz::read_json(operations, json));
  return operations;
}

// Run the checker over recorded exchanges; its exit code is the answer.
int check(const std::vector<testing::Exchange>& exchanges, const std::string& output = "") {
  const auto file = std::filesystem::temp_directory_path() / ("letterlock-exchanges-" + std::to_string(getpid()) + ".json");
  std::ofstream(file) << glz::write_json(exchanges).value();
  const auto status = std::system(
      ("python3 '" + source + "/api/check_exchanges.py' '" + source + "/api/openapi.yaml' '" + file.string() + "'" + output).c_str());
  std::filesystem::remove(file);
  return status;
}

// Operations that no authorisation test calls, one id a line; it may only shrink.
std::set<std::string> without_authorisation_test() {
  std::ifstream in(source + "/tests/support/endpoints_without_authorisation_test.txt");
  std::set<std::string> ids;
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && !line.starts_with('#')) ids.insert(line);
  return ids;
}

enum class Expected { success, unauthenticated, forbidden };

Expected expected_of(const Operation& operation, Role role) {
  if (operation.least_role == "person") return Expected::success;
  if (operation.least_role == "operator") return role == Role::operator_ ? Expected::success : Expected::forbidden;
  if (role == Role::operator_) return Expected::forbidden;  // belongs to no company
  return role >= *role_from(operation.least_role) ? Expected::success : Expected::forbidden;
}

class ApiRoutes : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(rig.rig.database.ok()); }
  void call(const Operation& operation, const OperationCall& how, const std::string& as, Expected expected, const std::string& who) {
    auto ask = how.make(rig, as);
    ask.as = as;
    const auto response = rig.ask(ask);
    const auto where = operation.operation_id + " as " + who + ": " + std::to_string(response.status) + " " + response.body.substr(0, 300);
    switch (expected) {
      case Expected::success:
        EXPECT_LT(response.status, 300) << where;
        break;
      case Expected::unauthenticated:
        EXPECT_EQ(response.status, 401) << where;
        break;
      case Expected::forbidden:
        EXPECT_EQ(response.status, 403) << where;
        break;
    }
    ++called;
  }

  ApiRig rig;
  const std::map<std::string, OperationCall> calls = operation_calls();
  int called = 0;
};

TEST_F(ApiRoutes, EveryOperationIsAuthorisedAsTheContractSaysAndAnswersAsItSays) {
  const auto excused = without_authorisation_test();
  EXPECT_LE(excused.size(), 0U) << "the list may only shrink: write the test instead";
  const auto operations = contract();
  std::size_t present = 0;
  for (const auto& operation : operations) {
    if (operation.planned || excused.contains(operation.operation_id)) continue;
    ++present;
    const auto found = calls.find(operation.operation_id);
    if (found == calls.end()) {
      ADD_FAILURE() << operation.operation_id << " has no call in operation_calls.h";
      continue;
    }
    const auto& how = found->second;
    if (operation.least_role == "public") {
      call(operation, how, "", Expected::success, "nobody");
      continue;
    }
    call(operation, how, "", Expected::unauthenticated, "nobody");
    for (const auto* who : {"viewer", "analyst", "admin", "owner", "operator"})
      call(operation, how, who, expected_of(operation, *role_from(who)), who);

    const auto with_key = operation.session_only ? Expected::forbidden : expected_of(operation, Role::owner);
    call(operation, how, rig.api_key(Role::owner), with_key, "an owner's key without scopes");
    call(operation, how, rig.api_key(Role::viewer), operation.session_only ? Expected::forbidden : expected_of(operation, Role::viewer),
         "a viewer's key without scopes");
    if (!operation.scope.empty()) {
      call(operation, how, rig.api_key(Role::owner, {operation.scope}), with_key, "a key with the scope");
      std::vector<std::string> others;
      for (const auto scope : api_key_scopes)
        if (scope != operation.scope) others.emplace_back(scope);
      call(operation, how, rig.api_key(Role::owner, others), Expected::forbidden, "a key with every other scope");
    }
    if (operation.method != "GET") {
      auto ask = how.make(rig, "owner");
      ask.as = operation.least_role == "operator" ? "operator" : "owner";
      ask.csrf = false;
      const auto response = rig.ask(ask);
      EXPECT_EQ(response.status, 403) << operation.operation_id << " without the CSRF token";
      EXPECT_TRUE(response.body.contains("problems/csrf_token")) << response.body;
    }
  }
  // The table has the contract's operations, all of them and no more (and the 404 for the rest).
  EXPECT_EQ(rig.routes.size(), present + excused.size() + 1);
  std::set<std::pair<std::string, std::string>> in_contract;
  for (const auto& operation : operations)
    if (!operation.planned) in_contract.insert({operation.method, operation.path});
  for (const auto& route : rig.routes)
    if (route.method != "*") EXPECT_TRUE(in_contract.contains({route.method, route.pattern})) << route.method << " " << route.pattern;
  printf("%zu operations, %d calls, %zu without a test\n", present, called, excused.size());

  EXPECT_EQ(check(rig.exchanges), 0);
  // The check can fail: a body that breaks its schema, an operation that was never called.
  auto broken = rig.exchanges;
  for (auto& exchange : broken)
    if (exchange.path == "/api/v1/alerts" && exchange.status == 200) exchange.body = R"({"alerts":[{"alert_id":"x"}]})";
  EXPECT_NE(check(broken, " > /dev/null"), 0);
  auto fewer = rig.exchanges;
  std::erase_if(fewer, [](const auto& exchange) { return exchange.path == "/api/v1/rules"; });
  EXPECT_NE(check(fewer, " > /dev/null"), 0);
}

TEST_F(ApiRoutes, AnotherCompanyFindsNothingOfOursUnderAnyId) {
  int tried = 0;
  for (const auto& operation : contract()) {
    const auto found = calls.find(operation.operation_id);
    if (operation.planned || found == calls.end() || operation.least_role == "public") continue;
    const auto before = rig.rig.database.cell(
        "SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM alerts t WHERE tenant_id = '" + rig.tenant.str() + "'");
    auto ask = found->second.make(rig, "other");
    ask.as = "other";
    const auto response = rig.ask(ask);
    const auto where = operation.operation_id + ": " + std::to_string(response.status) + " " + response.body.substr(0, 300);
    ++tried;
    if (operation.least_role == "operator")
      EXPECT_EQ(response.status, 403) << where;
    else if (found->second.of_one_row)
      EXPECT_EQ(response.status, 404) << where;
    else
      EXPECT_LT(response.status, 300) << where;
    for (const auto& ours : {rig.tenant.str(), rig.alert.str(), rig.connection.str(), std::string("anna@firma.example"),
                             std::string("viewer@firma.example")}) {
      // What the caller itself sent may come back in words.
      if (!ask.path.contains(ours) && !ask.body.contains(ours)) EXPECT_FALSE(response.body.contains(ours)) << where;
    }
    EXPECT_EQ(
        rig.rig.database.cell("SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM alerts t WHERE tenant_id = '" +
                              rig.tenant.str() + "'"),
        before)
        << where;
  }
  // Ids in queries and bodies as well as in paths.
  EXPECT_EQ(rig.ask({.path = "/mailboxes?connection_id=" + rig.connection.str(), .as = "other"}).status, 404);
  EXPECT_EQ(rig.ask({.path = "/jobs?connection_id=" + rig.connection.str(), .as = "other"}).body, R"({"jobs":[]})");
  EXPECT_EQ(rig.ask({.path = "/alerts?assignee=" + rig.people.at("analyst").person_id.str(), .as = "other"}).body, R"({"alerts":[]})");
  rig.rig.store_findings(rig.other, {testing::finding_of("theirs", "m9", rig.rig.clock.now())});
  const auto theirs = must(rig.services.alerts.list(rig.other, {})).alerts.at(0).alert_id;
  EXPECT_EQ(rig.ask({.method = "PATCH",
                     .path = "/alerts/" + theirs.str(),
                     .as = "other",
                     .body = R"({"assignee_id":)" + quoted(rig.people.at("analyst").person_id.str()) + "}"})
                .status,
            404);
  printf("%d operations tried with another company's ids\n", tried);
}

}  // namespace
}  // namespace letterlock::api
