#pragma once

// How long a tenant keeps its mail, and whose turn it is to have old mail deleted. Pool with role letterlock_api. Any thread.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"
#include "ports/storage.h"

namespace letterlock {

struct Retention {
  std::optional<std::int64_t> retention_days;  // none: mail is kept until the tenant goes
  std::int64_t messages_erased = 0;            // so far
  std::optional<TimePoint> erased_at;          // the last time that any went
  std::optional<TimePoint> checked_at;         // the last time that nothing old was left
  std::string problem;                         // why the last try failed; empty: it did not
};

// A tenant whose turn this process has until the lease ends.
struct DueRetention {
  TenantId tenant_id;
  std::int64_t retention_days = 0;
  Erasure erasure;  // everything that is old and analysed
};

// What became of one turn.
struct RetentionOutcome {
  std::int64_t messages = 0;
  bool more = false;
  std::string problem;
};

class RetentionService {
 public:
  static constexpr std::int64_t days_max = 36'500;

  RetentionService(postgres::Pool& pool, Clock& clock) : pool_(pool), clock_(clock) {}

  Result<Retention> get(const TenantId& tenant);
  // Takes effect within seconds. invalid: not 1 to 36,500 days.
  Result<Retention> set(const TenantId& tenant, std::optional<std::int64_t> days);

  // Of all tenants the one whose turn is longest due, suspended ones too; nobody else is given it for 10 minutes. Its next turn comes with
  // record(): at once where more is left, in 10 minutes where it failed, else in an hour.
  Result<std::optional<DueRetention>> take_due();
  Result<void> record(const DueRetention& due, const RetentionOutcome& outcome);

 private:
  postgres::Pool& pool_;
  Clock& clock_;
};

}  // namespace letterlock
