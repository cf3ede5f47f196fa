#include "domain/detection/runner.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "base/log.h"
#include "domain/detection/evidence.h"
#include "model/storage_state.h"

namespace letterlock::detection {
namespace {

// Columns of compose_query(), in order.
enum Column : std::size_t {
  subject,
  entity,
  observed_at,
  confidence,
  evidence,
  dedup_key,
  mailbox_id,
  provider_message_id,
  message_id,
  message_subject,
  ingest_seq
};
constexpr std::size_t column_count = 11;

template <class T>
Result<T> cell(const std::vector<Value>& row, Column column, std::string_view name) {
  if (const auto* value = std::get_if<T>(&row[column])) return *value;
  return fail(ErrorKind::invalid, "column " + std::string(name) + " is NULL or of another type");
}

Result<Finding> finding_from(const Rule& rule, const std::vector<Value>& row) {
  if (row.size() != column_count) return fail(ErrorKind::invalid, "the rule's query gave " + std::to_string(row.size()) + " columns");
  Finding finding;
  finding.subject = TRY(cell<std::string>(row, subject, "subject"));
  finding.entity = TRY(cell<std::string>(row, entity, "entity"));
  finding.observed_at = TRY(cell<TimePoint>(row, observed_at, "observed_at"));
  finding.confidence = std::clamp(TRY(cell<double>(row, confidence, "confidence")), 0.0, 1.0);
  finding.evidence_json = TRY(tidy_evidence(TRY(cell<std::string>(row, evidence, "evidence"))));
  finding.dedup_key = TRY(cell<std::string>(row, dedup_key, "dedup_key"));
  finding.mailbox_id = MailboxId(TRY(cell<std::string>(row, mailbox_id, "mailbox_id")));
  finding.provider_message_id = ProviderMessageId(TRY(cell<std::string>(row, provider_message_id, "provider_message_id")));
  finding.message_id = TRY(cell<std::string>(row, message_id, "message_id"));
  finding.message_subject = TRY(cell<std::string>(row, message_subject, "message_subject"));
  finding.rule_id = rule.id;
  finding.rule_version = rule.version;
  finding.title = rule.title;
  finding.severity = rule.severity;
  finding.attack_technique = rule.attack_technique;
  finding.query_sql = rule.query;
  // The window that holds this message alone: run again, the query gives this finding alone.
  const auto seq = TRY(cell<std::int64_t>(row, ingest_seq, "ingest_seq"));
  finding.query_parameters_json = "{\"from_seq\":" + std::to_string(seq - 1) + ",\"to_seq\":" + std::to_string(seq) + "}";
  return finding;
}

bool is_out_of_memory(const Error& error) { return error.code == "out_of_memory"; }

// Whether the storage, and not the rule, is at fault: the whole run is tried again later. What a rule takes too long or needs too much
// memory for is its own.
bool is_storage_fault(const Error& error) {
  if (error.code == damaged_file_code) return true;
  switch (error.kind) {
    case ErrorKind::unavailable:
      return error.code != "timeout" && !is_out_of_memory(error);
    case ErrorKind::unauthenticated:
    case ErrorKind::throttled:
    case ErrorKind::conflict:
      return true;
    case ErrorKind::invalid:
    case ErrorKind::forbidden:
    case ErrorKind::not_found:
    case ErrorKind::internal:
      return false;
  }
  return false;
}

struct Window {
  std::int64_t to = 0;
  std::int64_t last = 0;                    // the newest in the store
  std::optional<TimePoint> oldest_left_at;  // when the oldest row above `to` was stored
};

// Rows of e-mails and settings by their number: above `from`, up to `to`.
struct Span {
  std::int64_t from = 0, to = 0;
  std::int64_t size() const { return to - from; }
};

// The next rows above the watermark, at most rows_max of them.
Result<Window> next_window(Storage& storage, const TenantId& tenant, std::int64_t from, const RunnerOptions& options) {
  const auto result = TRY(
      storage.query(tenant,
                    "WITH above AS (SELECT ingest_seq, ingested_at AS stored_at FROM emails WHERE ingest_seq > $from_seq UNION ALL\n"
                    "    SELECT ingest_seq, valid_from FROM mailbox_settings WHERE ingest_seq > $from_seq),\n"
                    "  batch AS (SELECT ingest_seq FROM above ORDER BY ingest_seq LIMIT $rows_max),\n"
                    "  bound AS (SELECT coalesce(max(ingest_seq), $from_seq)::BIGINT AS to_seq FROM batch)\n"
                    "SELECT to_seq, coalesce((SELECT max(ingest_seq) FROM above), to_seq)::BIGINT AS last_seq,\n"
                    "  (SELECT min(stored_at) FROM above WHERE ingest_seq > to_seq) AS oldest_left_at FROM bound",
                    {.parameters = {{"from_seq", from}, {"rows_max", options.rows_max}}, .rows_max = 1, .timeout = options.rule_timeout}));
  if (result.rows.size() != 1 || result.rows[0].size() != 3) return fail(ErrorKind::internal, "the window's query gave no row");
  const auto& row = result.rows[0];
  const auto *to = std::get_if<std::int64_t>(&row[0]), *last = std::get_if<std::int64_t>(&row[1]);
  if (!to || !last) return fail(ErrorKind::internal, "the window's query gave no number");
  const auto* oldest = std::get_if<TimePoint>(&row[2]);
  return Window{.to = *to, .last = *last, .oldest_left_at = oldest ? std::optional(*oldest) : std::nullopt};
}

}  // namespace

Runner::Runner(Storage& storage, const RulePack& pack, Clock& clock, Metrics& metrics, RunnerOptions options)
    : storage_(storage), pack_(pack), clock_(clock), metrics_(metrics), options_(options) {}

// One run in the making: what its rules found, and what went wrong.
class Runner::Run {
 public:
  Run(Runner& runner, const TenantId& tenant, AnalysisOutcome& outcome) : runner_(runner), tenant_(tenant), outcome_(outcome) {}

