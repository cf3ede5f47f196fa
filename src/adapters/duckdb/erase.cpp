#include <algorithm>
#include <array>
#include <format>

#include "adapters/duckdb/tenant_database.h"

// Mail that a tenant keeps no longer. Numbers and keys stay (message_keys): a message that the provider shows again stays gone.
namespace letterlock::duckdb_adapter {
namespace {

constexpr std::array rows_of_a_message{"recipients", "links", "attachments", "payment_instruments", "email_raw", "emails"};

// The numbers that a statement gives, as a condition by which whole row groups can be skipped; empty: none.
struct Chosen {
  std::int64_t count = 0;
  std::string condition;
};

Result<Chosen> choose(TenantDatabase& database, const std::string& from_where, const Erasure& erasure) {
  const auto rows = TRY(
      run(database.prepared("SELECT DISTINCT ingest_seq FROM " + from_where + " ORDER BY ingest_seq LIMIT $3"),
          {to_duckdb(erasure.received_before), duckdb::Value::BIGINT(erasure.ingest_seq_max), duckdb::Value::BIGINT(erasure.messages_max)},
          "erase"));
  Chosen chosen;
  std::string list;
  std::int64_t first = 0, last = 0;
  for (auto chunk = rows->Fetch(); chunk; chunk = rows->Fetch())
    for (duckdb::idx_t row = 0; row < chunk->size(); ++row) {
      last = chunk->GetValue(0, row).GetValue<std::int64_t>();
      if (chosen.count++ == 0) first = last;
      list += (list.empty() ? "" : ", ") + std::to_string(last);
    }
  chosen.condition = std::format("ingest_seq BETWEEN {} AND {} AND ingest_seq IN ({})", first, last, list);
  return chosen;
}

constexpr std::string_view is_old = "least(received_at, ingested_at) < $1 AND ingest_seq <= $2";

}  // namespace

Result<Erased> apply_erasure(TenantDatabase& database, const Erasure& erasure) {
  if (erasure.messages_max < 1 || erasure.messages_max > 10'000) return fail(ErrorKind::invalid, "erase: 1 to 10000 messages at once");
  const std::lock_guard lock(database.write_mutex);
  try {
    Transaction transaction(database.writer());
    Erased erased;
    const auto raw =
        TRY(choose(database, std::format("email_raw WHERE ingest_seq IN (SELECT ingest_seq FROM emails WHERE {})", is_old), erasure));
    if (raw.count > 0) {
      TRY(run(database.writer(), "DELETE FROM email_raw WHERE " + raw.condition, "erase"));
      erased.raw = raw.count;
    } else if (const auto old = TRY(choose(database, std::format("emails WHERE {}", is_old), erasure)); old.count > 0) {
      for (const auto* table : rows_of_a_message)
        TRY(run(database.writer(), std::format("DELETE FROM {} WHERE {}", table, old.condition), "erase"));
      erased.messages = old.count;
    }
    erased.more = erased.raw > 0 || erased.messages == erasure.messages_max;
    transaction.commit();
    return erased;
  } catch (const std::exception& error) {
    return fail(to_error(error, "erase"));
  }
}

}  // namespace letterlock::duckdb_adapter
