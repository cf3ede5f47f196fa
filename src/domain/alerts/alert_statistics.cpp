#include "domain/alerts/alert_statistics.h"

#include <map>

#include "domain/alerts/day_range.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

void add(SeverityCounts& counts, const std::string& severity, std::int64_t number) {
  auto& count = severity == "low" ? counts.low : severity == "medium" ? counts.medium : severity == "high" ? counts.high : counts.critical;
  count += number;
}

void add(StatusCounts& counts, const std::string& status, std::int64_t number) {
  auto& count = status == "open"          ? counts.open
                : status == "in_progress" ? counts.in_progress
                : status == "resolved"    ? counts.resolved
                                          : counts.dismissed;
  count += number;
}

// How it stands now, over all alerts: from the indexes on status alone.
Result<void> count_now(Transaction& transaction, const TenantId& tenant, AlertStatistics& statistics) {
  for (const Row& row :
       TRY(transaction.run("SELECT status, count(*) FROM alerts WHERE tenant_id = $1::uuid GROUP BY status", {tenant})).rows)
    add(statistics.by_status, row.text(0), row.integer(1));
  const auto open = TRY(transaction.run(
      "SELECT severity, count(*), count(*) FILTER (WHERE assignee_id IS NULL) FROM alerts WHERE tenant_id = $1::uuid AND status = 'open' "
      "GROUP BY severity",
      {tenant}));
  for (const Row& row : open.rows) {
    add(statistics.open_by_severity, row.text(0), row.integer(1));
    statistics.unassigned += row.integer(2);
  }
  const auto money = TRY(transaction.run(
      "SELECT count(*), count(DISTINCT jsonb_path_query_first(evidence, '$.signals[*] ? (@.name == \"account\").value')) FROM alerts "
      "WHERE tenant_id = $1::uuid AND names_payment_instrument AND status IN ('open', 'in_progress')",
      {tenant}));
  statistics.money_at_risk = {.alerts = money.front().integer(0), .payment_instruments = money.front().integer(1)};
  return {};
}

Result<void> count_days(Transaction& transaction, const TenantId& tenant, TimePoint from, AlertStatistics& statistics) {
  std::map<std::string, AlertsOfDay*> days;
  for (auto& day : statistics.by_day) days[day.day] = &day;
  const auto rows = TRY(transaction.run(
      "SELECT (first_seen_at AT TIME ZONE 'UTC')::date::text, severity, status, coalesce(feedback, ''), count(*) FROM alerts "
      "WHERE tenant_id = $1::uuid AND first_seen_at >= $2::timestamptz GROUP BY 1, 2, 3, 4",
      {tenant, from}));
  for (const Row& row : rows.rows) {
    const auto number = row.integer(4);
    const auto feedback = row.text(3);
    (feedback == "fraud"       ? statistics.feedback.fraud
     : feedback == "not_fraud" ? statistics.feedback.not_fraud
                               : statistics.feedback.none) += number;
    const auto found = days.find(row.text(0));
    if (found == days.end()) continue;  // mail that claims to come from the future
    add(found->second->by_severity, row.text(1), number);
    add(found->second->by_status, row.text(2), number);
  }
  return {};
}

Result<void> count_rules(Transaction& transaction, const TenantId& tenant, TimePoint from, AlertStatistics& statistics) {
  const auto rows = TRY(transaction.run(
      "SELECT rule_id, max(title), count(*), count(*) FILTER (WHERE status = 'open'), count(*) FILTER (WHERE feedback = 'fraud'), "
      "count(*) FILTER (WHERE feedback = 'not_fraud') FROM alerts WHERE tenant_id = $1::uuid AND first_seen_at >= $2::timestamptz "
      "GROUP BY rule_id ORDER BY 3 DESC, 1",
      {tenant, from}));
  for (const Row& row : rows.rows)
    statistics.by_rule.push_back({.rule_id = row.text(0),
                                  .title = row.text(1),
                                  .alerts = row.integer(2),
                                  .open = row.integer(3),
                                  .fraud = row.integer(4),
                                  .not_fraud = row.integer(5)});
  const auto median =
      TRY(transaction.run("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - created_at)) FROM alerts "
                          "WHERE tenant_id = $1::uuid AND first_seen_at >= $2::timestamptz AND decided_at IS NOT NULL",
                          {tenant, from}));
  if (!median.front().is_null(0)) statistics.seconds_to_decision_median = median.front().number(0);
  return {};
}

}  // namespace

Result<AlertStatistics> AlertStatisticsService::get(const TenantId& tenant, int days) {
  const auto range = TRY(last_days(days, clock_.now()));
  return pool_.compute<AlertStatistics>(tenant.str(), [&](Transaction& transaction) -> Result<AlertStatistics> {
    AlertStatistics statistics{.from = range.days.front(), .to = range.days.back()};
    for (const auto& day : range.days) statistics.by_day.push_back({.day = day});
    TRY(count_now(transaction, tenant, statistics));
    TRY(count_days(transaction, tenant, range.begin, statistics));
    TRY(count_rules(transaction, tenant, range.begin, statistics));
    return statistics;
  });
}

}  // namespace letterlock
