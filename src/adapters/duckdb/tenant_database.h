#pragma once

// One tenant's open file: a DuckDB instance in memory with the encrypted file attached, locked down. Internal to this adapter.

#include <zstd.h>

#include <duckdb.hpp>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/duckdb/text_check.h"
#include "base/result.h"
#include "model/ids.h"
#include "ports/storage.h"

namespace letterlock::duckdb_adapter {

// DuckDB's error as ours; paths and the key never get into the message. A full disk: unavailable, code "disk_full"; a file that is not what
// was written: internal, code "damaged_file"; another fault of the disk: unavailable, code "io_error".
Error to_error(const duckdb::ErrorData& error, std::string_view action);
Error to_error(const std::exception& error, std::string_view action);

// Run a statement on a connection; its rows, or the error.
Result<std::unique_ptr<duckdb::QueryResult>> run(duckdb::Connection& connection, const std::string& sql, std::string_view action);
Result<std::unique_ptr<duckdb::QueryResult>> run(duckdb::Connection& connection, const std::string& sql,
                                                 duckdb::vector<duckdb::Value> values, std::string_view action);

Result<std::unique_ptr<duckdb::QueryResult>> run(duckdb::PreparedStatement& statement, duckdb::vector<duckdb::Value> values,
                                                 std::string_view action);

// The one BIGINT that a result holds, a count of changed rows too; 0 where it has no row.
std::int64_t single_number(duckdb::QueryResult& rows);

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

class OverdueStatements;

struct InstanceOptions {
  TenantId tenant;
  std::string file;
  std::string key;  // 32 bytes; wiped after the attach
  std::string migrations_folder;
  std::int64_t memory_bytes_max = 0;
  std::int64_t spill_bytes_max = 0;
  int threads = 0;
  std::shared_ptr<OverdueStatements> overdue;
  std::int64_t log_bytes_max = 0;
};

// A running stream, as its tenant's database sees it.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  // Cancel, and let go of the database unless a call is under way. Any thread.
  virtual void close() = 0;
};

// An exclusive lock beside a tenant's file, held while it is open: DuckDB's own does not keep one process from opening a
// file twice, which would destroy it.
class FileLock {
 public:
  // unavailable: somebody has it, in this process or another.
  static Result<FileLock> take(const std::string& path, std::string_view action);
  FileLock() = default;
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileLock();

 private:
  int descriptor_ = -1;
};

class TenantDatabase {
 public:
  // forbidden, code "wrong_key"; internal, code "damaged_file".
  static Result<std::shared_ptr<TenantDatabase>> open(InstanceOptions options, TimePoint now);
  // Folds the log into the file, unless the disk has no room for that: then the log is kept and replayed by the next opening.
  ~TenantDatabase();

  // Whether the instance still answers: a checkpoint that fails ends it for good, and the file has to be opened anew. Asks it.
  bool is_usable();
  // Not to be handed out again; the next call opens the file anew.
  void give_up() { given_up_ = true; }
  bool is_given_up() const { return given_up_; }

  const TenantId& tenant() const { return tenant_; }
  const std::shared_ptr<OverdueStatements>& overdue() const { return overdue_; }

  // A connection that sees the tenant's tables. Throws duckdb's exceptions.
  std::unique_ptr<duckdb::Connection> connect();
  void add_stream(std::weak_ptr<OpenStream> stream);
  // Refuse new connections, interrupt the running ones, close the streams. Ask again until nobody else holds this.
  void stop_reading();
  void go_on_reading() { stopping_ = false; }

  // Statements that were found to be allowed (allowed_statement.cpp) while this file is open, by the SHA-256 of their text: what a text
  // may do depends on it and on the tables, which do not change. Any thread; a bounded number is kept.
  bool is_known_select(std::string_view sql_sha256);
  void add_known_select(std::string_view sql_sha256);

  // The one that writes; hold write_mutex. Statements are prepared once.
  duckdb::Connection& writer() { return *writer_; }
  duckdb::PreparedStatement& prepared(const std::string& sql);
  std::optional<std::int64_t> last_ingest_seq;        // of the last committed write; nullopt: to be read
  std::map<CursorKey, std::int64_t> cursor_versions;  // of committed appends; absent: to be read
  std::optional<bool> has_set_aside;                  // false: no message is set aside; nullopt: to be read
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> zstd{ZSTD_createCCtx(), &ZSTD_freeCCtx};  // of appends
  std::mutex write_mutex;

  TimePoint used_at;  // guarded by the repository's mutex

 private:
  TenantId tenant_;
  std::shared_ptr<OverdueStatements> overdue_;
  FileLock file_lock_;  // goes last
  std::string file_;
  std::unique_ptr<duckdb::DuckDB> database_;
  std::unique_ptr<duckdb::Connection> writer_;
  std::map<std::string, duckdb::unique_ptr<duckdb::PreparedStatement>> prepared_;

  std::atomic<bool> stopping_ = false, given_up_ = false;
  std::mutex readers_mutex_;  // those below; connections and streams whose owner is gone are dropped when one is added
  std::set<std::string, std::less<>> known_selects_;
  std::vector<duckdb::weak_ptr<duckdb::ClientContext>> connections_;
  std::vector<std::weak_ptr<OpenStream>> streams_;
};

// migrations.cpp: apply what is missing, forward only, each file in a transaction of its own.
Result<void> migrate(duckdb::Connection& connection, const std::string& folder, TimePoint now);
// functions.cpp: what SQL lacks, from src/mail/domain.h.
void register_functions(duckdb::DatabaseInstance& database);

// invalid, naming the column, unless the text is UTF-8 without NUL.
Result<void> check_text(std::string_view text, std::string_view column);
// The name by which message_keys knows a message (migrations/tenant/0003), as 32 hex digits; SQL has it as message_key(a, b).
std::string message_key(const std::string& mailbox_id, const std::string& provider_message_id);

// append.cpp, users.cpp
Result<AppendResult> apply_append(TenantDatabase& database, const Append& append);
Result<void> apply_users(TenantDatabase& database, std::span<const User> users, const UserListing& listing, const TenantFacts& facts,
                         TimePoint at);
Result<std::vector<User>> read_users(TenantDatabase& database);
// settings.cpp
Result<SettingsChanges> apply_settings(TenantDatabase& database, const MailboxId& mailbox, std::span<const MailboxSetting> settings,
                                       TimePoint at);
// erase.cpp
Result<Erased> apply_erasure(TenantDatabase& database, const Erasure& erasure);
// The highest number that the tenant's sequence has given out. Hold write_mutex.
Result<std::int64_t> last_ingest_seq(TenantDatabase& database);

}  // namespace letterlock::duckdb_adapter
