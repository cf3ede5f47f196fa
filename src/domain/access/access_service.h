#pragma once

// Who may do what: people, sessions, API keys, the audit log. Pool with role letterlock_api. Any thread.

#include <chrono>
#include <memory>
#include <optional>
#include <semaphore>
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

// Who calls.
struct Principal {
  PersonId person_id;                 // empty with an API key
  std::string session_id;             // of a session
  std::string api_key_id;             // of an API key
  std::string name;                   // e-mail address, or the API key's name
  std::optional<TenantId> tenant_id;  // none: operator
  std::string tenant_name;
  Role role = Role::viewer;
  bool by_api_key = false;
  std::vector<std::string> scopes;  // of an API key: "alerts:read", …; what is not named, it may not
  std::string csrf_token;           // of a session
  std::optional<TimePoint> expires_at;
};

inline constexpr std::chrono::hours session_valid{12};
inline constexpr std::string_view api_key_prefix = "ll_";

struct Session {
  std::string token;  // shown once; stored hashed
  Principal principal;
};

struct SessionSummary {
  std::string session_id;
  TimePoint created_at;
  TimePoint expires_at;
  bool is_this = false;  // the one that asks
};

struct NewPerson {
  std::string email;
  std::string password;
  Role role = Role::viewer;
  std::optional<TenantId> tenant_id;
  bool interactive_hash = false;  // cheap Argon2id limits, for tests and demo seeds
};

struct AccessOptions {
  int hashes_at_once = 2;  // of passwords; each takes 256 MiB and a core
  std::chrono::seconds hash_wait_max{5};
};

class AccessService {
 public:
  AccessService(postgres::Pool& pool, Clock& clock, AccessOptions options = {})
      : pool_(pool), clock_(clock), options_(options), hash_turns_(options.hashes_at_once) {}

  Result<PersonId> create_person(const NewPerson& person);
  // unauthenticated: wrong, not saying which; throttled: too many wrong tries for this address; forbidden, code "suspended": the
  // tenant is. Likewise session() and api_key().
  Result<Session> sign_in(const std::string& email, const std::string& password);
  // A session of a person who is known, without a password: an invitation was accepted.
  Result<Session> open_session(Principal principal);
  Result<Principal> session(const std::string& token);
  Result<void> sign_out(const std::string& token);
  Result<std::vector<SessionSummary>> sessions(const Principal& principal);
  Result<void> end_session(const Principal& principal, const std::string& session_id);  // of the same person
  // The password of now counts like one at sign-in. All other sessions of the person end.
  Result<void> change_password(const Principal& principal, const std::string& password, const std::string& new_password);
  // Its role is the key's, but not above its owner's of this moment. unauthenticated: unknown, over, or its owner was removed.
  Result<Principal> api_key(const std::string& key);
  // Argon2id, in turn with sign-ins. throttled: no turn within hash_wait_max, here and wherever a password is looked at.
  Result<std::string> hash_password(const std::string& password);
  Result<void> audit(const Principal& principal, std::string_view action, std::string_view object);

 private:
  struct EndTurn {
    void operator()(std::counting_semaphore<>* turns) const { turns->release(); }
  };
  Result<std::unique_ptr<std::counting_semaphore<>, EndTurn>> take_hash_turn();
  Result<void> check_password(const std::string& email, const std::string& password, Principal& principal);

  postgres::Pool& pool_;
  Clock& clock_;
  const AccessOptions options_;
  std::counting_semaphore<> hash_turns_;
};

// invalid: not an e-mail address; not 12 to 1,024 bytes.
Result<void> check_email(const std::string& email);
Result<void> check_new_password(const std::string& password);
std::vector<std::string> split_scopes(const std::string& joined);  // as the database hands them out, with U+001F between
std::string new_secret_token();                                    // 256 random bits, base64url

}  // namespace letterlock
