#include "domain/tenants/retention_service.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::chrono::minutes lease{10};
constexpr std::chrono::minutes after_failure{10};
constexpr std::chrono::hours every{1};

Error no_tenant(const TenantId& tenant) { return {.kind = ErrorKind::not_found, .message = "tenant " + tenant.str() + " does not exist"}; }

}  // namespace

Result<Retention> RetentionService::get(const TenantId& tenant) {
  if (!is_uuid(tenant.str())) return fail(no_tenant(tenant));
  return pool_.compute<Retention>(tenant.str(), [&](Transaction& transaction) -> Result<Retention> {
    const auto rows =
        TRY(transaction.run("SELECT retention_days, messages_erased, erased_at, retention_checked_at, retention_problem FROM tenants WHERE "
                            "tenant_id = $1::uuid AND state <> 'deleted'",
                            {tenant}));
    if (rows.empty()) return fail(no_tenant(tenant));
    const Row& row = rows.front();
    Retention retention{.messages_erased = row.integer(1), .erased_at = row.time(2), .checked_at = row.time(3), .problem = row.text(4)};
    if (!row.is_null(0)) retention.retention_days = row.integer(0);
    return retention;
  });
}

Result<Retention> RetentionService::set(const TenantId& tenant, std::optional<std::int64_t> days) {
  if (days && (*days < 1 || *days > days_max))
    return fail(ErrorKind::invalid, "retention_days is a number from 1 to " + std::to_string(days_max) + ", or null: mail is kept.");
  if (!is_uuid(tenant.str())) return fail(no_tenant(tenant));
  std::optional<std::string> text;
  if (days) text = std::to_string(*days);
  TRY(pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    const auto changed =
        TRY(transaction.run("UPDATE tenants SET retention_days = $2::int, retention_due_at = $3::timestamptz, retention_checked_at = NULL, "
                            "retention_problem = '' WHERE tenant_id = $1::uuid AND state <> 'deleted'",
                            {tenant, text, clock_.now()}));
    if (changed.affected == 0) return fail(no_tenant(tenant));
    return {};
  }));
  return get(tenant);
}

Result<std::optional<DueRetention>> RetentionService::take_due() {
  const auto now = clock_.now();
  return pool_.compute<std::optional<DueRetention>>("", [&](Transaction& transaction) -> Result<std::optional<DueRetention>> {
    const auto rows = TRY(transaction.run(
        "SELECT tenant_id, retention_days, watermark FROM take_retention($1::timestamptz, $2::timestamptz)", {now, now + lease}));
    if (rows.empty()) return std::nullopt;
    const Row& row = rows.front();
    const auto days = row.integer(1);
    return DueRetention{.tenant_id = TenantId(row.text(0)),
                        .retention_days = days,
                        .erasure = {.received_before = now - std::chrono::days(days), .ingest_seq_max = row.integer(2)}};
  });
}

Result<void> RetentionService::record(const DueRetention& due, const RetentionOutcome& outcome) {
  const auto now = clock_.now();
  const bool failed = !outcome.problem.empty();
  const auto next = failed ? now + after_failure : outcome.more ? now : now + every;
  return pool_.transact(due.tenant_id.str(), [&](Transaction& transaction) -> Result<void> {
    // A change of the setting meanwhile has made the next turn due at once: that stays.
    TRY(transaction.run(
        "UPDATE tenants SET messages_erased = messages_erased + $2::bigint, erased_at = CASE WHEN $2::bigint > 0 THEN $3::timestamptz ELSE "
        "erased_at END, retention_due_at = CASE WHEN retention_days = $7::int THEN $4::timestamptz ELSE retention_due_at END, "
        "retention_checked_at = CASE WHEN $5::boolean AND retention_days = $7::int THEN $3::timestamptz ELSE retention_checked_at END, "
        "retention_problem = $6 WHERE tenant_id = $1::uuid",
        {due.tenant_id, outcome.messages, now, next, !failed && !outcome.more, outcome.problem, due.retention_days}));
    return {};
  });
}

}  // namespace letterlock
