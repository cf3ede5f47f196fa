#include "adapters/postgres/migrations.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "adapters/postgres/pool.h"
#include "base/encoding.h"

namespace letterlock::postgres {
namespace {

// Roles belong to the cluster, so one lock for all its databases is wanted; advisory locks are per database, and
// 0001_init.sql catches the roles' races itself. This one orders processes that migrate one database.
constexpr auto lock_sql = "SELECT pg_advisory_xact_lock(7310591470226534)";

}  // namespace

Result<int> migrate(const std::string& url, const std::string& folder) {
  std::map<std::string, std::string> files;
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(folder, problem)) {
    if (entry.path().extension() != ".sql") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    files[entry.path().filename().string()] = text.str();
  }
  if (problem || files.empty()) return fail(ErrorKind::invalid, "migrations folder " + folder + ": no *.sql files");

  // Tried often: the roles' DDL of other databases of the cluster can get in the way. A statement takes as long as the tables are large.
  Pool pool({.url = url, .connections_max = 1, .statement_max = std::chrono::milliseconds(0), .tries_max = 20});
  return pool.compute<int>("", [&](Transaction& transaction) -> Result<int> {
    TRY(transaction.run(lock_sql));
    TRY(transaction.run(
        "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL "
        "DEFAULT now())"));
    const auto applied = TRY(transaction.run("SELECT name, sha256 FROM schema_migrations ORDER BY name"));
    std::map<std::string, std::string> known;
    for (const auto& row : applied.rows) {
      known[row.text(0)] = row.text(1);
      const auto file = files.find(row.text(0));
      if (file == files.end())
        return fail(ErrorKind::invalid, "the database has migration " + row.text(0) + ", which this program does not know");
      if (sha256_hex(file->second) != row.text(1))
        return fail(ErrorKind::invalid, "migration " + row.text(0) + " was changed after it was applied");
    }
    int count = 0;
    for (const auto& [name, sql] : files) {
      if (known.contains(name)) continue;
      if (auto ran = transaction.run_script(sql); !ran) return fail(std::move(ran).error().during("migration " + name));
      TRY(transaction.run("INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)", {name, sha256_hex(sql)}));
      ++count;
    }
    return count;
  });
}

}  // namespace letterlock::postgres
