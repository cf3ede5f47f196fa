#include "domain/detection/runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace letterlock::detection {
namespace {

// A storage that answers a rule by the word its query begins with. Written by hand for what DuckDB does not do on demand:
// fail. (pack_test.cpp runs on the real one.)
class AnsweringStorage final : public Storage {
 public:
  std::int64_t last_seq = 10;
  std::map<std::string, Result<QueryResult>> answers;
  std::map<std::string, std::int64_t> rows_in_memory_max;  // of a rule: over a larger window it runs out of memory
  std::map<std::string, std::int64_t> poison;              // of a rule: over a window that holds this row it runs out of memory
  std::vector<std::string> asked;

  Result<QueryResult> query(const TenantId&, std::string_view sql, const QueryOptions& options) override {
    if (sql.starts_with("WITH above")) {
      const auto from = std::get<std::int64_t>(options.parameters.at(0).second),
                 rows = std::get<std::int64_t>(options.parameters.at(1).second);
      const auto to = std::max(from, std::min(last_seq, from + rows));
      return QueryResult{.rows = {{Value(to), Value(last_seq), last_seq > to ? Value(from_unix_micros(to + 1)) : Value()}}};
    }
    const std::string name(sql.substr(0, sql.find('\n')));
    asked.push_back(name);
    const auto from = std::get<std::int64_t>(options.parameters.at(0).second), to = std::get<std::int64_t>(options.parameters.at(1).second);
    const auto most = rows_in_memory_max.find(name), bad = poison.find(name);
    if ((most != rows_in_memory_max.end() && to - from > most->second) || (bad != poison.end() && from < bad->second && bad->second <= to))
      return fail(Error{.kind = ErrorKind::unavailable, .message = "query: failed to allocate", .code = "out_of_memory"});
    return answers.at(name);
  }
  Result<void> save_users(const TenantId&, std::span<const User>, const UserListing&, const TenantFacts&, TimePoint) override { return {}; }
  Result<std::vector<User>> get_users(const TenantId&) override { return std::vector<User>{}; }
  Result<std::vector<StoredCursor>> get_cursors(const TenantId&, const MailboxId&) override { return std::vector<StoredCursor>{}; }
  Result<std::optional<TimePoint>> get_last_sync_time(const TenantId&, const MailboxId&) override { return std::optional<TimePoint>{}; }
  Result<AppendResult> append(const TenantId&, const Append&) override { return AppendResult{}; }
  Result<SettingsChanges> save_mailbox_settings(const TenantId&, const MailboxId&, std::span<const MailboxSetting>, TimePoint) override {
    return SettingsChanges{};
  }
  Result<RawMessage> get_raw(const TenantId&, const MailboxId&, const ProviderMessageId&) override { return RawMessage{}; }
  Result<Erased> erase_mail(const TenantId&, const Erasure&) override { return Erased{}; }
  Result<void> forget(const TenantId&, bool) override { return {}; }
};

std::vector<Value> row(
    std::int64_t seq,
    std::string evidence =
        R"({"signals":[{"name":"a","value":"b"},{"name":"c","value":null}],"rows":[{"table":"emails","key":{"id":1}}]})") {
  return {Value("bob@acme.example"),
          Value("eve@evil.example"),
          Value(from_unix_micros(5)),
          Value(1.4),
          Value(std::move(evidence)),
          Value("campaign"),
          Value("bob"),
          Value("m" + std::to_string(seq)),
          Value("id@x"),
          Value("Hello"),
          Value(seq)};
}

Rule rule_named(const std::string& name) {
  return {.id = RuleId("mail/" + name),
          .version = "v1",
          .title = "Title",
          .severity = Severity::critical,
          .attack_technique = "T1566",
          .query = name};
}

// Rules with a SELECT of their own, which can run together; the statement begins with together's first line.
RulePack pack_with_selects() {
  auto one = rule_named("one"), two = rule_named("two");
  one.select = two.select = "SELECT 1";
  return RulePack::of({one, two});
}
constexpr auto together = "SELECT 'mail/one' AS rule_id, * FROM (";

std::vector<Value> row_of(const std::string& rule, std::vector<Value> row) {
  row.insert(row.begin(), Value("mail/" + rule));
  return row;
}

class RunnerTest : public testing::Test {
 protected:
  Result<AnalysisOutcome> run(std::int64_t from = 0, std::vector<RuleSetting> settings = {}, RunnerOptions options = {}, int attempt = 1) {
    return Runner(storage_, pack_, clock_, metrics_, options).run(tenant_, from, settings, stop_.get_token(), attempt);
  }

