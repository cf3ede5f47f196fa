#include "domain/alerts/alert_service.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.h"
#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::finding_of;
using testing::kind_of;
using testing::must;

class AlertServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig.database.ok());
    tenant = rig.new_tenant("firma");
    other = rig.new_tenant("other");
  }
  // One alert per number, each one minute newer than the one before.
  void store(int from, int to) {
    std::vector<Finding> findings;
    for (int i = from; i < to; ++i)
      findings.push_back(finding_of("campaign-" + std::to_string(i), "m" + std::to_string(i), rig.clock.now() + std::chrono::minutes(i)));
    rig.store_findings(tenant, std::move(findings));
  }
  AlertId first_alert() { return must(rig.alerts.list(tenant, {})).alerts.at(0).alert_id; }
  std::vector<std::string> all(AlertFilter filter) {
    std::vector<std::string> keys;
    do {
      const auto page = must(rig.alerts.list(tenant, filter));
      for (const auto& alert : page.alerts) keys.push_back(alert.newest.dedup_key);
      filter.cursor = page.next_cursor;
    } while (filter.cursor && keys.size() < 1000);
    return keys;
  }
  Result<int> change(const TenantId& of, const AlertId& alert, std::optional<std::string> status, std::optional<std::string> note,
                     const std::string& actor) {
    return rig.alerts.change(of, {alert}, {.status = std::move(status), .note = std::move(note)}, actor);
  }
  PersonId person(const std::string& email, const TenantId& of) {
    return must(rig.access.create_person(
        {.email = email, .password = "correct horse battery", .role = Role::analyst, .tenant_id = of, .interactive_hash = true}));
  }
  ControlRig rig;
  TenantId tenant, other;
};

TEST_F(AlertServiceTest, ListsTheNewestFirstInPagesWithoutGapsOrRepeats) {
  store(0, 7);
  EXPECT_EQ(all({.limit = 3}), all({.limit = 100}));
  EXPECT_EQ(all({.limit = 3}).front(), "campaign-6");
  EXPECT_EQ(all({.limit = 7}).size(), 7U);
  EXPECT_FALSE(must(rig.alerts.list(tenant, {.limit = 7})).next_cursor) << "nothing is left behind the seventh";
}

TEST_F(AlertServiceTest, AlertsOfTheSameInstantAreStillPagedOneByOne) {
  std::vector<Finding> findings;
  for (int i = 0; i < 5; ++i) findings.push_back(finding_of("c" + std::to_string(i), "m", rig.clock.now()));
  rig.store_findings(tenant, std::move(findings));
  auto keys = all({.limit = 2});
  std::ranges::sort(keys);
  EXPECT_EQ(keys, (std::vector<std::string>{"c0", "c1", "c2", "c3", "c4"}));
}

TEST_F(AlertServiceTest, PagesHoldStillWhileAlertsArrive) {
  store(0, 6);
  const auto first = must(rig.alerts.list(tenant, {.limit = 3}));
  store(10, 14);
  const auto second = must(rig.alerts.list(tenant, {.cursor = first.next_cursor, .limit = 3}));
  std::vector<std::string> keys;
  for (const auto& page : {first, second})
    for (const auto& alert : page.alerts) keys.push_back(alert.newest.dedup_key);
  EXPECT_EQ(keys, (std::vector<std::string>{"campaign-5", "campaign-4", "campaign-3", "campaign-2", "campaign-1", "campaign-0"}));
}

TEST_F(AlertServiceTest, FiltersNarrowTheList) {
  store(0, 3);
  auto low = finding_of("low", "m", rig.clock.now());
  low.severity = Severity::low;
  low.rule_id = RuleId("mailbox/forwarding");
  rig.store_findings(tenant, {low});
  EXPECT_EQ(all({.severities = {"low"}}), std::vector<std::string>{"low"});
  EXPECT_EQ(all({.rule_id = "mailbox/forwarding"}), std::vector<std::string>{"low"});
  EXPECT_EQ(all({.severities = {"high"}, .rule_id = "mailbox/forwarding"}).size(), 0U);
  must(change(tenant, first_alert(), "resolved", std::nullopt, "anna"));
  EXPECT_EQ(all({.statuses = {"resolved"}}), std::vector<std::string>{"campaign-2"});
  EXPECT_EQ(all({.statuses = {"open"}, .limit = 2}).size(), 3U);
  EXPECT_EQ(kind_of(rig.alerts.list(tenant, {.severities = {"' OR true --"}})), "invalid");
}

TEST_F(AlertServiceTest, RefusesCursorsThatAreNone) {
  for (const auto& bad : {std::string("nonsense"), std::string("%%"), to_base64url("1:x"), to_base64url("x:" + new_uuid()),
                          to_base64url("-1:" + new_uuid()), to_base64url("9223372036854775807:" + new_uuid()), std::string()})
    EXPECT_EQ(kind_of(rig.alerts.list(tenant, {.cursor = bad})), "invalid") << bad;
  EXPECT_EQ(kind_of(rig.alerts.list(tenant, {.limit = 0})), "invalid");
}

