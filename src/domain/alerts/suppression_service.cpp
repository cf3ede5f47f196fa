#include "domain/alerts/suppression_service.h"

#include "base/page_cursor.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::size_t reason_bytes_max = 1'000;
constexpr std::size_t part_bytes_max = 2'000;
constexpr std::chrono::days days_max{366};

constexpr std::string_view columns =
    "suppression_id, rule_id, entity, subject, dedup_key, reason, until, findings, last_finding_at, created_by, created_at, ended_by";

Suppression suppression_of(const Row& row, TimePoint now) {
  const auto text = [&](std::size_t column) { return row.is_null(column) ? std::nullopt : std::optional(row.text(column)); };
  const auto until = row.time(6).value_or(TimePoint{});
  return {.suppression_id = row.text(0),
          .key = {.rule_id = text(1), .entity = text(2), .subject = text(3), .dedup_key = text(4)},
          .reason = row.text(5),
          .until = until,
          .active = until > now,
          .findings = row.integer(7),
          .last_finding_at = row.time(8),
          .created_by = row.text(9),
          .created_at = row.time(10).value_or(TimePoint{}),
          .ended_by = text(11)};
}

Error no_suppression(const std::string& id) { return {.kind = ErrorKind::not_found, .message = "suppression " + id + " does not exist"}; }

}  // namespace

Result<SuppressionPage> SuppressionService::list(const TenantId& tenant, std::optional<bool> active,
                                                 const std::optional<std::string>& cursor, int limit) {
  const auto now = clock_.now();
  const auto before = TRY(page_start(cursor));
  return pool_.compute<SuppressionPage>(tenant.str(), [&](Transaction& transaction) -> Result<SuppressionPage> {
    const auto rows = TRY(
        transaction.run("SELECT " + std::string(columns) +
                            " FROM suppressions WHERE tenant_id = $1::uuid AND ($2::boolean IS NULL OR (until > "
                            "$3::timestamptz) = $2) AND ($4::timestamptz IS NULL OR (created_at, suppression_id) < ($4, $5::uuid)) "
                            "ORDER BY created_at DESC, suppression_id DESC LIMIT $6::int",
                        {tenant, active ? postgres::Param(*active) : postgres::Param(std::nullopt), now, before.at, before.id, limit + 1}));
    SuppressionPage page;
    for (const Row& row : rows.rows) page.suppressions.push_back(suppression_of(row, now));
    page.next_cursor = cut_page(page.suppressions, limit,
                                [](const Suppression& last) { return PagePlace{.at = last.created_at, .id = last.suppression_id}; });
    return page;
  });
}

Result<Suppression> SuppressionService::create(const TenantId& tenant, const NewSuppression& suppression, const std::string& actor) {
  const auto& key = suppression.key;
  const auto now = clock_.now();
  bool any = false;
  for (const auto* part : {&key.rule_id, &key.entity, &key.subject, &key.dedup_key}) {
    if (!*part) continue;
    any = true;
    if ((*part)->empty() || (*part)->size() > part_bytes_max)
      return fail(ErrorKind::invalid, "key: each of its parts has 1 to 2,000 bytes");
  }
  if (!any) return fail(ErrorKind::invalid, "key: name at least one of rule_id, entity, subject and dedup_key");
  if (suppression.reason.empty() || suppression.reason.size() > reason_bytes_max)
    return fail(ErrorKind::invalid, "reason: 1 to 1,000 bytes");
  if (suppression.until <= now || suppression.until > now + days_max)
    return fail(ErrorKind::invalid, "until: in the future, at most 366 days ahead");
  return pool_.compute<Suppression>(tenant.str(), [&](Transaction& transaction) -> Result<Suppression> {
    const auto rows = TRY(transaction.run(
        "INSERT INTO suppressions (suppression_id, tenant_id, rule_id, entity, subject, dedup_key, reason, until, created_by, created_at) "
        "VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6, $7, $8::timestamptz, $9, $10::timestamptz) RETURNING " +
            std::string(columns),
        {new_uuid(), tenant, key.rule_id, key.entity, key.subject, key.dedup_key, suppression.reason, suppression.until, actor, now}));
    return suppression_of(rows.front(), now);
  });
}

Result<Suppression> SuppressionService::end(const TenantId& tenant, const std::string& suppression_id, const std::string& actor) {
  if (!is_uuid(suppression_id)) return fail(no_suppression(suppression_id));
  const auto now = clock_.now();
  return pool_.compute<Suppression>(tenant.str(), [&](Transaction& transaction) -> Result<Suppression> {
    const auto rows = TRY(transaction.run(
        "UPDATE suppressions SET ended_by = CASE WHEN until > $3::timestamptz THEN $4 ELSE ended_by END, until = least(until, "
        "$3::timestamptz) WHERE tenant_id = $1::uuid AND suppression_id = $2::uuid RETURNING " +
            std::string(columns),
        {tenant, suppression_id, now, actor}));
    if (rows.empty()) return fail(no_suppression(suppression_id));
    return suppression_of(rows.front(), now);
  });
}

Result<bool> suppress(Transaction& transaction, const TenantId& tenant, const Finding& finding, TimePoint now) {
  const auto counted = TRY(transaction.run(
      "UPDATE suppressions SET findings = findings + 1, last_finding_at = $2::timestamptz WHERE suppression_id = (SELECT suppression_id "
      "FROM suppressions WHERE tenant_id = $1::uuid AND until > $2::timestamptz AND (rule_id IS NULL OR rule_id = $3) AND (entity IS NULL "
      "OR entity = $4) AND (subject IS NULL OR subject = $5) AND (dedup_key IS NULL OR dedup_key = $6) ORDER BY created_at LIMIT 1)",
      {tenant, now, finding.rule_id, finding.entity, finding.subject, finding.dedup_key}));
  return counted.affected > 0;
}

}  // namespace letterlock
