#include <gtest/gtest.h>

#include "base/page_cursor.h"
#include "domain/alerts/alert_rows.h"
#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::finding_of;
using testing::kind_of;
using testing::must;

class AlertListTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig.database.ok());
    tenant = rig.new_tenant("firma");
    other = rig.new_tenant("other");
  }
  std::vector<std::string> all(const AlertFilter& filter) {
    std::vector<std::string> keys;
    for (const auto& alert : must(rig.alerts.list(tenant, filter)).alerts) keys.push_back(alert.newest.dedup_key);
    return keys;
  }
  // How a prepared statement is run: with a plan for these parameters (force_custom_plan), or with the one that it keeps for all of them
  // (force_generic_plan).
  std::string plan_of(const AlertStatement& statement, const std::string& plan_cache_mode) {
    std::string plan, values;
    for (const auto& param : statement.params) values += (values.empty() ? "'" : ", '") + param.value().value_or("") + "'";
    must(rig.pool.transact(tenant.str(), [&](postgres::Transaction& transaction) -> Result<void> {
      TRY(transaction.run("SELECT set_config('plan_cache_mode', $1, true)", {plan_cache_mode}));
      TRY(transaction.run("PREPARE listed AS " + statement.sql));
      for (const auto& row : TRY(transaction.run("EXPLAIN EXECUTE listed(" + values + ")")).rows) plan += row.text(0) + "\n";
      TRY(transaction.run("DEALLOCATE listed"));
      return {};
    }));
    return plan;
  }
  ControlRig rig;
  TenantId tenant, other;
};

TEST_F(AlertListTest, SearchFindsWordsByTheirBeginningInAddressesSubjectsAndNotes) {
  auto bank = finding_of("bank", "m1", rig.clock.now());
  bank.message_subject = "New bank details for invoice 4711 (March) <signed> O'Brien";
  bank.entity = "mary@vendor-payments.example";
  rig.store_findings(tenant, {bank, finding_of("other", "m2", rig.clock.now())});
  rig.store_findings(other, {bank});
  for (const auto* words : {"bank", "BANK det", "4711", "mary", "vendor payments", "vendor-payments.example",
                            "mary@vendor-payments.example", "invoi new", "#4711", "(March)", "invoice,", "\"bank details\"",
                            "<mary@vendor-payments.example>", "signed", "o'brien", "bank !", "BANK & (mar:* | \\"})
    EXPECT_EQ(all({.search = words}), std::vector<std::string>{"bank"}) << words;
  for (const auto* words : {"bank nothing", "ank", "'; DROP TABLE alerts; --", "!", "x:* | bank", "\\'", "&", "<->"})
    EXPECT_TRUE(all({.search = words}).empty()) << words;
  const auto found = must(rig.alerts.list(tenant, {.search = "bank"})).alerts.at(0).alert_id;
  must(rig.alerts.change(tenant, {found}, {.note = "Mary says that she is in Zanzibar"}, "anna"));
  EXPECT_EQ(all({.search = "zanzi"}), std::vector<std::string>{"bank"});
  EXPECT_TRUE(all({.statuses = {"resolved"}, .search = "bank"}).empty());
  EXPECT_EQ(all({.statuses = {"open", "resolved"}, .severities = {"high", "low"}, .search = "bank"}), std::vector<std::string>{"bank"});
  EXPECT_EQ(all({.rule_id = bank.rule_id.str(), .search = "bank"}), std::vector<std::string>{"bank"});
}

TEST_F(AlertListTest, ASearchIsReadPageByPage) {
  std::vector<Finding> findings;
  for (int i = 0; i < 7; ++i) findings.push_back(finding_of("c" + std::to_string(i), "m", rig.clock.now() + std::chrono::minutes(i)));
  rig.store_findings(tenant, findings);
  std::vector<std::string> keys;
  AlertFilter filter{.search = "sender", .limit = 3};
  do {
    const auto page = must(rig.alerts.list(tenant, filter));
    for (const auto& alert : page.alerts) keys.push_back(alert.newest.dedup_key);
    filter.cursor = page.next_cursor;
  } while (filter.cursor);
  EXPECT_EQ(keys, (std::vector<std::string>{"c6", "c5", "c4", "c3", "c2", "c1", "c0"}));
}

