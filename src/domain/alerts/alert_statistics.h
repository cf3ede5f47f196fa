#pragma once

// Numbers about a tenant's alerts, for charts. Pool with role letterlock_api. Any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"

namespace letterlock {

struct SeverityCounts {
  std::int64_t low = 0, medium = 0, high = 0, critical = 0;
};
struct StatusCounts {
  std::int64_t open = 0, in_progress = 0, resolved = 0, dismissed = 0;
};
struct AlertsOfDay {
  std::string day;  // 2026-11-23, of first_seen_at in UTC
  SeverityCounts by_severity;
  StatusCounts by_status;
};
struct AlertsOfRule {
  std::string rule_id;
  std::string title;
  std::int64_t alerts = 0, open = 0, fraud = 0, not_fraud = 0;
};
struct FeedbackCounts {
  std::int64_t fraud = 0, not_fraud = 0, none = 0;
};
// Alerts, open or in progress, whose evidence names a bank account. Accounts are read from mail, amounts are not.
struct MoneyAtRisk {
  std::int64_t alerts = 0;
  std::int64_t payment_instruments = 0;  // different accounts
};

struct AlertStatistics {
  std::string from;  // days, both included
  std::string to;
  StatusCounts by_status;             // now, whatever the day
  SeverityCounts open_by_severity;    // likewise
  std::int64_t unassigned = 0;        // open and nobody's
  std::vector<AlertsOfDay> by_day;    // every day of the range
  std::vector<AlertsOfRule> by_rule;  // of the range, most alerts first
  FeedbackCounts feedback;            // of the range
  std::optional<double> seconds_to_decision_median;
  MoneyAtRisk money_at_risk;
};

class AlertStatisticsService {
 public:
  AlertStatisticsService(postgres::Pool& pool, Clock& clock) : pool_(pool), clock_(clock) {}
  // The last `days` days (1 to 90), up to and with today.
  Result<AlertStatistics> get(const TenantId& tenant, int days);

 private:
  postgres::Pool& pool_;
  Clock& clock_;
};

}  // namespace letterlock
