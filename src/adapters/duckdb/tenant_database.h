#pragma once

// One tenant's open file: a DuckDB instance in memory with the encrypted file attached, locked down. Internal to this adapter.

#include <duckdb.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "model/ids.h"
#include "ports/storage.h"

namespace letterlock::duckdb_adapter {

// DuckDB's error as ours; paths and the key never get into the message.
Error to_error(const duckdb::ErrorData& error, std::string_view action);
Error to_error(const std::exception& error, std::string_view action);

// Run a statement on a connection; its rows, or the error.
Result<std::unique_ptr<duckdb::QueryResult>> run(duckdb::Connection& connection, const std::string& sql, std::string_view action);
Result<std::unique_ptr<duckdb::QueryResult>> run(duckdb::Connection& connection, const std::string& sql,
                                                 duckdb::vector<duckdb::Value> values, std::string_view action);

duckdb::Value to_duckdb(const Value& value);
duckdb::Value to_duckdb(TimePoint time);
duckdb::Value to_duckdb(const std::vector<std::string>& texts);
Value from_duckdb(const duckdb::Value& value);

// Rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(duckdb::Connection& connection) : connection_(connection) { connection_.BeginTransaction(); }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  duckdb::Connection& connection_;
  bool open_ = true;
};

struct InstanceOptions {
  std::string file;
  std::string key;  // 32 bytes; wiped after the attach
  std::string migrations_folder;
  std::int64_t memory_bytes_max = 0;
  int threads = 0;
};

class TenantDatabase {
 public:
  static Result<std::shared_ptr<TenantDatabase>> open(InstanceOptions options, TimePoint now);

  // A connection that sees the tenant's tables. Throws duckdb's exceptions.
  std::unique_ptr<duckdb::Connection> connect();
  // The one that writes; hold write_mutex.
  duckdb::Connection& writer() { return *writer_; }
  std::mutex write_mutex;

  TimePoint used_at;  // guarded by the repository's mutex

 private:
  std::unique_ptr<duckdb::DuckDB> database_;
  std::unique_ptr<duckdb::Connection> writer_;
};

// migrations.cpp: apply what is missing, forward only, each file in a transaction of its own.
Result<void> migrate(duckdb::Connection& connection, const std::string& folder, TimePoint now);
// functions.cpp: what SQL lacks, from src/mail/domain.h.
void register_functions(duckdb::DatabaseInstance& database);

// append.cpp, users.cpp, query.cpp
Result<AppendResult> apply_append(TenantDatabase& database, const Append& append);
Result<void> apply_users(TenantDatabase& database, std::span<const User> users, bool complete, const TenantFacts& facts, TimePoint at);
Result<std::vector<User>> read_users(TenantDatabase& database);

}  // namespace letterlock::duckdb_adapter
