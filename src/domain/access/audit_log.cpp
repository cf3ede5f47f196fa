#include "domain/access/audit_log.h"

#include <charconv>

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

// The cursor is the last entry's number.
Result<std::optional<std::int64_t>> number_of(const std::optional<std::string>& cursor) {
  if (!cursor) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(cursor->data(), cursor->data() + cursor->size(), number);
  if (problem != std::errc{} || end != cursor->data() + cursor->size() || number < 1)
    return fail(Error{.kind = ErrorKind::invalid, .message = "cursor: not one of this list's; begin without one", .code = "cursor"});
  return number;
}

postgres::Param param_of(const std::optional<std::int64_t>& number) {
  return number ? postgres::Param(*number) : postgres::Param(std::nullopt);
}

AuditPage page_of(const postgres::Rows& rows, int limit) {
  AuditPage page;
  for (const Row& row : rows.rows)
    page.entries.push_back({.audit_id = row.integer(0),
                            .actor = row.text(1),
                            .action = row.text(2),
                            .object = row.text(3),
                            .at = row.time(4).value_or(TimePoint{})});
  if (std::ssize(page.entries) > limit) {
    page.entries.pop_back();
    page.next_cursor = std::to_string(page.entries.back().audit_id);
  }
  return page;
}

}  // namespace

Result<AuditPage> AuditLog::list(const TenantId& tenant, const AuditFilter& filter) {
  const auto before = TRY(number_of(filter.cursor));
  return pool_.compute<AuditPage>(tenant.str(), [&](Transaction& transaction) -> Result<AuditPage> {
    const auto rows = TRY(transaction.run(
        "SELECT audit_id, actor, action, object, at FROM audit_log WHERE tenant_id = $1::uuid AND ($2::bigint IS NULL OR audit_id < $2) "
        "AND ($3::text IS NULL OR actor = $3) AND ($4::text IS NULL OR action = $4 OR ($4 LIKE '%.' AND starts_with(action, $4))) "
        "AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6) ORDER BY audit_id DESC LIMIT $7::int",
        {tenant, param_of(before), filter.actor, filter.action, filter.from, filter.to, filter.limit + 1}));
    return page_of(rows, filter.limit);
  });
}

Result<AuditPage> AuditLog::list_operators(const std::optional<std::string>& cursor, int limit) {
  const auto before = TRY(number_of(cursor));
  return pool_.compute<AuditPage>("", [&](Transaction& transaction) -> Result<AuditPage> {
    return page_of(TRY(transaction.run("SELECT audit_id, actor, action, object, at FROM list_operator_audit($1::bigint, $2::int)",
                                       {param_of(before), limit + 1})),
                   limit);
  });
}

}  // namespace letterlock
