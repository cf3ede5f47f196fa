#pragma once

// What a tenant set for its rules, and what they brought and cost. Pool with role letterlock_api. Any thread.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/alert.h"
#include "ports/control_plane.h"

namespace letterlock {

struct RuleThresholds {
  bool enabled = true;
  std::optional<std::string> severity_override;  // what new alerts get in place of the rule's own
  double confidence_min = 0;                     // findings below it make no alert
};

// Thresholds of one tenant's rules; those that are not in it have the defaults.
struct TenantThresholds {
  std::map<std::string, RuleThresholds> by_rule;
  // The finding as it is to be stored; nullopt: it makes no alert.
  std::optional<Finding> judge(const Finding& finding) const;
};

// Of a rule's runs for one tenant over the last 30 days.
struct RuleCost {
  std::int64_t runs = 0, failures = 0, findings = 0;
  double seconds_mean = 0, seconds_max = 0;
  std::optional<TimePoint> last_run_at;
  std::optional<std::string> last_failure;
};

struct RuleStatus {
  RuleThresholds thresholds;
  std::int64_t alerts = 0, fraud = 0, not_fraud = 0;  // of alerts made in the last 30 days
  std::int64_t alerts_open = 0;
  std::optional<TimePoint> last_finding_at;
  std::optional<RuleCost> cost;  // none before the first run
};

struct RuleChange {
  std::optional<bool> enabled;
  std::optional<std::optional<std::string>> severity_override;  // set and empty: the rule's own
  std::optional<double> confidence_min;
};

class RuleSettingsService {
 public:
  RuleSettingsService(postgres::Pool& pool, Clock& clock) : pool_(pool), clock_(clock) {}
  // By rule id; rules without a setting, an alert or a run are not in it.
  Result<std::map<std::string, RuleStatus>> status(const TenantId& tenant);
  // Whether there is such a rule is the caller's to know.
  Result<void> change(const TenantId& tenant, const RuleId& rule, const RuleChange& change);

 private:
  postgres::Pool& pool_;
  Clock& clock_;
};

// Within an analysis' transaction.
Result<TenantThresholds> rule_thresholds(postgres::Transaction& transaction, const TenantId& tenant);
Result<void> save_rule_runs(postgres::Transaction& transaction, const TenantId& tenant, std::span<const RuleRun> runs, TimePoint now);

}  // namespace letterlock
