#pragma once

// The API keys of a tenant, without their secrets. Checking one is AccessService's. Pool with role letterlock_api. Any thread.
//
// A key belongs to the person who made it. It ends when its owner is removed; it never may more than its owner may at that moment. One
// that was made on the command line for nobody belongs to the installation: it ends by time or when it is revoked.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "domain/access/access_service.h"

namespace letterlock {

// Every scope that there is. A key names what it may; there is no word for all of them.
inline constexpr std::array<std::string_view, 10> api_key_scopes{"alerts:read",       "alerts:write",  "messages:read", "connections:read",
                                                                 "connections:write", "rules:write",   "people:read",   "audit:read",
                                                                 "webhooks:read",     "webhooks:write"};

struct ApiKey {
  std::string api_key_id;
  std::string name;
  Role role = Role::viewer;            // as it was made
  Role effective_role = Role::viewer;  // not above its owner's of now
  std::vector<std::string> scopes;
  bool legacy = false;                     // made when no scopes meant all: it has those of that time
  std::string owner_kind;                  // person; removed: it has ended; installation; unknown: made before owners were recorded
  std::optional<std::string> owner_email;  // of a person
  std::string created_by;                  // the maker's address; empty: the command line, or unknown
  TimePoint created_at;
  TimePoint expires_at;
  std::optional<TimePoint> last_used_at;  // to the minute
};

struct NewApiKey {
  std::string name;
  Role role = Role::viewer;
  std::vector<std::string> scopes;
  std::optional<TimePoint> expires_at;  // none: as late as the policy allows
};

struct CreatedApiKey {
  ApiKey api_key;
  std::string key;  // "ll_…", shown once; stored hashed
};

struct ApiKeyOptions {
  std::chrono::days life_max{365};  // of a key that is made now; those that are there keep their end
};

class ApiKeyService {
 public:
  ApiKeyService(postgres::Pool& pool, Clock& clock, ApiKeyOptions options = {}) : pool_(pool), clock_(clock), options_(options) {}

  Result<std::vector<ApiKey>> list(const TenantId& tenant);
  // forbidden: a role above the owner's; invalid: no scope, an unknown one, an end that is past or beyond life_max(); conflict: the name is
  // taken (code "name_taken"), or the tenant has 100 keys already.
  Result<CreatedApiKey> create(const Principal& by, const NewApiKey& key);
  // On the command line: owned by the tenant's person of that address (not_found: nobody has it), or by the installation where it is empty.
  Result<CreatedApiKey> create_for(const TenantId& tenant, const std::string& owner_email, const NewApiKey& key);
  Result<void> revoke(const TenantId& tenant, const std::string& api_key_id);
  std::chrono::days life_max() const { return options_.life_max; }

 private:
  struct Owner {
    PersonId person_id;  // empty: the installation
    std::string email;
  };
  Result<CreatedApiKey> issue(const TenantId& tenant, const Owner& owner, const NewApiKey& key);

  postgres::Pool& pool_;
  Clock& clock_;
  const ApiKeyOptions options_;
};

}  // namespace letterlock
