#pragma once

// A tenant's mail store, as the rest of the program sees it. Two implementations, one conformance suite
// (ports/storage_conformance.h): adapters/duckdb's DuckDBRepository in the process that owns the files, and
// adapters/flight's FlightStorage over the wire. All calls block; any thread.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/append.h"
#include "model/ids.h"
#include "model/mailbox_setting.h"
#include "model/user.h"

namespace letterlock {

// A cell of a query's result. Timestamps come as TimePoint; lists, structs and JSON come as JSON text.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, TimePoint>;

struct QueryColumn {
  std::string name;
  std::string type;  // DuckDB's type name, such as "VARCHAR", "TIMESTAMP WITH TIME ZONE"
};

struct QueryOptions {
  // By name, without the '$'. Rules share two, so values that the statement does not name are ignored; a parameter of
  // the statement without a value here is ErrorKind::invalid.
  std::vector<std::pair<std::string, Value>> parameters;
  std::int64_t rows_max = 10'000;             // more rows: ErrorKind::invalid, code "too_many_rows"
  std::chrono::milliseconds timeout{60'000};  // longer: ErrorKind::unavailable, code "timeout"
};

struct QueryResult {
  std::vector<QueryColumn> columns;
  std::vector<std::vector<Value>> rows;
};

// Facts about the tenant that rules need beside its mail; written by ingestion, read as tables of the same names.
struct TenantFacts {
  std::vector<std::string> domains;  // registrable or deeper domains that the company owns, lower-cased
  std::vector<std::string> vip_user_ids;
};

// Where a listing of users comes from.
struct UserListing {
  ConnectionId connection_id;
  bool complete = false;  // the connection's whole directory: users of this connection that it lacks get deleted_at
};

// Mail that is not kept any longer.
struct Erasure {
  TimePoint received_before;        // by the receiver's time
  std::int64_t ingest_seq_max = 0;  // and up to this number: what was not analysed yet stays
  int messages_max = 1'000;         // of one transaction, 1 to 10,000
};

struct Erased {
  std::int64_t raw = 0;       // messages whose raw bytes are gone
  std::int64_t messages = 0;  // messages that are gone
  bool more = false;          // another call may find more
};

class Storage {
 public:
  virtual ~Storage() = default;

  // Upsert users by user_id; other connections' users stay as they are. Also replaces tenant_domains (from facts) and every user's
  // is_vip. One transaction.
  // invalid here and in append(): a text that is not UTF-8 without NUL, named by its column; nothing is stored.
  virtual Result<void> save_users(const TenantId& tenant, std::span<const User> users, const UserListing& listing, const TenantFacts& facts,
                                  TimePoint at) = 0;
  virtual Result<std::vector<User>> get_users(const TenantId& tenant) = 0;

  // Cursors of one mailbox, ordered by key.
  virtual Result<std::vector<StoredCursor>> get_cursors(const TenantId& tenant, const MailboxId& mailbox) = 0;
  // The time of the newest committed append of this mailbox; nullopt before the first.
  virtual Result<std::optional<TimePoint>> get_last_sync_time(const TenantId& tenant, const MailboxId& mailbox) = 0;

  virtual Result<AppendResult> append(const TenantId& tenant, const Append& append) = 0;

  // Compare a mailbox's settings, all of them, with those that hold; end the rows of what changed or is gone, add rows for what is
  // new or changed, each with the tenant's next ingest_seq. The mailbox's first reading marks its rows as baseline. One transaction;
  // the same settings again change nothing. Of two with one kind and setting_id the last counts.
  virtual Result<SettingsChanges> save_mailbox_settings(const TenantId& tenant, const MailboxId& mailbox,
                                                        std::span<const MailboxSetting> settings, TimePoint at) = 0;

  // Run one read-only SELECT over the tenant's tables. Anything else: ErrorKind::forbidden.
  virtual Result<QueryResult> query(const TenantId& tenant, std::string_view sql, const QueryOptions& options) = 0;

  // The raw bytes of one message. A 100 MB message passes through all implementations.
  virtual Result<RawMessage> get_raw(const TenantId& tenant, const MailboxId& mailbox, const ProviderMessageId& message) = 0;

  // Delete mail for good, in one transaction: raw bytes first, and once no old message has any, the messages with all that hangs on
  // them. Keys are kept: a message that comes again is passed over, and no number is given twice.
  virtual Result<Erased> erase_mail(const TenantId& tenant, const Erasure& erasure) = 0;

  // Cancel the tenant's readers, close its file and forget its key. remove = delete the file too. unavailable, code "in_use":
  // somebody still writes or reads, nothing was changed.
  virtual Result<void> forget(const TenantId& tenant, bool remove) = 0;
};

}  // namespace letterlock
