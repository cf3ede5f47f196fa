#include <algorithm>
#include <charconv>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>

#include "adapters/duckdb/tenant_database.h"
#include "base/encoding.h"

namespace letterlock::duckdb_adapter {
namespace {

struct Migration {
  int version = 0;
  std::string name;  // the file's
  std::string sql;
  std::string sha256;
};

Result<std::vector<Migration>> read_migrations(const std::string& folder) {
  std::vector<Migration> migrations;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".sql") continue;
    Migration migration{.name = name};
    const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), migration.version);
    if (code != std::errc{} || *end != '_' || migration.version < 1)
      return fail(ErrorKind::invalid, "migrations: " + name + " is not named NNNN_what_it_does.sql");
    std::ifstream file(entry.path(), std::ios::binary);
    migration.sql.assign(std::istreambuf_iterator<char>(file), {});
    migration.sha256 = sha256_hex(migration.sql);
    migrations.push_back(std::move(migration));
  }
  if (error)
    return fail(ErrorKind::invalid, "migrations: cannot read " + folder + "; LETTERLOCK_SHARE_DIR names the folder that holds migrations/");
  std::ranges::sort(migrations, {}, &Migration::version);
  for (std::size_t i = 0; i < migrations.size(); ++i)
    if (migrations[i].version != static_cast<int>(i) + 1)
      return fail(ErrorKind::invalid, std::format("migrations: {} should be number {}", migrations[i].name, i + 1));
  return migrations;
}

}  // namespace

Result<void> migrate(duckdb::Connection& connection, const std::string& folder, TimePoint now) {
  const auto migrations = TRY(read_migrations(folder));
  TRY(run(connection,
          "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, "
          "applied_at TIMESTAMPTZ NOT NULL)",
          "migrations"));
  const auto applied = TRY(run(connection, "SELECT version, sha256 FROM schema_migrations ORDER BY version", "migrations"));
  std::size_t known = 0;
  for (auto chunk = applied->Fetch(); chunk; chunk = applied->Fetch()) {
    for (duckdb::idx_t row = 0; row < chunk->size(); ++row, ++known) {
      const auto version = chunk->GetValue(0, row).GetValue<std::int32_t>();
      if (known >= migrations.size())
        return fail(ErrorKind::invalid,
                    std::format("migrations: the file has version {}, this program knows {}; remedy: run a newer letterlock", version,
                                migrations.size()));
      if (chunk->GetValue(1, row).GetValue<std::string>() != migrations[known].sha256)
        return fail(ErrorKind::invalid,
                    "migrations: " + migrations[known].name + " was changed after it was applied; remedy: restore it and add a new one");
    }
  }
  for (std::size_t i = known; i < migrations.size(); ++i) {
    const std::string action = "migrations: " + migrations[i].name;
    Transaction transaction(connection);
    TRY(run(connection, migrations[i].sql, action));
    TRY(run(connection, "INSERT INTO schema_migrations VALUES ($1, $2, $3, $4)",
            {duckdb::Value::INTEGER(migrations[i].version), duckdb::Value(migrations[i].name), duckdb::Value(migrations[i].sha256),
             to_duckdb(now)},
            action));
    transaction.commit();
  }
  return {};
}

}  // namespace letterlock::duckdb_adapter
