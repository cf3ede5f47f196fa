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
  std::vector<std::string> ids;  // "path:alert_id", …
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
    EXPECT_TRUE(operation.session_only || operation.least_role == "person" || !operation.scope.empty())
        << operation.operation_id << ": an API key may call it, so it needs a scope";
    call(operation, how, rig.api_key(Role::owner), with_key, "an owner's key with every scope");
    call(operation, how, rig.api_key(Role::viewer), operation.session_only ? Expected::forbidden : expected_of(operation, Role::viewer),
         "a viewer's key with every scope");
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

// Ids that are not a company's: rules are of the pack, the same for all. What another company changes there is its own.
const std::set<std::string> ids_of_everybody{"path:rule_id", "query:rule_id", "body:rule_id"};

// Ids in queries: the call that names ours, and what another company is answered.
struct QueryRow {
  std::function<std::string(ApiRig&)> path;
  int status = 404;
  std::string body = {};  // of a 200
};
const std::map<std::string, QueryRow> query_rows{
    {"list_mailboxes", {.path = [](ApiRig& rig) { return "/mailboxes?connection_id=" + rig.connection.str(); }}},
    {"list_jobs",
     {.path = [](ApiRig& rig) { return "/jobs?connection_id=" + rig.connection.str(); }, .status = 200, .body = R"({"jobs":[]})"}},
};

// The contract says which operations name an id; each is called with ours by another company's owner and by its key that may everything.
TEST_F(ApiRoutes, AnotherCompanysPersonAndKeyAreRefusedUnderEveryId) {
  int routes = 0, refused = 0, others = 0;
  const auto tell_nothing = [&](const std::string& said, const Ask& ask, const std::string& where) {
    // What the caller itself sent may come back in words.
    for (const auto& ours :
         {rig.tenant.str(), rig.alert.str(), rig.connection.str(), std::string("anna@firma.example"), std::string("viewer@firma.example")})
      if (!ask.path.contains(ours) && !ask.body.contains(ours)) EXPECT_FALSE(said.contains(ours)) << where;
  };
  for (const auto& operation : contract()) {
    if (operation.planned || operation.least_role == "public") continue;
    const auto found = calls.find(operation.operation_id);
    ASSERT_NE(found, calls.end()) << operation.operation_id << " has no call in operation_calls.h";
    const bool names_an_id = std::ranges::any_of(operation.ids, [](const auto& id) { return !ids_of_everybody.contains(id); });
    const auto query = query_rows.find(operation.operation_id);
    if (names_an_id) {
      ++routes;
      EXPECT_TRUE(found->second.of_one_row || operation.least_role == "operator" || query != query_rows.end())
          << operation.operation_id << " names an id (" << operation.ids.front()
          << ") and has no row: of_row() in operation_calls.h, or query_rows";
    }
    for (const std::string who : {"person", "key"}) {
      const auto as = who == "key" ? rig.api_key_of(rig.other, Role::owner) : "other";
      auto ask = found->second.make(rig, as);
      ask.as = as;
      const auto before = rig.everything_of(rig.tenant);
      const auto response = rig.ask(ask);
      const auto where = operation.operation_id + " as another company's " + who + ": " + std::to_string(response.status) + " " +
                         response.body.substr(0, 300);
      if (operation.least_role == "operator" || (who == "key" && operation.session_only))
        EXPECT_EQ(response.status, 403) << where;
      else if (found->second.of_one_row)
        EXPECT_EQ(response.status, 404) << where;
      else
        EXPECT_LT(response.status, 300) << where;
      (names_an_id && query == query_rows.end() ? refused : others)++;
      tell_nothing(response.body, ask, where);
      if (query != query_rows.end()) {
        const Ask named{.path = query->second.path(rig), .as = as};
        const auto answer = rig.ask(named);
        EXPECT_EQ(answer.status, query->second.status) << named.path << " as another company's " << who << answer.body;
        if (answer.status == 200) EXPECT_EQ(answer.body, query->second.body) << named.path;
        tell_nothing(answer.body, named, named.path);
        ++refused;
      }
      EXPECT_EQ(rig.everything_of(rig.tenant), before) << where << ": something of ours was changed";
    }
  }
  // An id that is no company's own word: a filter that also takes "me", a field of a body under an alert of the caller's own.
  EXPECT_EQ(rig.ask({.path = "/alerts?assignee=" + rig.people.at("analyst").person_id.str(), .as = "other"}).body, R"({"alerts":[]})");
  rig.rig.store_findings(rig.other, {testing::finding_of("theirs", "m9", rig.rig.clock.now())});
  const auto theirs = must(rig.services.alerts.list(rig.other, {})).alerts.at(0).alert_id;
  EXPECT_EQ(rig.ask({.method = "PATCH",
                     .path = "/alerts/" + theirs.str(),
                     .as = "other",
                     .body = R"({"assignee_id":)" + quoted(rig.people.at("analyst").person_id.str()) + "}"})
                .status,
            404);
  printf("%d routes name an id: %d calls refused or empty; %d calls of other routes\n", routes, refused, others);
  EXPECT_GE(routes, 30);
}

}  // namespace
}  // namespace letterlock::api