  // All rules in one statement, which computes once what they share. False, with nothing done, where one of them fails in it or
  // it takes too long: then each shows alone what it can do.
  Result<bool> run_together(std::span<const Rule* const> rules) {
    const auto findings_max = runner_.options_.findings_max + 1;
    const auto sql = rules.size() > 1 ? runner_.pack_.query_together(rules, findings_max) : std::string();
    if (sql.empty()) return false;
    const auto count = std::ssize(rules);
    const auto started = runner_.clock_.now();
    auto result = query(sql, window(), findings_max * count, runner_.options_.rule_timeout * count);
    if (!result) {
      if (is_storage_fault(result.error())) return fail(std::move(result.error()).during("running the rules together"));
      LOG(warn, "the rules failed together and run one by one", {{"tenant", tenant_}, {"reason", result.error().message}});
      runner_.metrics_.count("letterlock_pack_failures_total", "Runs of all rules in one statement that failed, so that each ran alone");
      return false;
    }
    const auto seconds = since(started);
    runner_.metrics_.observe_seconds("letterlock_pack_run_seconds", "Time of one run of all rules in one statement", {}, seconds);
    // One statement has one time: each rule is charged an even share of it.
    for (const auto* rule : rules) run_of(*rule).seconds = seconds / static_cast<double>(count);
    std::map<std::string_view, std::vector<std::vector<Value>>> rows;
    for (auto& row : result->rows) {
      const auto id = row.empty() ? nullptr : std::get_if<std::string>(&row[0]);
      const auto rule = std::ranges::find_if(rules, [&](const Rule* one) { return id && one->id.str() == *id; });
      if (rule == rules.end()) return fail(ErrorKind::internal, "the rules' statement gave a row of no rule");
      rows[(*rule)->id.str()].emplace_back(std::make_move_iterator(row.begin() + 1), std::make_move_iterator(row.end()));
    }
    for (const auto* rule : rules) keep(*rule, std::move(rows[rule->id.str()]));
    return true;
  }