  const TenantId tenant_{"7b6d1c1e-0000-4000-8000-000000000001"};
  AnsweringStorage storage_;
  RulePack pack_ = RulePack::of({rule_named("one"), rule_named("two")});
  ManualClock clock_{from_unix_micros(0)};
  Metrics metrics_;
  std::stop_source stop_;
};

TEST_F(RunnerTest, TurnsRowsIntoCompleteFindings) {
  storage_.answers = {{"one", QueryResult{.rows = {row(7)}}}, {"two", QueryResult{}}};
  const auto outcome = run(3);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->watermark_from, 3);
  EXPECT_EQ(outcome->watermark_to, 10);
  EXPECT_FALSE(outcome->more);
  ASSERT_EQ(outcome->findings.size(), 1u);
  const auto& finding = outcome->findings[0];
  EXPECT_EQ(finding.rule_id, RuleId("mail/one"));
  EXPECT_EQ(finding.severity, Severity::critical);
  EXPECT_EQ(finding.subject, "bob@acme.example");
  EXPECT_EQ(finding.entity, "eve@evil.example");
  EXPECT_EQ(finding.confidence, 1.0) << "clamped";
  EXPECT_EQ(finding.evidence_json, R"({"signals":[{"name":"a","value":"b"}],"rows":[{"table":"emails","key":{"id":1}}]})");
  EXPECT_EQ(finding.mailbox_id, MailboxId("bob"));
  EXPECT_EQ(finding.provider_message_id, ProviderMessageId("m7"));
  EXPECT_EQ(finding.query_sql, "one");
  EXPECT_EQ(finding.query_parameters_json, R"({"from_seq":6,"to_seq":7})");
}

TEST_F(RunnerTest, ABrokenRuleDoesNotSilenceTheOthers) {
  storage_.answers = {{"one", fail(ErrorKind::invalid, "no such column")}, {"two", QueryResult{.rows = {row(1)}}}};
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->findings.size(), 1u);
  ASSERT_EQ(outcome->notes.size(), 1u);
  EXPECT_EQ(outcome->notes[0], "rule mail/one failed: no such column");
  EXPECT_TRUE(metrics_.exposition().contains("letterlock_rule_failures_total{rule=\"mail/one\"} 1"));
}

TEST_F(RunnerTest, EvidenceOfAnotherShapeIsTheRulesFault) {
  storage_.answers = {{"one", QueryResult{.rows = {row(1, "{}"), row(2)}}}, {"two", QueryResult{.rows = {row(1, "nonsense")}}}};
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->findings.size(), 1u);
  EXPECT_EQ(outcome->notes.size(), 2u);
}

TEST_F(RunnerTest, FailsWhenNoRuleRan) {
  storage_.answers = {{"one", fail(ErrorKind::invalid, "broken")}, {"two", fail(ErrorKind::internal, "broken too")}};
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "running rule mail/one: broken");
}

TEST_F(RunnerTest, AStorageThatIsAwayFailsTheRunAndKeepsTheWatermark) {
  storage_.answers = {{"one", QueryResult{}}, {"two", fail(ErrorKind::unavailable, "connection lost")}};
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::unavailable);
}

TEST_F(RunnerTest, ATimeOutIsTheRulesFault) {
  storage_.answers = {{"one", fail(Error{.kind = ErrorKind::unavailable, .message = "60 s", .code = "timeout"})}, {"two", QueryResult{}}};
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->notes.size(), 1u);
}

TEST_F(RunnerTest, ARuleThatRunsOutOfMemoryIsGivenHalvesOfTheWindow) {
  pack_ = pack_with_selects();
  storage_.rows_in_memory_max = {{together, 0}, {"one", 3}};
  storage_.answers = {{together, QueryResult{}}, {"one", QueryResult{.rows = {row(7)}}}, {"two", QueryResult{.rows = {row(1)}}}};
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  // (0,10] → (0,5] (5,10] → (0,2] (2,5] (5,7] (7,10]: four that fit.
  EXPECT_EQ(std::ranges::count(storage_.asked, "one"), 7);
  EXPECT_EQ(outcome->findings.size(), 5u) << "four of rule one, one of rule two";
  EXPECT_TRUE(outcome->notes.empty());
  EXPECT_EQ(outcome->watermark_to, 10);
}

TEST_F(RunnerTest, AMessageThatARuleRunsOutOfMemoryOverIsPassedOverWithANote) {
  storage_.poison = {{"one", 4}};
  storage_.answers = {{"one", QueryResult{}}, {"two", QueryResult{.rows = {row(4)}}}};
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->watermark_to, 10);
  EXPECT_EQ(outcome->findings.size(), 1u);
  ASSERT_EQ(outcome->notes.size(), 1u);
  EXPECT_EQ(outcome->notes[0],
            "rule mail/one failed: query: failed to allocate; it did not judge 1 of 10 new messages and settings (numbers 4 to 4)");
  EXPECT_TRUE(metrics_.exposition().contains("letterlock_rule_rows_passed_over_total{rule=\"mail/one\"} 1"));
  EXPECT_EQ(outcome->rule_runs.at(0).failure.substr(0, 25), "query: failed to allocate");
}

