#pragma once

// Tenants and their connections. Pool with role letterlock_api. Any thread.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "adapters/crypto/crypto.h"
#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/job.h"

namespace letterlock {

struct NewConnection {
  std::string name;
  ProviderKind provider = ProviderKind::google;
  std::string settings_json;
  std::string secret_json;
  std::vector<std::string> trusted_authserv_ids;
  std::chrono::seconds interval{300};
  bool by_operator = false;  // on the command line: an archive's paths may lie anywhere
};

struct ConnectionChange {
  std::optional<std::string> name;
  std::optional<std::string> settings_json;
  std::optional<std::string> secret_json;
  std::optional<std::vector<std::string>> trusted_authserv_ids;
  std::optional<std::chrono::seconds> interval;
  std::optional<bool> paused;
  bool by_operator = false;  // as above
};

struct ConnectionStatus {
  ConnectionId connection_id;
  std::string name;
  ProviderKind provider = ProviderKind::google;
  std::string state;  // new, ok, stalled, broken, paused
  std::string state_reason;
  std::string state_code;             // Error's, such as "disk_full"; empty: there is no more to say
  std::optional<TimePoint> state_at;  // when state and reason were recorded
  std::optional<TimePoint> last_sync_at;
  std::int64_t mailboxes_total = 0;
  std::int64_t mailboxes_caught_up = 0;
  std::int64_t messages_stored = 0;
  std::int64_t messages_set_aside = 0;
  std::chrono::seconds interval{0};
  std::optional<TimePoint> next_due_at;
};

struct TenantOptions {
  bool private_addresses = false;  // connections may name servers that are not public, and plain http: for simulators and closed networks
  std::vector<std::string> archive_folders;  // archive connections that the operator did not make read below these alone
};

class TenantService {
 public:
  TenantService(postgres::Pool& pool, const crypto::MasterKey& master_key, Clock& clock, TenantOptions options = {})
      : pool_(pool), master_key_(master_key), clock_(clock), options_(options) {}

  Result<TenantId> create(const std::string& name);  // with a data key of its own; conflict: the name is taken
  Result<TenantId> find(const std::string& name);
  Result<void> remove(const TenantId& tenant);  // destroys the data key: the mail can never be read again

  // invalid: a server of the settings is not https and public, an archive's path lies outside the allowed folders. Likewise
  // change_connection(), and: settings that name another server than before without a new secret, for the stored one was given to the
  // server of before.
  Result<ConnectionId> create_connection(const TenantId& tenant, const NewConnection& connection);
  Result<void> change_connection(const TenantId& tenant, const ConnectionId& connection, const ConnectionChange& change);
  Result<std::vector<ConnectionStatus>> connections(const TenantId& tenant);
  Result<ConnectionStatus> connection(const TenantId& tenant, const ConnectionId& connection);
  // As a job gets it, with its secret: for a test at the provider, never to be handed out.
  Result<Connection> with_secret(const TenantId& tenant, const ConnectionId& connection);
  Result<std::string> settings(const TenantId& tenant, const ConnectionId& connection);    // JSON
  Result<void> remove_connection(const TenantId& tenant, const ConnectionId& connection);  // with its jobs; the mail stays
  // Queue an ingestion job now, or name the one that is queued or runs.
  Result<JobId> sync_now(const TenantId& tenant, const ConnectionId& connection);

 private:
  Result<void> check_kept(ProviderKind provider, const std::string& settings_json, bool by_operator) const;

  postgres::Pool& pool_;
  const crypto::MasterKey& master_key_;
  Clock& clock_;
  const TenantOptions options_;
};

}  // namespace letterlock
