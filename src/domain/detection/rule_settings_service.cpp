#include "domain/detection/rule_settings_service.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::chrono::days looked_back{30};

}  // namespace

std::optional<Finding> TenantThresholds::judge(const Finding& finding) const {
  const auto found = by_rule.find(finding.rule_id.str());
  if (found == by_rule.end()) return finding;
  const auto& thresholds = found->second;
  if (!thresholds.enabled || finding.confidence < thresholds.confidence_min) return std::nullopt;
  auto judged = finding;
  if (thresholds.severity_override) judged.severity = severity_from(*thresholds.severity_override).value_or(finding.severity);
  return judged;
}

Result<TenantThresholds> rule_thresholds(Transaction& transaction, const TenantId& tenant) {
  TenantThresholds thresholds;
  const auto rows = TRY(transaction.run(
      "SELECT rule_id, enabled, severity_override, confidence_min FROM rule_settings WHERE tenant_id = $1::uuid", {tenant}));
  for (const Row& row : rows.rows) {
    auto& of_rule = thresholds.by_rule[row.text(0)];
    of_rule = {.enabled = row.boolean(1), .confidence_min = row.number(3)};
    if (!row.is_null(2)) of_rule.severity_override = row.text(2);
  }
  return thresholds;
}

Result<void> save_rule_runs(Transaction& transaction, const TenantId& tenant, std::span<const RuleRun> runs, TimePoint now) {
  for (const auto& run : runs) {
    const bool failed = !run.failure.empty();
    TRY(transaction.run(
        "INSERT INTO rule_runs AS r (tenant_id, rule_id, day, runs, failures, findings, seconds_total, seconds_max, last_run_at, "
        "last_failure) VALUES ($1::uuid, $2, ($3::timestamptz AT TIME ZONE 'UTC')::date, 1, $4::int, $5::bigint, $6::float8, $6::float8, "
        "$3::timestamptz, left($7, 1000)) ON CONFLICT (tenant_id, rule_id, day) DO UPDATE SET runs = r.runs + 1, failures = r.failures + "
        "excluded.failures, findings = r.findings + excluded.findings, seconds_total = r.seconds_total + excluded.seconds_total, "
        "seconds_max = greatest(r.seconds_max, excluded.seconds_max), last_run_at = excluded.last_run_at, last_failure = "
        "coalesce(excluded.last_failure, r.last_failure)",
        {tenant, run.rule_id, now, failed ? 1 : 0, run.findings, run.seconds, failed ? std::optional(run.failure) : std::nullopt}));
  }
  return {};
}

Result<std::map<std::string, RuleStatus>> RuleSettingsService::status(const TenantId& tenant) {
  const auto from = clock_.now() - looked_back;
  return pool_.compute<std::map<std::string, RuleStatus>>(
      tenant.str(), [&](Transaction& transaction) -> Result<std::map<std::string, RuleStatus>> {
        std::map<std::string, RuleStatus> rules;
        for (auto& [rule, thresholds] : TRY(rule_thresholds(transaction, tenant)).by_rule) rules[rule].thresholds = std::move(thresholds);
        const auto alerts = TRY(transaction.run(
            "SELECT rule_id, count(*), count(*) FILTER (WHERE feedback = 'fraud'), count(*) FILTER (WHERE feedback = 'not_fraud') "
            "FROM alerts WHERE tenant_id = $1::uuid AND first_seen_at >= $2::timestamptz GROUP BY rule_id",
            {tenant, from}));
        for (const Row& row : alerts.rows) {
          auto& rule = rules[row.text(0)];
          rule.alerts = row.integer(1);
          rule.fraud = row.integer(2);
          rule.not_fraud = row.integer(3);
        }
        for (const Row& row : TRY(transaction.run("SELECT rule_id, count(*) FILTER (WHERE status = 'open'), max(last_seen_at) FROM alerts "
                                                  "WHERE tenant_id = $1::uuid GROUP BY rule_id",
                                                  {tenant}))
                                  .rows) {
          rules[row.text(0)].alerts_open = row.integer(1);
          rules[row.text(0)].last_finding_at = row.time(2);
        }
        const auto runs = TRY(transaction.run(
            "SELECT rule_id, sum(runs), sum(failures), sum(findings), sum(seconds_total) / sum(runs), max(seconds_max), max(last_run_at), "
            "(array_agg(last_failure ORDER BY day DESC) FILTER (WHERE last_failure IS NOT NULL))[1] FROM rule_runs "
            "WHERE tenant_id = $1::uuid AND day >= ($2::timestamptz AT TIME ZONE 'UTC')::date GROUP BY rule_id",
            {tenant, from}));
        for (const Row& row : runs.rows) {
          auto& cost = rules[row.text(0)].cost.emplace();
          cost = {.runs = row.integer(1),
                  .failures = row.integer(2),
                  .findings = row.integer(3),
                  .seconds_mean = row.number(4),
                  .seconds_max = row.number(5),
                  .last_run_at = row.time(6)};
          if (!row.is_null(7)) cost.last_failure = row.text(7);
        }
        return rules;
      });
}

Result<void> RuleSettingsService::change(const TenantId& tenant, const RuleId& rule, const RuleChange& change) {
  if (!change.enabled && !change.severity_override && !change.confidence_min)
    return fail(ErrorKind::invalid, "Nothing to change: send enabled, severity_override or confidence_min.");
  if (change.confidence_min && !(*change.confidence_min >= 0 && *change.confidence_min <= 1))
    return fail(ErrorKind::invalid, "confidence_min: 0 to 1");
  if (change.severity_override && *change.severity_override && !severity_from(**change.severity_override))
    return fail(ErrorKind::invalid, "severity_override: low, medium, high, critical or null");
  std::optional<std::string> enabled, confidence_min, severity;
  if (change.enabled) enabled = *change.enabled ? "t" : "f";
  if (change.confidence_min) confidence_min = postgres::Param(*change.confidence_min).value();
  if (change.severity_override) severity = *change.severity_override;
  return pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    TRY(transaction.run(
        "INSERT INTO rule_settings AS r (tenant_id, rule_id, enabled, confidence_min, severity_override) VALUES ($1::uuid, $2, "
        "coalesce($3::boolean, true), coalesce($4::float8, 0), $6) ON CONFLICT (tenant_id, rule_id) DO UPDATE SET enabled = "
        "coalesce($3::boolean, r.enabled), confidence_min = coalesce($4::float8, r.confidence_min), severity_override = CASE WHEN "
        "$5::boolean THEN $6 ELSE r.severity_override END",
        {tenant, rule, enabled, confidence_min, change.severity_override.has_value(), severity}));
    return {};
  });
}

}  // namespace letterlock