  Result<void> run_alone(const Rule& rule, const std::stop_token& stop) {
    const auto started = runner_.clock_.now();
    const auto findings_max = runner_.options_.findings_max + 1;
    const auto sql = rule.query + "\nLIMIT " + std::to_string(findings_max);
    std::vector<Span> left{window()}, passed_over;  // left: the next is the last
    std::vector<std::vector<Value>> rows;
    std::optional<Error> out_of_memory;
    for (int statements = 0; !left.empty(); ++statements) {
      if (stop.stop_requested()) return fail(stopped());
      if (statements == runner_.options_.statements_max) {
        std::ranges::copy(left, std::back_inserter(passed_over));
        break;
      }
      const Span span = left.back();
      left.pop_back();
      auto result = query(sql, span, findings_max, runner_.options_.rule_timeout);
      if (result) {
        std::ranges::move(result->rows, std::back_inserter(rows));
        continue;
      }
      if (is_storage_fault(result.error())) return fail(std::move(result.error()).during("running rule " + rule.id.str()));
      if (!is_out_of_memory(result.error())) {
        note_seconds(rule, started);
        note_failure(rule, std::move(result.error()));
        ++failed_;
        return {};
      }
      out_of_memory = std::move(result.error());
      if (const auto middle = span.from + span.size() / 2; span.size() > 1) {
        left.push_back({middle, span.to});
        left.push_back({span.from, middle});
      } else {
        passed_over.push_back(span);
      }
    }
    note_seconds(rule, started);
    keep(rule, std::move(rows));
    if (!passed_over.empty()) pass_over(rule, passed_over, std::move(*out_of_memory));
    return {};
  }

  std::size_t failed() const { return failed_; }
  std::size_t passed_over_all() const { return passed_over_all_; }
  static Error stopped() { return {.kind = ErrorKind::unavailable, .message = "the analysis was stopped", .code = "stopped"}; }
  Error first_failure() { return std::move(*first_failure_); }

 private:
  Span window() const { return {outcome_.watermark_from, outcome_.watermark_to}; }

  Result<QueryResult> query(const std::string& sql, const Span& span, std::int64_t rows_max, std::chrono::milliseconds timeout) {
    return runner_.storage_.query(tenant_, sql,
                                  {.parameters = {{"from_seq", span.from}, {"to_seq", span.to}}, .rows_max = rows_max, .timeout = timeout});
  }

  void note_seconds(const Rule& rule, TimePoint started) {
    run_of(rule).seconds = since(started);
    runner_.metrics_.observe_seconds("letterlock_rule_run_seconds", "Time of one run of a rule", {{"rule", rule.id.str()}},
                                     run_of(rule).seconds);
  }

  // The rule says nothing about these rows: the watermark goes past them all the same, or no later mail would ever be judged.
  void pass_over(const Rule& rule, const std::vector<Span>& spans, Error error) {
    std::int64_t count = 0, first = outcome_.watermark_to, last = outcome_.watermark_from;
    for (const auto& span : spans) {
      count += span.size();
      first = std::min(first, span.from + 1);
      last = std::max(last, span.to);
    }
    if (count == window().size()) ++passed_over_all_;
    runner_.metrics_.count("letterlock_rule_rows_passed_over_total",
                           "New messages and settings that a rule ran out of memory over and did not judge", {{"rule", rule.id.str()}},
                           static_cast<double>(count));
    error.message += "; it did not judge " + std::to_string(count) + " of " + std::to_string(window().size()) +
                     " new messages and settings (numbers " + std::to_string(first) + " to " + std::to_string(last) + ")";
    note_failure(rule, std::move(error));
  }

  // What this run of the rule cost so far.
  RuleRun& run_of(const Rule& rule) {
    const auto found = std::ranges::find(outcome_.rule_runs, rule.id, &RuleRun::rule_id);
    return found != outcome_.rule_runs.end() ? *found : outcome_.rule_runs.emplace_back(RuleRun{.rule_id = rule.id});
  }

