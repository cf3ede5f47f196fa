#include "domain/tenants/storage_health.h"

namespace letterlock {

Result<StorageHealth> storage_health(postgres::Transaction& transaction) {
  const auto rows =
      TRY(transaction.run("SELECT CASE WHEN reported_at < now() - interval '60 seconds' THEN 'unknown' WHEN read_failure <> '' THEN "
                          "'unreadable' WHEN NOT is_writable THEN 'disk_full' ELSE 'ok' END, reported_at, free_bytes, used_bytes, "
                          "reserve_bytes FROM storage_report"));
  if (rows.empty()) return StorageHealth{};
  const auto& row = rows.front();
  return StorageHealth{.state = row.text(0),
                       .reported_at = row.time(1),
                       .free_bytes = row.integer(2),
                       .used_bytes = row.integer(3),
                       .reserve_bytes = row.integer(4)};
}

}  // namespace letterlock
