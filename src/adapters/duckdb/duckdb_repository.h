#pragma once

// ports/storage.h over DuckDB: one encrypted file per tenant, one DuckDB instance per open file, the least recently used
// closed first. Made once by the process that owns the files (target `storage`). Any thread: writes of one tenant take
// turns, reads run beside them on connections of their own and see committed rows only.
//
// A disk with less room than the reserve, or none: nothing is stored (unavailable, code "disk_full"), reads go on; when there is room again
// so does storing. A file that is damaged: internal, code "damaged_file", of that tenant alone.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "model/storage_state.h"
#include "ports/control_plane.h"
#include "ports/storage.h"

namespace letterlock {

class QueryStream;

struct DuckDBOptions {
  std::string folder;             // of the tenants' files; see tenant_folder()
  std::string migrations_folder;  // holds NNNN_name.sql
  std::function<Result<DataKey>(const TenantId&)> data_key;
  int open_tenants_max = 64;                // beyond: the least recently used one that nobody uses is closed
  std::int64_t memory_bytes_max = 1 << 30;  // of one tenant's instance; with the texts and lists that functions make half as much again
  std::int64_t spill_bytes_max = std::int64_t{4} << 30;  // of one tenant's instance, encrypted, beside its file
  int threads = 2;                                       // of one tenant's instance
  std::chrono::milliseconds overdue_after{5'000};        // a statement that runs on so long after its deadline is counted and logged
  // Until a file's log is this long, appends write the log alone; then it is folded into the file, rewriting the open row groups.
  std::int64_t log_bytes_max = 256 << 20;
  std::int64_t reserve_bytes = 0;                 // with less free on the disk nothing is stored; 0: 5 % of it, at most 10 GiB
  std::chrono::milliseconds forget_wait{10'000};  // for running calls to end; readers are cancelled, an append is not
};

class DuckDBRepository final : public Storage {
 public:
  // The folder that DUCKDB_PATH names: the path itself, or "security.db.d" beside it where it ends in ".db".
  static std::string tenant_folder(std::string_view duckdb_path);

  // The folder is made private to this process's user (0700), with a warning where it is another's. invalid: it cannot be made or written.
  static Result<std::unique_ptr<DuckDBRepository>> open(DuckDBOptions options, Clock& clock, Metrics& metrics);
  ~DuckDBRepository() override;

  // Open the tenant's file and bring its schema up to date; every other call does so by itself. forbidden: wrong key.
  Result<void> init_schema(const TenantId& tenant);

  Result<void> save_users(const TenantId& tenant, std::span<const User> users, const UserListing& listing, const TenantFacts& facts,
                          TimePoint at) override;
  Result<std::vector<User>> get_users(const TenantId& tenant) override;
  Result<std::vector<StoredCursor>> get_cursors(const TenantId& tenant, const MailboxId& mailbox) override;
  Result<std::optional<TimePoint>> get_last_sync_time(const TenantId& tenant, const MailboxId& mailbox) override;
  Result<AppendResult> append(const TenantId& tenant, const Append& append) override;
  Result<SettingsChanges> save_mailbox_settings(const TenantId& tenant, const MailboxId& mailbox, std::span<const MailboxSetting> settings,
                                                TimePoint at) override;
  Result<QueryResult> query(const TenantId& tenant, std::string_view sql, const QueryOptions& options) override;
  Result<RawMessage> get_raw(const TenantId& tenant, const MailboxId& mailbox, const ProviderMessageId& message) override;
  Result<Erased> erase_mail(const TenantId& tenant, const Erasure& erasure) override;
  Result<void> forget(const TenantId& tenant, bool remove) override;

  // Measure the disk and try to read the folder; sets the gauges letterlock_storage_disk_bytes and letterlock_storage_writable.
  // unavailable: the disk cannot be measured.
  Result<StorageState> state();

  // Start a read-only SELECT whose rows are fetched as Arrow arrays (query_stream.h). The same refusals as query().
  Result<std::unique_ptr<QueryStream>> open_stream(const TenantId& tenant, std::string_view sql, const QueryOptions& options);

 private:
  struct Impl;
  explicit DuckDBRepository(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace letterlock
