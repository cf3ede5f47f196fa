#pragma once

// One read-only SELECT, from its text to its rows. Internal to this adapter.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "adapters/duckdb/query_stream.h"
#include "adapters/duckdb/tenant_database.h"

namespace letterlock::duckdb_adapter {

// Interrupts a connection when the time is over; disarmed by its destructor.
class Deadline {
 public:
  Deadline(duckdb::Connection& connection, std::chrono::milliseconds timeout);
  ~Deadline();
  bool passed() const { return passed_; }

 private:
  std::atomic<bool> passed_ = false;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::jthread thread_;
};

// Prepare the one SELECT in `sql` and submit it with its parameters. forbidden: anything that is no SELECT, or that writes;
// invalid: no or several statements, unknown names. Throws duckdb's exceptions.
Result<duckdb::unique_ptr<duckdb::QueryResult>> submit_select(duckdb::Connection& connection, std::string_view sql,
                                                              const QueryOptions& options, duckdb::shared_ptr<duckdb::ResultFormat> format);

Result<QueryResult> run_query(TenantDatabase& database, std::string_view sql, const QueryOptions& options);
Result<std::unique_ptr<QueryStream>> start_stream(std::shared_ptr<TenantDatabase> database, std::string_view sql,
                                                  const QueryOptions& options);
Result<RawMessage> read_raw(TenantDatabase& database, const MailboxId& mailbox, const ProviderMessageId& message);

}  // namespace letterlock::duckdb_adapter