TEST_F(AlertListTest, AWordThatIsNoneOfTheSetIsInvalid) {
  EXPECT_EQ(kind_of(rig.alerts.list(tenant, {.statuses = {"open", "' OR true --"}})), "invalid");
  EXPECT_EQ(kind_of(rig.alerts.list(tenant, {.severities = {"huge"}})), "invalid");
  EXPECT_EQ(kind_of(rig.alerts.list(tenant, {.feedback = "spam"})), "invalid");
}

TEST_F(AlertListTest, FiltersByEntitySubjectTimeAndPaymentInstrument) {
  auto bank = finding_of("bank", "m1", rig.clock.now());
  bank.entity = "mary@vendor.example";
  bank.subject = "ben@firma.example";
  bank.evidence_json = R"({"signals":[{"name":"account","value":"DE1"}],"rows":[{"table":"payment_instruments","key":{}}]})";
  rig.store_findings(tenant, {bank, finding_of("other", "m2", rig.clock.now() + std::chrono::hours(1))});
  const std::vector<std::string> found{"bank"};
  EXPECT_EQ(all({.entity = "mary@vendor.example"}), found);
  EXPECT_EQ(all({.entity = "vendor.example"}), found) << "a domain finds its addresses";
  EXPECT_TRUE(all({.entity = "john@vendor.example"}).empty());
  EXPECT_EQ(all({.subject = "ben@firma.example"}), found);
  EXPECT_EQ(all({.names_payment_instrument = true}), found);
  EXPECT_EQ(all({.names_payment_instrument = false}), std::vector<std::string>{"other"});
  EXPECT_EQ(all({.seen_to = rig.clock.now() + std::chrono::minutes(1)}), found);
  EXPECT_EQ(all({.seen_from = rig.clock.now() + std::chrono::minutes(1)}), std::vector<std::string>{"other"});
  EXPECT_EQ(all({.statuses = {"open", "resolved"}, .severities = {"high", "low"}}).size(), 2U);
}

// Whatever the filter, a list is cut from an index: at 20,000 alerts no plan reads them all.
TEST_F(AlertListTest, NoListReadsTheAlertsSequentially) {
  rig.database.sql(
      "INSERT INTO alerts (alert_id, tenant_id, fingerprint, rule_id, rule_version, title, severity, attack_technique, subject, entity, "
      "dedup_key, confidence, evidence, message_subject, query_sql, query_parameters, first_seen_at, last_seen_at, status) SELECT "
      "gen_random_uuid(), '" +
      tenant.str() +
      "', n::text, 'mail/r' || n % 20, 'v', 'Title ' || n, (ARRAY['low','medium','high','critical'])[1 + n % 4], 'T1', 'user' || n % 500 "
      "|| '@firma.example', 'sender' || n % 5000 || '@d' || n % 700 || '.example', n::text, 0.5, '{\"signals\":[],\"rows\":[]}', "
      "'subject ' || n, 'SELECT 1', '{}', timestamptz '2023-01-01' + n * interval '1 minute', timestamptz '2023-01-01' + n * interval '1 "
      "minute', CASE WHEN n % 50 = 0 THEN 'open' ELSE 'resolved' END FROM generate_series(1, 20000) AS n");
  rig.database.sql("ANALYZE alerts");
  const auto time = *from_rfc3339("2023-01-10T00:00:00Z");
  const std::vector<AlertFilter> filters{{},
                                         {.statuses = {"open"}},
                                         {.statuses = {"open", "in_progress"}},
                                         {.severities = {"critical"}},
                                         {.severities = {"critical", "high"}},
                                         {.rule_id = "mail/r7"},
                                         {.assignee = new_uuid()},
                                         {.assignee = "none"},
                                         {.subject = "user7@firma.example"},
                                         {.entity = "sender7@d7.example"},
                                         {.entity = "d7.example"},
                                         {.feedback = "fraud"},
                                         {.feedback = "none"},
                                         {.names_payment_instrument = true},
                                         {.seen_from = time},
                                         {.seen_to = time},
                                         {.search = "subject 4711"},
                                         {.statuses = {"open"}, .severities = {"critical"}, .rule_id = "mail/r7", .search = "title"},
                                         {.cursor = to_cursor(PagePlace{.at = time, .id = new_uuid()})}};
  for (std::size_t i = 0; i < filters.size(); ++i) {
    const auto statement = must(alert_list_statement(tenant, filters[i]));
    for (const auto* mode : {"force_custom_plan", "force_generic_plan"}) {
      const auto plan = plan_of(statement, mode);
      EXPECT_FALSE(plan.contains("Seq Scan on alerts")) << "filter " << i << ", " << mode << "\n" << statement.sql << "\n" << plan;
      EXPECT_TRUE(plan.contains("alerts")) << plan;
    }
  }
  // The search's own statement, as its function runs it: a rare word is looked up, of a common one the newest matches are walked to.
  const auto search_plan = [&](const std::string& words) {
    std::string plan;
    for (const auto& row : rig.database.sql("EXPLAIN SELECT alert_id FROM alerts WHERE tenant_id = '" + tenant.str() + "' AND search @@ '" +
                                            words + "'::tsquery ORDER BY last_seen_at DESC, alert_id DESC LIMIT 51"))
      plan += row[0].value() + "\n";
    return plan;
  };
  EXPECT_TRUE(search_plan("subject:* & 4711:*").contains("alerts_search")) << search_plan("subject:* & 4711:*");
  EXPECT_TRUE(search_plan("firma:*").contains("alerts_newest")) << search_plan("firma:*");
  // It can fail: without its index a filter reads them all.
  rig.database.sql("DROP INDEX alerts_by_subject");
  rig.database.sql("DROP INDEX alerts_newest");
  const auto statement = must(alert_list_statement(tenant, {.subject = "user7@firma.example"}));
  EXPECT_NE(plan_of(statement, "force_custom_plan").find("Filter"), std::string::npos);
}

