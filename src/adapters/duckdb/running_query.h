#pragma once

// One read-only SELECT, from its text to its rows. Internal to this adapter.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "adapters/duckdb/overdue_statements.h"
#include "adapters/duckdb/query_stream.h"
#include "adapters/duckdb/tenant_database.h"

namespace letterlock::duckdb_adapter {

// Interrupts a connection once the engine was asked to compute for longer than the time-out, or an hour after the start
// (a reader that never comes back must not hold the file), again every second while it computes on: an interrupt that comes between
// planning and running is forgotten. Runs from the start until pause(); a thread of its own.
class Deadline {
 public:
  // sql_sha256 names the statement where it is overdue.
  Deadline(const TenantDatabase& database, duckdb::Connection& connection, std::string sql_sha256, std::chrono::milliseconds timeout);
  ~Deadline();
  void pause();
  void resume();
  // The deadline is now: nobody wants the rows any more.
  void expire();
  bool passed() const { return passed_; }
  const std::string& sql_sha256() const { return sql_sha256_; }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  void run(std::stop_token stop);
  void pass(SteadyTime now);  // under the mutex

  const TenantId tenant_;
  const std::string sql_sha256_;
  const std::shared_ptr<OverdueStatements> overdue_;
  // Weak: a connection's context keeps the instance, and with it the file, open.
  const duckdb::weak_ptr<duckdb::ClientContext> context_;
  const SteadyTime life_end_;
  std::atomic<bool> passed_ = false;
  SteadyTime passed_at_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::chrono::steady_clock::duration left_;
  SteadyTime resumed_at_;
  bool running_ = true;
  int changes_ = 0;
  std::jthread thread_;
};

// allowed_statement.cpp: forbidden unless it is a SELECT (or EXPLAIN of one) that reads the tenant's tables and nothing
// else. Throws duckdb's exceptions for what cannot be bound.
Result<void> check_allowed(duckdb::Connection& connection, const duckdb::SQLStatement& statement,
                           const duckdb::identifier_map_t<duckdb::BoundParameterData>& values);

// Submit the one SELECT in `sql`, which the deadline's SHA-256 is of, with its parameters. forbidden: see check_allowed; invalid: no or
// several statements, one that is too large (statement_size.h), unknown names, a parameter without a value. Throws duckdb's exceptions.
Result<duckdb::unique_ptr<duckdb::QueryResult>> submit_select(TenantDatabase& database, duckdb::Connection& connection,
                                                              std::string_view sql, const QueryOptions& options, const Deadline& deadline,
                                                              duckdb::shared_ptr<duckdb::ResultFormat> format);

Result<QueryResult> run_query(TenantDatabase& database, std::string_view sql, const QueryOptions& options);
Result<std::unique_ptr<QueryStream>> start_stream(std::shared_ptr<TenantDatabase> database, std::string_view sql,
                                                  const QueryOptions& options);
Result<RawMessage> read_raw(TenantDatabase& database, const MailboxId& mailbox, const ProviderMessageId& message);

}  // namespace letterlock::duckdb_adapter