  double since(TimePoint started) const { return std::chrono::duration<double>(runner_.clock_.now() - started).count(); }

  // Turn a rule's rows into findings; what is broken among them is the rule's failure.
  void keep(const Rule& rule, std::vector<std::vector<Value>> rows) {
    const auto findings_max = runner_.options_.findings_max;
    if (std::ssize(rows) > findings_max) {
      rows.resize(static_cast<std::size_t>(findings_max));
      LOG(warn, "rule gave more findings than one run keeps", {{"tenant", tenant_}, {"rule", rule.id}, {"kept", findings_max}});
      runner_.metrics_.count("letterlock_rule_findings_cut_total", "Runs of a rule cut at the limit of findings",
                             {{"rule", rule.id.str()}});
      outcome_.notes.push_back("rule " + rule.id.str() + " gave more than " + std::to_string(findings_max) +
                               " findings; the rest was dropped");
    }
    std::size_t broken = 0;
    for (const auto& row : rows) {
      auto finding = finding_from(rule, row);
      if (finding)
        outcome_.findings.push_back(std::move(*finding));
      else if (broken++ == 0)
        note_failure(rule, std::move(finding.error()));
    }
    if (!rows.empty() && broken == rows.size()) ++failed_;
    run_of(rule).findings = std::ssize(rows) - static_cast<std::int64_t>(broken);
    runner_.metrics_.count("letterlock_rule_findings_total", "Findings of a rule", {{"rule", rule.id.str()}},
                           static_cast<double>(rows.size() - broken));
  }

  void note_failure(const Rule& rule, Error error) {
    LOG(error, "rule failed", {{"tenant", tenant_}, {"rule", rule.id}, {"kind", to_string(error.kind)}, {"reason", error.message}});
    runner_.metrics_.count("letterlock_rule_failures_total", "Runs of a rule that failed", {{"rule", rule.id.str()}});
    outcome_.notes.push_back("rule " + rule.id.str() + " failed: " + error.message);
    run_of(rule).failure = error.message;
    if (!first_failure_) first_failure_ = std::move(error).during("running rule " + rule.id.str());
  }

  Runner& runner_;
  const TenantId& tenant_;
  AnalysisOutcome& outcome_;
  std::size_t failed_ = 0, passed_over_all_ = 0;
  std::optional<Error> first_failure_;
};

Result<AnalysisOutcome> Runner::run(const TenantId& tenant, std::int64_t watermark_from, std::span<const RuleSetting> settings,
                                    std::stop_token stop, int attempt) {
  const auto read_at = clock_.now();
  const auto window = TRY(next_window(storage_, tenant, watermark_from, options_));
  AnalysisOutcome outcome{.watermark_from = watermark_from,
                          .watermark_to = window.to,
                          .more = window.last > window.to,
                          .newest_ingest_seq = window.last,
                          .oldest_left_at = window.oldest_left_at,
                          .read_at = read_at};
  if (window.to == watermark_from) return outcome;

  std::vector<const Rule*> enabled;
  for (const auto& rule : pack_.rules())
    if (!std::ranges::any_of(settings, [&](const auto& setting) { return setting.rule_id == rule.id && !setting.enabled; }))
      enabled.push_back(&rule);

  if (stop.stop_requested()) return fail(Run::stopped());
  Run run(*this, tenant, outcome);
  if (!TRY(run.run_together(enabled)))
    for (const auto* rule : enabled) TRY(run.run_alone(*rule, stop));
  const bool is_memory_short = run.passed_over_all() > 0 && attempt <= options_.attempts_before_passing_over;
  const auto failed = run.failed() + (is_memory_short ? run.passed_over_all() : 0);
  if (!enabled.empty() && failed == enabled.size()) return fail(run.first_failure());
  return outcome;
}

}  // namespace letterlock::detection