TEST_F(AlertListTest, StatisticsCountWhatIsThere) {
  auto bank = finding_of("bank", "m1", rig.clock.now() - std::chrono::days(2));
  bank.severity = Severity::critical;
  bank.evidence_json = R"({"signals":[{"name":"account","value":"DE1"}],"rows":[{"table":"payment_instruments","key":{}}]})";
  auto same_account = bank;
  same_account.dedup_key = "bank2";
  rig.store_findings(tenant, {bank, same_account, finding_of("today", "m2", rig.clock.now()),
                              finding_of("long ago", "m3", rig.clock.now() - std::chrono::days(40))});
  rig.store_findings(other, {finding_of("theirs", "m2", rig.clock.now())});
  const auto today = must(rig.alerts.list(tenant, {})).alerts.at(0).alert_id;
  rig.clock.advance(std::chrono::hours(1));
  must(rig.alerts.change(tenant, {today}, {.status = "resolved", .feedback = std::optional<std::string>("not_fraud")}, "anna"));
  const auto statistics = must(rig.alert_statistics.get(tenant, 7));
  EXPECT_EQ(statistics.by_day.size(), 7U);
  EXPECT_EQ(statistics.by_day.back().day, statistics.to);
  EXPECT_EQ(statistics.by_day.back().by_status.resolved, 1);
  EXPECT_EQ(statistics.by_day[4].by_severity.critical, 2);
  EXPECT_EQ(statistics.by_status.open, 3);
  EXPECT_EQ(statistics.open_by_severity.critical, 2);
  EXPECT_EQ(statistics.unassigned, 3);
  EXPECT_EQ(statistics.feedback.not_fraud, 1);
  EXPECT_EQ(statistics.feedback.none, 2) << "the one of long ago is not of the range";
  EXPECT_EQ(statistics.seconds_to_decision_median, 3600);
  EXPECT_EQ(statistics.money_at_risk.alerts, 2);
  EXPECT_EQ(statistics.money_at_risk.payment_instruments, 1) << "two alerts about one account";
  ASSERT_EQ(statistics.by_rule.size(), 1U);
  EXPECT_EQ(statistics.by_rule[0].alerts, 3);
  EXPECT_EQ(statistics.by_rule[0].not_fraud, 1);
  EXPECT_EQ(kind_of(rig.alert_statistics.get(tenant, 91)), "invalid");
}

}  // namespace
}  // namespace letterlock
