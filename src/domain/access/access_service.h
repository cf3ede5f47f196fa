#pragma once

// Who may do what: people, sessions, API keys, the audit log. Pool with role letterlock_api. Any thread.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/crypto/crypto.h"
#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"

namespace letterlock {

enum class Role { viewer, analyst, admin, owner, operator_ };
std::string_view to_string(Role role);
std::optional<Role> role_from(std::string_view name);

enum class Action {
  read_alerts,
  read_message,
  change_alert,
  read_connections,
  change_connections,
  manage_people,
  manage_tenants,
  export_data
};

struct Principal {
  PersonId person_id;                 // empty with an API key
  std::string name;                   // e-mail address, or the API key's name
  std::optional<TenantId> tenant_id;  // none: operator
  std::string tenant_name;
  Role role = Role::viewer;
  bool by_api_key = false;
  std::vector<std::string> scopes;  // of an API key: "alerts:read", …
  std::string csrf_token;           // of a session
  std::optional<TimePoint> expires_at;
};

// forbidden, with the role that would be needed.
Result<void> authorize(const Principal& principal, Action action);

struct Session {
  std::string token;  // shown once; stored hashed
  Principal principal;
};

struct NewPerson {
  std::string email;
  std::string password;
  Role role = Role::viewer;
  std::optional<TenantId> tenant_id;
  bool interactive_hash = false;  // cheap Argon2id limits, for tests and demo seeds
};

class AccessService {
 public:
  AccessService(postgres::Pool& pool, Clock& clock) : pool_(pool), clock_(clock) {}

  Result<PersonId> create_person(const NewPerson& person);
  // unauthenticated: wrong, not saying which; throttled: too many wrong tries for this address.
  Result<Session> sign_in(const std::string& email, const std::string& password);
  Result<Principal> session(const std::string& token);
  Result<void> sign_out(const std::string& token);
  // Returns the key ("ll_…"), shown once.
  Result<std::string> create_api_key(const TenantId& tenant, const std::string& name, Role role, const std::vector<std::string>& scopes,
                                     std::optional<TimePoint> expires_at);
  Result<Principal> api_key(const std::string& key);
  Result<void> audit(const Principal& principal, std::string_view action, std::string_view object);

 private:
  postgres::Pool& pool_;
  Clock& clock_;
};

}  // namespace letterlock
