#include "app/scratch_storage.h"

#include <filesystem>

#include "adapters/crypto/crypto.h"
#include "adapters/duckdb/duckdb_repository.h"
#include "base/id.h"

namespace letterlock {
namespace {

class ScratchStorage final : public Storage {
 public:
  static Result<std::unique_ptr<Storage>> make(const std::string& migrations_folder) {
    auto scratch = std::make_unique<ScratchStorage>();
    scratch->folder_ = std::filesystem::temp_directory_path() / ("letterlock-scratch-" + new_uuid());
    scratch->files_ = TRY(
        DuckDBRepository::open({.folder = scratch->folder_.string(),
                                .migrations_folder = migrations_folder,
                                .data_key = [key = crypto::random_bytes(32)](const TenantId&) -> Result<DataKey> { return DataKey{key}; }},
                               scratch->clock_, scratch->metrics_));
    return scratch;
  }
  ~ScratchStorage() override {
    files_.reset();
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }

  Result<void> save_users(const TenantId& tenant, std::span<const User> users, const UserListing& listing, const TenantFacts& facts,
                          TimePoint at) override {
    return files_->save_users(tenant, users, listing, facts, at);
  }
  Result<std::vector<User>> get_users(const TenantId& tenant) override { return files_->get_users(tenant); }
  Result<std::vector<StoredCursor>> get_cursors(const TenantId& tenant, const MailboxId& mailbox) override {
    return files_->get_cursors(tenant, mailbox);
  }
  Result<std::optional<TimePoint>> get_last_sync_time(const TenantId& tenant, const MailboxId& mailbox) override {
    return files_->get_last_sync_time(tenant, mailbox);
  }
  Result<AppendResult> append(const TenantId& tenant, const Append& append) override { return files_->append(tenant, append); }
  Result<SettingsChanges> save_mailbox_settings(const TenantId& tenant, const MailboxId& mailbox, std::span<const MailboxSetting> settings,
                                                TimePoint at) override {
    return files_->save_mailbox_settings(tenant, mailbox, settings, at);
  }
  Result<QueryResult> query(const TenantId& tenant, std::string_view sql, const QueryOptions& options) override {
    return files_->query(tenant, sql, options);
  }
  Result<RawMessage> get_raw(const TenantId& tenant, const MailboxId& mailbox, const ProviderMessageId& message) override {
    return files_->get_raw(tenant, mailbox, message);
  }
  Result<Erased> erase_mail(const TenantId& tenant, const Erasure& erasure) override { return files_->erase_mail(tenant, erasure); }
  Result<void> forget(const TenantId& tenant, bool remove) override { return files_->forget(tenant, remove); }

 private:
  SystemClock clock_;
  Metrics metrics_;
  std::filesystem::path folder_;
  std::unique_ptr<DuckDBRepository> files_;
};

}  // namespace

Result<std::unique_ptr<Storage>> make_scratch_storage(const std::string& share_dir) {
  return ScratchStorage::make(share_dir + "/migrations/tenant");
}

}  // namespace letterlock
