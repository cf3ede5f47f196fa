#pragma once

// Suppressions: findings with a key make no alert for some time. Kept after their end. Pool with role letterlock_api. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/alert.h"

namespace letterlock {

// All parts that are set must be equal to the finding's; at least one is.
struct SuppressionKey {
  std::optional<std::string> rule_id;
  std::optional<std::string> entity;
  std::optional<std::string> subject;
  std::optional<std::string> dedup_key;
};

struct NewSuppression {
  SuppressionKey key;
  std::string reason;  // 1 to 1,000 bytes
  TimePoint until;     // at most 366 days ahead
};

struct Suppression {
  std::string suppression_id;
  SuppressionKey key;
  std::string reason;
  TimePoint until;
  bool active = false;
  std::int64_t findings = 0;  // that it kept from becoming alerts
  std::optional<TimePoint> last_finding_at;
  std::string created_by;
  TimePoint created_at;
  std::optional<std::string> ended_by;  // before its time
};

struct SuppressionPage {
  std::vector<Suppression> suppressions;  // the newest first
  std::optional<std::string> next_cursor;
};

class SuppressionService {
 public:
  SuppressionService(postgres::Pool& pool, Clock& clock) : pool_(pool), clock_(clock) {}

  Result<SuppressionPage> list(const TenantId& tenant, std::optional<bool> active, const std::optional<std::string>& cursor, int limit);
  Result<Suppression> create(const TenantId& tenant, const NewSuppression& suppression, const std::string& actor);
  Result<Suppression> end(const TenantId& tenant, const std::string& suppression_id, const std::string& actor);

 private:
  postgres::Pool& pool_;
  Clock& clock_;
};

// Within an analysis' transaction: count the finding on the suppression that holds for it; false where none does.
Result<bool> suppress(postgres::Transaction& transaction, const TenantId& tenant, const Finding& finding, TimePoint now);

}  // namespace letterlock
