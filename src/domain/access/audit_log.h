#pragma once

// Reading the audit log; writing it is AccessService's. Pool with role letterlock_api. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"

namespace letterlock {

struct AuditEntry {
  std::int64_t audit_id = 0;
  std::string actor;
  std::string action;
  std::string object;
  TimePoint at;
};

struct AuditFilter {
  std::optional<std::string> actor;
  std::optional<std::string> action;  // exact; or with a full stop at its end, all that begin so
  std::optional<TimePoint> from;      // inclusive
  std::optional<TimePoint> to;        // exclusive
  std::optional<std::string> cursor;
  int limit = 50;
};

struct AuditPage {
  std::vector<AuditEntry> entries;  // the newest first
  std::optional<std::string> next_cursor;
};

class AuditLog {
 public:
  explicit AuditLog(postgres::Pool& pool) : pool_(pool) {}
  Result<AuditPage> list(const TenantId& tenant, const AuditFilter& filter);
  Result<AuditPage> list_operators(const std::optional<std::string>& cursor, int limit);

 private:
  postgres::Pool& pool_;
};

}  // namespace letterlock