TEST_F(AlertServiceTest, TheVersionChangesWhenAnAlertChangesAndOnlyThen) {
  const auto version_of = [&](const TenantId& whose) {
    return must(rig.alerts.news(whose, {}, [](const std::string&) { return true; })).version;
  };
  const auto version = [&] { return version_of(tenant); };
  const auto at_first = version();
  const auto others = version_of(other);
  store(0, 2);
  const auto stored = version();
  EXPECT_NE(stored, at_first);
  store(0, 2);
  EXPECT_EQ(version(), stored) << "the same findings again change nothing";
  must(change(tenant, first_alert(), "open", std::nullopt, "anna"));
  EXPECT_EQ(version(), stored) << "it was open before";
  EXPECT_EQ(kind_of(change(tenant, first_alert(), "nonsense", std::nullopt, "anna")), "invalid");
  EXPECT_EQ(version(), stored);
  must(change(tenant, first_alert(), "in_progress", std::nullopt, "anna"));
  const auto changed = version();
  EXPECT_NE(changed, stored);
  must(change(tenant, first_alert(), std::nullopt, "a note", "anna"));
  EXPECT_NE(version(), changed);
  rig.store_findings(tenant, {finding_of("campaign-0", "another message", rig.clock.now())});
  EXPECT_EQ(version_of(other), others);
  EXPECT_EQ(kind_of(rig.alerts.news(TenantId(new_uuid()), {}, [](const std::string&) { return true; })), "not_found");
  const auto news = must(rig.alerts.news(tenant, {.limit = 1}, [&](const std::string& known) { return known == at_first; }));
  ASSERT_TRUE(news.page) << "there is something new";
  EXPECT_EQ(news.page->alerts.size(), 1U);
}

TEST_F(AlertServiceTest, AnAlertShowsItsNewestSightingEvidenceAndHistory) {
  rig.store_findings(tenant, {finding_of("c", "m1", rig.clock.now())});
  auto newer = finding_of("c", "m2", rig.clock.now() + std::chrono::hours(1));
  newer.evidence_json = R"({"signals":[{"name":"distance","value":"2"}],"rows":[]})";
  newer.subject = "ben@firma.example";
  newer.confidence = 0.5;
  rig.store_findings(tenant, {newer});
  rig.store_findings(tenant, {finding_of("c", "m0", rig.clock.now() - std::chrono::hours(1))});

  must(change(tenant, first_alert(), "resolved", "Asked Ben: harmless.", "anna@firma.example"));
  must(change(tenant, first_alert(), std::nullopt, "More.", "ben@firma.example"));
  const auto detail = must(rig.alerts.get(tenant, first_alert()));
  EXPECT_EQ(detail.alert.sightings, 3);
  EXPECT_EQ(detail.alert.first_seen_at, rig.clock.now() - std::chrono::hours(1));
  EXPECT_EQ(detail.alert.last_seen_at, newer.observed_at);
  EXPECT_EQ(detail.alert.newest.subject, "ben@firma.example");
  EXPECT_TRUE(detail.alert.newest.evidence_json.contains("\"2\"")) << detail.alert.newest.evidence_json;
  EXPECT_EQ(detail.alert.newest.confidence, 0.75);
  EXPECT_EQ(detail.alert.newest.message_subject, "Überweisung 株式会社 🙂");
  EXPECT_EQ(detail.alert.newest.provider_message_id.str(), "m2");
  ASSERT_EQ(detail.sightings.size(), 3U);
  EXPECT_EQ(detail.sightings[0].provider_message_id.str(), "m2");
  EXPECT_EQ(detail.sightings[2].provider_message_id.str(), "m0");

  ASSERT_EQ(detail.history.size(), 3U);
  EXPECT_EQ(detail.history[0].kind, "note");
  EXPECT_EQ(detail.history[0].note, "More.");
  EXPECT_EQ(detail.history[0].actor, "ben@firma.example");
  EXPECT_EQ(detail.history[1].kind, "status");
  EXPECT_EQ(detail.history[1].status, "resolved");
  EXPECT_EQ(detail.history[1].note, "Asked Ben: harmless.");
  EXPECT_EQ(detail.history[2].kind, "created");
  EXPECT_EQ(detail.alert.status, "resolved");
}

