#pragma once

// The API keys of a tenant, without their secrets. Making and checking one is AccessService's. Pool with role letterlock_api. Any thread.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "domain/access/access_service.h"

namespace letterlock {

// Every scope that there is; a key without any may whatever its role may.
inline constexpr std::array<std::string_view, 10> api_key_scopes{"alerts:read",       "alerts:write",  "messages:read", "connections:read",
                                                                 "connections:write", "rules:write",   "people:read",   "audit:read",
                                                                 "webhooks:read",     "webhooks:write"};

struct ApiKey {
  std::string api_key_id;
  std::string name;
  Role role = Role::viewer;
  std::vector<std::string> scopes;
  std::string created_by;
  TimePoint created_at;
  std::optional<TimePoint> expires_at;
  std::optional<TimePoint> last_used_at;  // to the minute
};

struct NewApiKey {
  std::string name;
  Role role = Role::viewer;
  std::vector<std::string> scopes;
  std::optional<TimePoint> expires_at;
};

struct CreatedApiKey {
  ApiKey api_key;
  std::string key;  // shown once
};

class ApiKeyService {
 public:
  ApiKeyService(postgres::Pool& pool, AccessService& access) : pool_(pool), access_(access) {}

  Result<std::vector<ApiKey>> list(const TenantId& tenant);
  // forbidden: a role above the maker's own; invalid: an unknown scope; conflict: as AccessService::create_api_key().
  Result<CreatedApiKey> create(const Principal& by, const NewApiKey& key);
  Result<void> revoke(const TenantId& tenant, const std::string& api_key_id);

 private:
  postgres::Pool& pool_;
  AccessService& access_;
};

}  // namespace letterlock
