#include "adapters/duckdb/overdue_statements.h"

#include "base/log.h"

namespace letterlock::duckdb_adapter {

OverdueStatements::OverdueStatements(Metrics& metrics, std::chrono::milliseconds after) : metrics_(metrics), after_(after) { show(); }

void OverdueStatements::show() {
  metrics_.gauge("letterlock_storage_statements_overdue",
                 "Statements that still run some seconds after their deadline or their client's leave", {}, count_);
}

void OverdueStatements::add(const TenantId& tenant, std::string_view sql_sha256) {
  const std::lock_guard lock(mutex_);
  ++count_;
  show();
  metrics_.count("letterlock_storage_statements_overdue_total", "Statements that ran on for some seconds after they were told to stop");
  LOG(warn, "a statement runs on after its deadline", {{"tenant", tenant}, {"statement_sha256", sql_sha256}});
}

void OverdueStatements::remove(const TenantId& tenant, std::string_view sql_sha256, std::chrono::milliseconds late) {
  const std::lock_guard lock(mutex_);
  --count_;
  show();
  LOG(warn, "a statement ended after its deadline", {{"tenant", tenant}, {"statement_sha256", sql_sha256}, {"late_ms", late.count()}});
}

}  // namespace letterlock::duckdb_adapter