TEST_F(AlertServiceTest, AssigneeAndFeedbackAreSetTakenBackFilteredAndRemembered) {
  store(0, 3);
  const auto anna = person("anna@firma.example", tenant), eve = person("eve@other.example", other);
  const auto alert = first_alert();
  const auto set = [&](const AlertChange& wanted) { return rig.alerts.change(tenant, {alert}, wanted, "anna"); };
  EXPECT_EQ(kind_of(set({.assignee_id = std::optional(eve)})), "not_found") << "a person of another tenant";
  EXPECT_EQ(must(set({.assignee_id = std::optional(anna), .feedback = std::optional<std::string>("fraud")})), 1);
  EXPECT_EQ(must(set({.assignee_id = std::optional(anna)})), 0) << "it was so before";
  EXPECT_EQ(all({.assignee = anna.str()}), std::vector<std::string>{"campaign-2"});
  EXPECT_EQ(all({.assignee = "none"}).size(), 2U);
  EXPECT_EQ(all({.feedback = "fraud"}), std::vector<std::string>{"campaign-2"});
  EXPECT_EQ(all({.feedback = "none"}).size(), 2U);
  EXPECT_EQ(kind_of(rig.alerts.list(tenant, {.assignee = "somebody"})), "invalid");
  auto detail = must(rig.alerts.get(tenant, alert));
  ASSERT_TRUE(detail.alert.assignee);
  EXPECT_EQ(detail.alert.assignee->email, "anna@firma.example");
  EXPECT_EQ(detail.history[0].kind, "assignee");
  EXPECT_EQ(detail.history[0].assignee, "anna@firma.example");
  EXPECT_EQ(detail.history[0].feedback, "fraud");
  must(set({.assignee_id = std::optional<PersonId>(), .feedback = std::optional<std::string>()}));
  detail = must(rig.alerts.get(tenant, alert));
  EXPECT_FALSE(detail.alert.assignee);
  EXPECT_FALSE(detail.alert.feedback);
  EXPECT_EQ(detail.history[0].assignee, "");
  EXPECT_EQ(kind_of(set({.feedback = std::optional<std::string>("spam")})), "invalid");
  must(set({.assignee_id = std::optional(anna)}));
  must(rig.people.remove({.name = "owner", .tenant_id = tenant, .role = Role::owner}, anna));
  EXPECT_FALSE(must(rig.alerts.get(tenant, alert)).alert.assignee) << "who is gone works on nothing";
}

TEST_F(AlertServiceTest, ManyAreChangedAtOnceOrNone) {
  store(0, 4);
  std::vector<AlertId> ids;
  for (const auto& alert : must(rig.alerts.list(tenant, {})).alerts) ids.push_back(alert.alert_id);
  EXPECT_EQ(must(rig.alerts.change(tenant, ids, {.status = "dismissed", .note = "a drill"}, "anna")), 4);
  EXPECT_EQ(all({.statuses = {"dismissed"}}).size(), 4U);
  auto with_a_stranger = ids;
  with_a_stranger.emplace_back(new_uuid());
  EXPECT_EQ(kind_of(rig.alerts.change(tenant, with_a_stranger, {.status = "open"}, "anna")), "not_found");
  EXPECT_EQ(kind_of(rig.alerts.change(other, ids, {.status = "open"}, "eve")), "not_found");
  EXPECT_EQ(all({.statuses = {"dismissed"}}).size(), 4U) << "none was changed";
  EXPECT_EQ(kind_of(rig.alerts.change(tenant, {}, {.status = "open"}, "anna")), "invalid");
  EXPECT_EQ(kind_of(rig.alerts.change(tenant, std::vector<AlertId>(201, ids[0]), {.status = "open"}, "anna")), "invalid");
}

TEST_F(AlertServiceTest, AnotherTenantsAlertDoesNotExist) {
  store(0, 1);
  const auto alert = first_alert();
  EXPECT_EQ(kind_of(rig.alerts.get(other, alert)), "not_found");
  EXPECT_EQ(kind_of(change(other, alert, "resolved", std::nullopt, "eve")), "not_found");
  EXPECT_TRUE(must(rig.alerts.list(other, {})).alerts.empty());
  EXPECT_EQ(must(rig.alerts.get(tenant, alert)).alert.status, "open");
  EXPECT_EQ(kind_of(rig.alerts.get(tenant, AlertId(new_uuid()))), "not_found");
  EXPECT_EQ(kind_of(rig.alerts.get(tenant, AlertId("no uuid"))), "not_found");
}

TEST_F(AlertServiceTest, RefusesAChangeOfNothingAndNotesWithoutEnd) {
  store(0, 1);
  EXPECT_EQ(kind_of(change(tenant, first_alert(), std::nullopt, std::nullopt, "anna")), "invalid");
  EXPECT_EQ(kind_of(change(tenant, first_alert(), std::nullopt, "", "anna")), "invalid");
  EXPECT_EQ(kind_of(change(tenant, first_alert(), std::nullopt, std::string(10'001, 'x'), "anna")), "invalid");
  EXPECT_EQ(must(rig.alerts.get(tenant, first_alert())).history.size(), 1U);
}

}  // namespace
}  // namespace letterlock
