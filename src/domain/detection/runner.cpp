#include "domain/detection/runner.h"

#include <algorithm>

#include "base/log.h"
#include "domain/detection/evidence.h"

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

// Whether the storage, and not the rule, is at fault: the whole run is tried again later.
bool is_storage_fault(const Error& error) {
  switch (error.kind) {
    case ErrorKind::unavailable:
      return error.code != "timeout";
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
  bool more = false;
};

// The next rows above the watermark, at most rows_max of them.
Result<Window> next_window(Storage& storage, const TenantId& tenant, std::int64_t from, const RunnerOptions& options) {
  const auto result = TRY(
      storage.query(tenant,
                    "WITH batch AS (SELECT ingest_seq FROM (SELECT ingest_seq FROM emails WHERE ingest_seq > $from_seq UNION ALL\n"
                    "    SELECT ingest_seq FROM mailbox_settings WHERE ingest_seq > $from_seq) ORDER BY ingest_seq LIMIT $rows_max)\n"
                    "SELECT coalesce((SELECT max(ingest_seq) FROM batch), $from_seq)::BIGINT AS to_seq,\n"
                    "       greatest(coalesce((SELECT max(ingest_seq) FROM emails), 0),\n"
                    "                coalesce((SELECT max(ingest_seq) FROM mailbox_settings), 0))::BIGINT AS last_seq",
                    {.parameters = {{"from_seq", from}, {"rows_max", options.rows_max}}, .rows_max = 1, .timeout = options.rule_timeout}));
  if (result.rows.size() != 1 || result.rows[0].size() != 2) return fail(ErrorKind::internal, "the window's query gave no row");
  const auto *to = std::get_if<std::int64_t>(&result.rows[0][0]), *last = std::get_if<std::int64_t>(&result.rows[0][1]);
  if (!to || !last) return fail(ErrorKind::internal, "the window's query gave no number");
  return Window{*to, *last > *to};
}

}  // namespace

Runner::Runner(Storage& storage, const RulePack& pack, Clock& clock, Metrics& metrics, RunnerOptions options)
    : storage_(storage), pack_(pack), clock_(clock), metrics_(metrics), options_(options) {}

Result<AnalysisOutcome> Runner::run(const TenantId& tenant, std::int64_t watermark_from, std::span<const RuleSetting> settings,
                                    std::stop_token stop) {
  const auto window = TRY(next_window(storage_, tenant, watermark_from, options_));
  AnalysisOutcome outcome{.watermark_from = watermark_from, .watermark_to = window.to, .more = window.more};
  if (window.to == watermark_from) return outcome;

  std::size_t ran = 0;
  std::optional<Error> first_failure;
  const auto note_failure = [&](const Rule& rule, Error error) {
    LOG(error, "rule failed", {{"tenant", tenant}, {"rule", rule.id}, {"kind", to_string(error.kind)}, {"reason", error.message}});
    metrics_.count("letterlock_rule_failures_total", "Runs of a rule that failed", {{"rule", rule.id.str()}});
    outcome.notes.push_back("rule " + rule.id.str() + " failed: " + error.message);
    if (!first_failure) first_failure = std::move(error).during("running rule " + rule.id.str());
  };

  std::size_t failed = 0;
  for (const auto& rule : pack_.rules()) {
    if (stop.stop_requested()) return fail(Error{.kind = ErrorKind::unavailable, .message = "the analysis was stopped", .code = "stopped"});
    if (std::ranges::any_of(settings, [&](const auto& setting) { return setting.rule_id == rule.id && !setting.enabled; })) continue;
    ++ran;
    const auto started = clock_.now();
    auto result = storage_.query(tenant, rule.query + "\nLIMIT " + std::to_string(options_.findings_max + 1),
                                 {.parameters = {{"from_seq", watermark_from}, {"to_seq", window.to}},
                                  .rows_max = options_.findings_max + 1,
                                  .timeout = options_.rule_timeout});
    metrics_.observe_seconds("letterlock_rule_run_seconds", "Time of one run of a rule", {{"rule", rule.id.str()}},
                             std::chrono::duration<double>(clock_.now() - started).count());
    if (!result) {
      if (is_storage_fault(result.error())) return fail(std::move(result.error()).during("running rule " + rule.id.str()));
      note_failure(rule, std::move(result.error()));
      ++failed;
      continue;
    }
    auto rows = std::move(result->rows);
    if (std::ssize(rows) > options_.findings_max) {
      rows.resize(static_cast<std::size_t>(options_.findings_max));
      LOG(warn, "rule gave more findings than one run keeps", {{"tenant", tenant}, {"rule", rule.id}, {"kept", options_.findings_max}});
      metrics_.count("letterlock_rule_findings_cut_total", "Runs of a rule cut at the limit of findings", {{"rule", rule.id.str()}});
      outcome.notes.push_back("rule " + rule.id.str() + " gave more than " + std::to_string(options_.findings_max) +
                              " findings; the rest was dropped");
    }
    std::size_t broken = 0;
    for (const auto& row : rows) {
      auto finding = finding_from(rule, row);
      if (finding)
        outcome.findings.push_back(std::move(*finding));
      else if (broken++ == 0)
        note_failure(rule, std::move(finding.error()));
    }
    if (!rows.empty() && broken == rows.size()) ++failed;
    metrics_.count("letterlock_rule_findings_total", "Findings of a rule", {{"rule", rule.id.str()}},
                   static_cast<double>(rows.size() - broken));
  }
  if (ran > 0 && failed == ran) return fail(std::move(*first_failure));
  return outcome;
}

}  // namespace letterlock::detection
