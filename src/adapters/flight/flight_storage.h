#pragma once

// ports/storage.h over the wire: DoPut to append, Flight SQL to read. One gRPC channel, shared by all threads.

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "ports/storage.h"

namespace letterlock {

struct FlightStorageOptions {
  std::string url;      // grpc://host:port, or grpc+tls://host:port
  std::string ca_file;  // PEM; needed for grpc+tls
  // The service token for a tenant; unauthenticated where there is none.
  std::function<Result<std::string>(const TenantId&)> token;
  std::chrono::seconds append_timeout{300};
  std::chrono::seconds connect_timeout{10};
};

class FlightStorage final : public Storage {
 public:
  static Result<std::unique_ptr<FlightStorage>> connect(FlightStorageOptions options);
  ~FlightStorage() override;

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

 private:
  struct Impl;
  explicit FlightStorage(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace letterlock
