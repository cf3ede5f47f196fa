#include "domain/alerts/suppression_service.h"

#include <gtest/gtest.h>

#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::finding_of;
using testing::kind_of;
using testing::must;

class SuppressionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig.database.ok());
    tenant = rig.new_tenant("firma");
  }
  std::size_t alerts() { return must(rig.alerts.list(tenant, {})).alerts.size(); }
  Finding finding(const std::string& campaign, const std::string& entity) {
    auto made = finding_of(campaign, "m-" + campaign, rig.clock.now());
    made.entity = entity;
    return made;
  }
  ControlRig rig;
  TenantId tenant;
};

TEST_F(SuppressionTest, FindingsWithItsKeyMakeNoAlertUntilItEnds) {
  const auto until = rig.clock.now() + std::chrono::hours(24);
  const auto made = must(rig.suppressions.create(
      tenant,
      {.key = {.rule_id = "phishing/lookalike_sender", .entity = "known@vendor.example"}, .reason = "Our own drill", .until = until},
      "anna"));
  EXPECT_TRUE(made.active);
  rig.store_findings(tenant, {finding("a", "known@vendor.example"), finding("b", "stranger@vendor.example")});
  EXPECT_EQ(alerts(), 1U) << "the other entity's alone";
  auto seen = must(rig.suppressions.list(tenant, true, std::nullopt, 10)).suppressions.at(0);
  EXPECT_EQ(seen.findings, 1);
  EXPECT_EQ(seen.last_finding_at, rig.clock.now());

  rig.clock.advance(std::chrono::hours(25));
  rig.store_findings(tenant, {finding("c", "known@vendor.example")});
  EXPECT_EQ(alerts(), 2U) << "it is over";
  EXPECT_TRUE(must(rig.suppressions.list(tenant, true, std::nullopt, 10)).suppressions.empty());
  EXPECT_EQ(must(rig.suppressions.list(tenant, false, std::nullopt, 10)).suppressions.size(), 1U);
}

TEST_F(SuppressionTest, EndedByHandItLetsTheNextFindingThrough) {
  const auto made = must(rig.suppressions.create(
      tenant, {.key = {.entity = "x@y.example"}, .reason = "r", .until = rig.clock.now() + std::chrono::hours(24)}, "anna"));
  const auto other = rig.new_tenant("other");
  EXPECT_EQ(kind_of(rig.suppressions.end(other, made.suppression_id, "eve")), "not_found");
  EXPECT_TRUE(must(rig.suppressions.list(other, std::nullopt, std::nullopt, 10)).suppressions.empty());
  const auto ended = must(rig.suppressions.end(tenant, made.suppression_id, "ben"));
  EXPECT_FALSE(ended.active);
  EXPECT_EQ(ended.ended_by, "ben");
  rig.store_findings(tenant, {finding("a", "x@y.example")});
  EXPECT_EQ(alerts(), 1U);
}

TEST_F(SuppressionTest, NeedsAKeyAReasonAndAnEnd) {
  const auto soon = rig.clock.now() + std::chrono::hours(1);
  EXPECT_EQ(kind_of(rig.suppressions.create(tenant, {.key = {}, .reason = "r", .until = soon}, "anna")), "invalid");
  EXPECT_EQ(kind_of(rig.suppressions.create(tenant, {.key = {.entity = "e"}, .reason = "", .until = soon}, "anna")), "invalid");
  EXPECT_EQ(kind_of(rig.suppressions.create(tenant, {.key = {.entity = "e"}, .reason = "r", .until = rig.clock.now()}, "anna")), "invalid");
  EXPECT_EQ(kind_of(rig.suppressions.create(
                tenant, {.key = {.entity = "e"}, .reason = "r", .until = rig.clock.now() + std::chrono::days(400)}, "anna")),
            "invalid");
}

TEST_F(SuppressionTest, ARulesThresholdsDecideToo) {
  auto weak = finding("weak", "a@b.example");
  weak.confidence = 0.4;
  must(rig.rules.change(tenant, weak.rule_id, {.severity_override = std::optional<std::string>("low"), .confidence_min = 0.5}));
  rig.store_findings(tenant, {weak, finding("strong", "a@b.example")});
  const auto page = must(rig.alerts.list(tenant, {}));
  ASSERT_EQ(page.alerts.size(), 1U);
  EXPECT_EQ(page.alerts[0].newest.dedup_key, "strong");
  EXPECT_EQ(page.alerts[0].newest.severity, Severity::low);
  must(rig.rules.change(tenant, weak.rule_id, {.enabled = false}));
  rig.store_findings(tenant, {finding("late", "a@b.example")});
  EXPECT_EQ(alerts(), 1U) << "a run that began before the rule was switched off makes no alert either";
  const auto status = must(rig.rules.status(tenant)).at(weak.rule_id.str());
  EXPECT_FALSE(status.thresholds.enabled);
  EXPECT_EQ(status.thresholds.confidence_min, 0.5) << "parts that a change does not name stay";
  EXPECT_EQ(kind_of(rig.rules.change(tenant, weak.rule_id, {.confidence_min = 1.5})), "invalid");
  EXPECT_EQ(kind_of(rig.rules.change(tenant, weak.rule_id, {})), "invalid");
}

TEST_F(SuppressionTest, RunsOfARuleAreSummedUp) {
  rig.store_analysis(tenant, {.rule_runs = {{.rule_id = RuleId("a/b"), .seconds = 1, .findings = 2},
                                            {.rule_id = RuleId("a/c"), .seconds = 5, .failure = "it broke"}}});
  rig.store_rule_run(tenant);
  const auto status = must(rig.rules.status(tenant));
  const auto& cost = status.at("a/b").cost;
  ASSERT_TRUE(cost);
  EXPECT_EQ(cost->runs, 2);
  EXPECT_EQ(cost->findings, 4);
  EXPECT_EQ(cost->seconds_mean, 0.75);
  EXPECT_EQ(cost->seconds_max, 1);
  EXPECT_EQ(status.at("a/c").cost->failures, 1);
  EXPECT_EQ(status.at("a/c").cost->last_failure, "it broke");
}

}  // namespace
}  // namespace letterlock
