#include "adapters/duckdb/duckdb_repository.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "adapters/duckdb/disk_space.h"
#include "adapters/duckdb/overdue_statements.h"
#include "adapters/duckdb/private_files.h"
#include "adapters/duckdb/query_stream.h"
#include "adapters/duckdb/running_query.h"
#include "adapters/duckdb/tenant_database.h"
#include "base/log.h"

namespace letterlock {

using duckdb_adapter::TenantDatabase;

namespace {

// Read the folder, and the beginning of one tenant's file.
Result<void> check_readable(const std::string& folder) {
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (entries->path().extension() != ".duckdb") continue;
    const int file = ::open(entries->path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT) continue;  // removed meanwhile
    std::array<char, 4096> begin;
    const bool is_read = file >= 0 && ::read(file, begin.data(), begin.size()) >= 0;
    const int reason = errno;
    if (file >= 0) ::close(file);
    if (!is_read) return fail(ErrorKind::unavailable, std::string("a tenant's file cannot be read: ") + std::strerror(reason));
    return {};
  }
  if (error) return fail(ErrorKind::unavailable, "the folder of the tenants' files cannot be read: " + error.message());
  return {};
}

// For the last callers of an instance that is given up; who comes meanwhile is told to try again.
constexpr std::chrono::milliseconds reopen_wait{200};

bool is_file_fault(const Error& error) {
  return error.code == disk_full_code || error.code == io_error_code || error.code == damaged_file_code;
}

}  // namespace

struct DuckDBRepository::Impl {
  // A tenant's place in the cache; opening takes its mutex alone, so that no tenant waits for another's file.
  struct Slot {
    std::mutex mutex;
    std::shared_ptr<TenantDatabase> database;
  };

  Impl(DuckDBOptions options_in, Clock& clock_in, Metrics& metrics_in)
      : options(std::move(options_in)),
        clock(clock_in),
        metrics(metrics_in),
        overdue(std::make_shared<duckdb_adapter::OverdueStatements>(metrics_in, options.overdue_after)) {}

  std::string file_of(const TenantId& tenant) const { return options.folder + "/" + tenant.str() + ".duckdb"; }

  std::shared_ptr<Slot> slot_of(const TenantId& tenant) {
    const std::lock_guard lock(mutex);
    auto& slot = slots[tenant.str()];
    if (!slot) slot = std::make_shared<Slot>();
    return slot;
  }

  Result<std::shared_ptr<TenantDatabase>> get(const TenantId& tenant) {
    if (!is_uuid(tenant.str())) return fail(ErrorKind::invalid, "a tenant's id is a UUID");
    const auto slot = slot_of(tenant);
    std::shared_ptr<TenantDatabase> database;
    {
      const std::lock_guard lock(slot->mutex);
      if (slot->database && slot->database->is_given_up()) TRY(close(*slot, "opening the tenant's file anew", reopen_wait));
      if (!slot->database) {
        if (std::error_code none; !std::filesystem::exists(file_of(tenant), none)) TRY(check_room());  // a new one
        DataKey key = TRY(options.data_key(tenant));
        slot->database = TRY(TenantDatabase::open({.tenant = tenant,
                                                   .file = file_of(tenant),
                                                   .key = std::move(key.bytes),
                                                   .migrations_folder = options.migrations_folder,
                                                   .memory_bytes_max = options.memory_bytes_max,
                                                   .spill_bytes_max = options.spill_bytes_max,
                                                   .threads = options.threads,
                                                   .overdue = overdue,
                                                   .log_bytes_max = options.log_bytes_max},
                                                  clock.now()));
        metrics.count("letterlock_storage_files_opened_total", "Tenant files opened");
      }
      database = slot->database;
    }
    {
      const std::lock_guard lock(mutex);
      database->used_at = clock.now();
    }
    close_idle();
    return database;
  }

