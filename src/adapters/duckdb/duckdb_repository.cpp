#include "adapters/duckdb/duckdb_repository.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "adapters/duckdb/overdue_statements.h"
#include "adapters/duckdb/query_stream.h"
#include "adapters/duckdb/running_query.h"
#include "adapters/duckdb/tenant_database.h"
#include "base/log.h"

namespace letterlock {

using duckdb_adapter::TenantDatabase;

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
      if (!slot->database) {
        DataKey key = TRY(options.data_key(tenant));
        slot->database = TRY(TenantDatabase::open({.tenant = tenant,
                                                   .file = file_of(tenant),
                                                   .key = std::move(key.bytes),
                                                   .migrations_folder = options.migrations_folder,
                                                   .memory_bytes_max = options.memory_bytes_max,
                                                   .spill_bytes_max = options.spill_bytes_max,
                                                   .threads = options.threads,
                                                   .overdue = overdue},
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
  return std::unique_ptr<DuckDBRepository>(new DuckDBRepository(std::make_unique<Impl>(std::move(options), clock, metrics)));
}

Result<void> DuckDBRepository::init_schema(const TenantId& tenant) {
  TRY(impl_->get(tenant));
  return {};
}

Result<void> DuckDBRepository::save_users(const TenantId& tenant, std::span<const User> users, const UserListing& listing,
                                          const TenantFacts& facts, TimePoint at) {
  return duckdb_adapter::apply_users(*TRY(impl_->get(tenant)), users, listing, facts, at);
}

Result<std::vector<User>> DuckDBRepository::get_users(const TenantId& tenant) {
  return duckdb_adapter::read_users(*TRY(impl_->get(tenant)));
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
  auto result = duckdb_adapter::apply_append(*TRY(impl_->get(tenant)), append);
  if (result) impl_->metrics.count("letterlock_storage_messages_total", "Messages inserted", {}, static_cast<double>(result->inserted));
  return result;
}

Result<SettingsChanges> DuckDBRepository::save_mailbox_settings(const TenantId& tenant, const MailboxId& mailbox,
                                                                std::span<const MailboxSetting> settings, TimePoint at) {
  return duckdb_adapter::apply_settings(*TRY(impl_->get(tenant)), mailbox, settings, at);
}

Result<QueryResult> DuckDBRepository::query(const TenantId& tenant, std::string_view sql, const QueryOptions& options) {
  return duckdb_adapter::run_query(*TRY(impl_->get(tenant)), sql, options);
}

Result<std::unique_ptr<QueryStream>> DuckDBRepository::open_stream(const TenantId& tenant, std::string_view sql,
                                                                   const QueryOptions& options) {
  return duckdb_adapter::start_stream(TRY(impl_->get(tenant)), sql, options);
}

Result<RawMessage> DuckDBRepository::get_raw(const TenantId& tenant, const MailboxId& mailbox, const ProviderMessageId& message) {
  return duckdb_adapter::read_raw(*TRY(impl_->get(tenant)), mailbox, message);
}

Result<Erased> DuckDBRepository::erase_mail(const TenantId& tenant, const Erasure& erasure) {
  return duckdb_adapter::apply_erasure(*TRY(impl_->get(tenant)), erasure);
}

Result<void> DuckDBRepository::forget(const TenantId& tenant, bool remove) {
  if (!is_uuid(tenant.str())) return fail(ErrorKind::invalid, "a tenant's id is a UUID");
  const auto slot = impl_->slot_of(tenant);
  const std::lock_guard lock(slot->mutex);
  if (slot->database) {
    // Nobody gets hold of it anew while the slot is locked; a second instance must not open while one is alive.
    const auto end = std::chrono::steady_clock::now() + impl_->options.forget_wait;
    while (slot->database.use_count() > 1) {
      slot->database->stop_reading();
      if (slot->database.use_count() > 1 && std::chrono::steady_clock::now() >= end) {
        slot->database->go_on_reading();
        return fail(Error{
            .kind = ErrorKind::unavailable, .message = "forgetting the tenant: its file is still in use; try again", .code = "in_use"});
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    slot->database.reset();
  }
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