TEST_F(RunnerTest, HalvesAreTriedNoMoreOftenThanTold) {
  storage_.last_seq = 100'000;
  storage_.rows_in_memory_max = {{"one", 0}};
  storage_.answers = {{"one", QueryResult{}}, {"two", QueryResult{}}};
  const auto outcome = run(0, {}, {.statements_max = 20});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(std::ranges::count(storage_.asked, "one"), 20);
  EXPECT_TRUE(outcome->notes.at(0).contains("it did not judge 100000 of 100000")) << outcome->notes.at(0);
}

TEST_F(RunnerTest, WhereEveryRuleRunsOutOfMemoryTheJobIsTriedAgainBeforeAnythingIsPassedOver) {
  storage_.rows_in_memory_max = {{"one", 0}, {"two", 0}};
  storage_.answers = {{"one", QueryResult{}}, {"two", QueryResult{}}};
  for (const int attempt : {1, 2}) {
    const auto failed = run(0, {}, {}, attempt);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, "out_of_memory");
  }
  const auto outcome = run(0, {}, {}, 3);
  ASSERT_TRUE(outcome) << "later mail must be judged some day";
  EXPECT_EQ(outcome->watermark_to, 10);
  EXPECT_EQ(outcome->notes.size(), 2u);
}

TEST_F(RunnerTest, ADamagedFileIsTheStoragesFault) {
  storage_.answers = {{"one", fail(Error{.kind = ErrorKind::internal, .message = "damaged", .code = "damaged_file"})},
                      {"two", QueryResult{}}};
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, "damaged_file");
}

TEST_F(RunnerTest, LeavesTheRestOfALargeBacklogToAContinuation) {
  storage_.answers = {{"one", QueryResult{}}, {"two", QueryResult{}}};
  const auto outcome = run(0, {}, {.rows_max = 4});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->watermark_to, 4);
  EXPECT_TRUE(outcome->more);
  EXPECT_EQ(outcome->newest_ingest_seq, 10);
  EXPECT_EQ(outcome->oldest_left_at, from_unix_micros(5));
}

TEST_F(RunnerTest, AsksNoRuleWhenNothingIsNew) {
  const auto outcome = run(10);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->watermark_to, 10);
  EXPECT_TRUE(storage_.asked.empty());
}

TEST_F(RunnerTest, DisabledRulesDoNotRun) {
  storage_.answers = {{"one", QueryResult{}}, {"two", QueryResult{}}};
  const auto outcome = run(0, {{.rule_id = RuleId("mail/one"), .enabled = false}});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(storage_.asked, std::vector<std::string>{"two"});
}

TEST_F(RunnerTest, KeepsAtMostTheLimitOfFindingsAndSaysSo) {
  storage_.answers = {{"one", QueryResult{.rows = {row(1), row(2), row(3)}}}, {"two", QueryResult{}}};
  const auto outcome = run(0, {}, {.findings_max = 2});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->findings.size(), 2u);
  ASSERT_EQ(outcome->notes.size(), 1u);
  EXPECT_TRUE(outcome->notes[0].contains("more than 2 findings"));
}

TEST_F(RunnerTest, RunsAllRulesInOneStatement) {
  pack_ = pack_with_selects();
  storage_.answers = {{together, QueryResult{.rows = {row_of("two", row(2)), row_of("one", row(7)), row_of("two", row(3, "nonsense"))}}}};
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(storage_.asked.size(), 1u);
  ASSERT_EQ(outcome->findings.size(), 2u);
  EXPECT_EQ(outcome->findings[0].rule_id, RuleId("mail/one"));
  EXPECT_EQ(outcome->findings[0].provider_message_id, ProviderMessageId("m7"));
  EXPECT_EQ(outcome->findings[0].query_sql, "one") << "evidence is run again by the rule's own statement";
  EXPECT_EQ(outcome->findings[1].rule_id, RuleId("mail/two"));
  EXPECT_EQ(outcome->notes.size(), 1u) << "the evidence of another shape";
}

TEST_F(RunnerTest, RunsEachRuleAloneWhereTheyFailTogether) {
  pack_ = pack_with_selects();
  storage_.answers = {{together, fail(ErrorKind::invalid, "no such column")},
                      {"one", fail(ErrorKind::invalid, "no such column")},
                      {"two", QueryResult{.rows = {row(1)}}}};
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(storage_.asked, (std::vector<std::string>{together, "one", "two"}));
  EXPECT_EQ(outcome->findings.size(), 1u);
  EXPECT_EQ(outcome->notes, std::vector<std::string>{"rule mail/one failed: no such column"});
}

TEST_F(RunnerTest, AStorageThatIsAwayIsNotAskedForEachRule) {
  pack_ = pack_with_selects();
  storage_.answers = {{together, fail(ErrorKind::unavailable, "connection lost")}};
  EXPECT_FALSE(run());
  EXPECT_EQ(storage_.asked.size(), 1u);
}

TEST_F(RunnerTest, StopsBetweenRules) {
  stop_.request_stop();
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, "stopped");
  EXPECT_TRUE(storage_.asked.empty());
}

}  // namespace
}  // namespace letterlock::detection