  // Close a slot's file; hold the slot's mutex, so that nobody gets hold of it anew: a second instance must not open while one is alive.
  // Its readers are cancelled. unavailable, code "in_use": somebody did not end in time.
  Result<void> close(Slot& slot, std::string_view action, std::chrono::milliseconds wait) {
    const auto end = std::chrono::steady_clock::now() + wait;
    while (slot.database.use_count() > 1) {
      slot.database->stop_reading();
      if (slot.database.use_count() > 1 && std::chrono::steady_clock::now() >= end) {
        slot.database->go_on_reading();
        return fail(Error{
            .kind = ErrorKind::unavailable, .message = std::string(action) + ": its file is still in use; try again", .code = "in_use"});
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    slot.database.reset();
    return {};
  }

  // Do work with the tenant's open file. Where that fails because of the file and its instance is lost, the next call opens it anew; a read
  // is tried again at once.
  template <class Work>
  auto with_file(const TenantId& tenant, int tries, Work work) -> std::invoke_result_t<Work, const std::shared_ptr<TenantDatabase>&> {
    while (true) {
      auto database = get(tenant);
      if (!database) return fail(named(tenant, std::move(database).error()));
      auto result = work(*database);
      // DuckDB ends an instance for good at any internal or fatal error, whatever its cause.
      if (result || !(is_file_fault(result.error()) || result.error().kind == ErrorKind::internal)) return result;
      const bool is_lost = !(*database)->is_usable();
      if (is_lost) (*database)->give_up();
      if (!is_file_fault(result.error())) return result;
      if (!is_lost || --tries == 0) return fail(named(tenant, std::move(result).error()));
    }
  }
  template <class Work>
  auto read(const TenantId& tenant, Work work) {
    return with_file(tenant, 2, std::move(work));
  }
  // Not tried again: whether it happened is for the caller to find out.
  template <class Work>
  auto write(const TenantId& tenant, Work work) -> std::invoke_result_t<Work, const std::shared_ptr<TenantDatabase>&> {
    TRY(check_room());
    auto result = with_file(tenant, 1, std::move(work));
    if (result) {
      if (!last_write_found_room.exchange(true)) static_cast<void>(measure());  // tells it at once
    } else if (result.error().code == disk_full_code) {
      last_write_found_room = false;
      tell_writable(false);
    }
    return result;
  }

  // Log a fault of the file, and say which file is to be restored.
  Error named(const TenantId& tenant, Error error) {
    if (error.code == damaged_file_code) {
      LOG(error, "a tenant's file is damaged", {{"tenant", tenant}, {"reason", error.message}});
      error.message += "; remedy: the operator of this installation restores " + tenant.str() + ".duckdb from a copy";
    } else if (error.code == io_error_code) {
      LOG(error, "the disk of the tenants' files failed", {{"tenant", tenant}, {"reason", error.message}});
    }
    return error;
  }

  Result<DiskSpace> measure() {
    const auto disk = TRY(duckdb_adapter::measure_disk(options.folder, options.reserve_bytes));
    const auto show = [&](std::string_view state, std::int64_t bytes) {
      metrics.gauge("letterlock_storage_disk_bytes", "The file system of the tenants' files; reserve: with less free no mail is stored",
                    {{"state", state}}, static_cast<double>(bytes));
    };
    show("free", disk.free_bytes);
    show("used", disk.used_bytes);
    show("reserve", disk.reserve_bytes);
    tell_writable(disk.free_bytes >= disk.reserve_bytes && last_write_found_room, &disk);
    return disk;
  }

  // unavailable, code "disk_full": the reserve is not free.
  Result<void> check_room() {
    const auto disk = TRY(measure());
    if (disk.free_bytes >= disk.reserve_bytes) return {};
    return fail(Error{
        .kind = ErrorKind::unavailable, .message = std::string(duckdb_adapter::disk_full_sentence), .code = std::string(disk_full_code)});
  }

  void tell_writable(bool now, const DiskSpace* disk = nullptr) {
    metrics.gauge("letterlock_storage_writable", "1 while mail can be stored", {}, now ? 1 : 0);
    if (is_writable.exchange(now) == now) return;
    if (now)
      LOG(info, "the disk of the tenants' files has room again: mail is stored");
    else if (disk)
      LOG(error, "the disk of the tenants' files has less free than the reserve: no mail is stored, reads go on",
          {{"free_bytes", disk->free_bytes}, {"reserve_bytes", disk->reserve_bytes}});
    else
      LOG(error, "the disk of the tenants' files is full: a write failed; no mail is stored, reads go on");
  }

  // Close the least recently used files that nobody uses until the number of open ones is allowed.
  void close_idle() {
    const std::lock_guard lock(mutex);
    std::vector<std::pair<TimePoint, std::shared_ptr<Slot>>> idle;
    int open = 0;
    for (const auto& [tenant, slot] : slots) {
      const std::unique_lock slot_lock(slot->mutex, std::try_to_lock);
      if (!slot_lock) {
        ++open;  // being opened
        continue;
      }
      if (!slot->database) continue;
      ++open;
      if (slot->database.use_count() == 1) idle.emplace_back(slot->database->used_at, slot);
    }
    metrics.gauge("letterlock_storage_files_open", "Tenant files open", {}, open);
    std::ranges::sort(idle, {}, &std::pair<TimePoint, std::shared_ptr<Slot>>::first);
    for (const auto& [used_at, slot] : idle) {
      if (open <= options.open_tenants_max) return;
      const std::unique_lock slot_lock(slot->mutex, std::try_to_lock);
      if (!slot_lock || !slot->database || slot->database.use_count() != 1) continue;
      slot->database.reset();
      --open;
    }
  }

  const DuckDBOptions options;
  Clock& clock;
  Metrics& metrics;
  const std::shared_ptr<duckdb_adapter::OverdueStatements> overdue;
  std::atomic<bool> last_write_found_room = true, is_writable = true;
  std::mutex mutex;  // slots and every used_at
  std::map<std::string, std::shared_ptr<Slot>> slots;
};

DuckDBRepository::DuckDBRepository(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DuckDBRepository::~DuckDBRepository() = default;

std::string DuckDBRepository::tenant_folder(std::string_view duckdb_path) {
  std::string folder(duckdb_path);
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder.ends_with(".db") ? folder + ".d" : folder;
}

Result<std::unique_ptr<DuckDBRepository>> DuckDBRepository::open(DuckDBOptions options, Clock& clock, Metrics& metrics) {
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error || !std::filesystem::is_directory(options.folder))
    return fail(ErrorKind::invalid,
                "the folder of the tenants' files (DUCKDB_PATH) " + options.folder + " cannot be used: " + error.message());
  if (const auto made = duckdb_adapter::make_private(options.folder); !made)
    LOG(warn, "the folder of the tenants' files (DUCKDB_PATH) is open to other users", {{"reason", made.error().message}});
  return std::unique_ptr<DuckDBRepository>(new DuckDBRepository(std::make_unique<Impl>(std::move(options), clock, metrics)));
}

Result<void> DuckDBRepository::init_schema(const TenantId& tenant) {
  return impl_->read(tenant, [](const auto&) { return Result<void>(); });
}

Result<StorageState> DuckDBRepository::state() {
  const auto disk = TRY(impl_->measure());
  const auto readable = check_readable(impl_->options.folder);
  return StorageState{.disk = disk, .is_writable = impl_->is_writable, .read_failure = readable ? "" : readable.error().message};
}

Result<void> DuckDBRepository::save_users(const TenantId& tenant, std::span<const User> users, const UserListing& listing,
                                          const TenantFacts& facts, TimePoint at) {
  return impl_->write(tenant, [&](const auto& database) { return duckdb_adapter::apply_users(*database, users, listing, facts, at); });
}

Result<std::vector<User>> DuckDBRepository::get_users(const TenantId& tenant) {
  return impl_->read(tenant, [](const auto& database) { return duckdb_adapter::read_users(*database); });
}

Result<std::vector<StoredCursor>> DuckDBRepository::get_cursors(const TenantId& tenant, const MailboxId& mailbox) {
  const QueryResult result =
      TRY(query(tenant, "SELECT source, folder_id, value, version, updated_at FROM cursors WHERE mailbox_id = $mailbox_id ORDER BY ALL",
                {.parameters = {{"mailbox_id", mailbox.str()}}, .rows_max = 1'000'000}));
  std::vector<StoredCursor> cursors;
  for (const auto& row : result.rows)
    cursors.push_back(
        {.key = {.mailbox_id = mailbox, .source = std::get<std::string>(row[0]), .folder_id = FolderId(std::get<std::string>(row[1]))},
         .value = std::get<std::string>(row[2]),
         .version = std::get<std::int64_t>(row[3]),
         .updated_at = std::get<TimePoint>(row[4])});
  return cursors;
}

Result<std::optional<TimePoint>> DuckDBRepository::get_last_sync_time(const TenantId& tenant, const MailboxId& mailbox) {
  const QueryResult result = TRY(
      query(tenant, "SELECT max(updated_at) FROM cursors WHERE mailbox_id = $mailbox_id", {.parameters = {{"mailbox_id", mailbox.str()}}}));
  const auto* time = std::get_if<TimePoint>(&result.rows.at(0).at(0));
  return time ? std::optional(*time) : std::nullopt;
}

Result<AppendResult> DuckDBRepository::append(const TenantId& tenant, const Append& append) {
  auto result = impl_->write(tenant, [&](const auto& database) { return duckdb_adapter::apply_append(*database, append); });
  if (result) impl_->metrics.count("letterlock_storage_messages_total", "Messages inserted", {}, static_cast<double>(result->inserted));
  return result;
}

Result<SettingsChanges> DuckDBRepository::save_mailbox_settings(const TenantId& tenant, const MailboxId& mailbox,
                                                                std::span<const MailboxSetting> settings, TimePoint at) {
  return impl_->write(tenant, [&](const auto& database) { return duckdb_adapter::apply_settings(*database, mailbox, settings, at); });
}

Result<QueryResult> DuckDBRepository::query(const TenantId& tenant, std::string_view sql, const QueryOptions& options) {
  return impl_->read(tenant, [&](const auto& database) { return duckdb_adapter::run_query(*database, sql, options); });
}

Result<std::unique_ptr<QueryStream>> DuckDBRepository::open_stream(const TenantId& tenant, std::string_view sql,
                                                                   const QueryOptions& options) {
  return impl_->read(tenant, [&](const auto& database) { return duckdb_adapter::start_stream(database, sql, options); });
}

Result<RawMessage> DuckDBRepository::get_raw(const TenantId& tenant, const MailboxId& mailbox, const ProviderMessageId& message) {
  return impl_->read(tenant, [&](const auto& database) { return duckdb_adapter::read_raw(*database, mailbox, message); });
}

Result<Erased> DuckDBRepository::erase_mail(const TenantId& tenant, const Erasure& erasure) {
  // The reserve is for this too: it makes room.
  return impl_->with_file(tenant, 1, [&](const auto& database) { return duckdb_adapter::apply_erasure(*database, erasure); });
}

Result<void> DuckDBRepository::forget(const TenantId& tenant, bool remove) {
  if (!is_uuid(tenant.str())) return fail(ErrorKind::invalid, "a tenant's id is a UUID");
  const auto slot = impl_->slot_of(tenant);
  const std::lock_guard lock(slot->mutex);
  if (slot->database) TRY(impl_->close(*slot, "forgetting the tenant", impl_->options.forget_wait));
  if (!remove) return {};
  std::error_code error;
  for (const char* suffix : {"", ".wal", ".tmp", ".lock"}) {
    std::filesystem::remove_all(impl_->file_of(tenant) + suffix, error);
    if (error) return fail(ErrorKind::unavailable, "removing the tenant's file: " + error.message());
  }
  LOG(info, "tenant file removed", {{"tenant", tenant}});
  return {};
}

}  // namespace letterlock
