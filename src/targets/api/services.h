#pragma once

// What the routes need from the domain, in the API's own words. Implemented over domain/{access,alerts,tenants,jobs} where the
// process holds PostgreSQL; by hand-written fakes in tests. All calls block; any thread. Everything that takes a tenant sees
// that tenant's rows alone: somebody else's row is not_found.

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/alert.h"
#include "model/ids.h"
#include "model/job.h"
#include "targets/api/bodies.h"
#include "targets/api/views.h"

namespace letterlock::api {

enum class Role { viewer, analyst, admin, owner };  // each may do what those before it may
std::string_view to_string(Role role);
std::optional<Role> role_from(std::string_view name);

// Who calls: a person with a session, or an API key.
struct Caller {
  PersonId person_id;  // empty with an API key
  std::string name;    // e-mail address, or the API key's name; the actor in histories and the audit log
  Role role = Role::viewer;
  bool is_operator = false;  // runs the installation
  std::optional<TenantId> tenant_id;
  std::string tenant_name;
  bool by_api_key = false;
  std::vector<std::string> scopes;  // of an API key ("alerts:read"); none: whatever its role may
  std::string csrf_token;           // of the session; empty with an API key
  std::optional<TimePoint> expires_at;
};

struct SignedIn {
  std::string session_token;  // the cookie's value
  std::chrono::seconds valid{0};
  Caller caller;
};

class AccessBoard {
 public:
  virtual ~AccessBoard() = default;
  // unauthenticated: wrong, not saying which; throttled: too many tries.
  virtual Result<SignedIn> sign_in(const SignInBody& body, const std::string& peer_address) = 0;
  virtual Result<Caller> session(const std::string& session_token) = 0;
  virtual Result<Caller> api_key(const std::string& key) = 0;
  virtual Result<void> sign_out(const std::string& session_token) = 0;
  // Write to the audit log; the privileged act happens only if this succeeded.
  virtual Result<void> audit(const Caller& caller, std::string_view action, std::string_view object) = 0;
};

struct AlertQuery {
  std::optional<std::string> status;
  std::optional<std::string> severity;
  std::optional<std::string> rule_id;
  std::optional<std::string> cursor;
  int limit = 50;
};

// Where the message of an alert's newest sighting lies.
struct MessageKey {
  MailboxId mailbox_id;
  ProviderMessageId provider_message_id;
};

class AlertBoard {
 public:
  virtual ~AlertBoard() = default;
  // Changes whenever any alert of the tenant changes; cheap. Becomes the ETag.
  virtual Result<std::string> version(const TenantId& tenant) = 0;
  virtual Result<AlertPageView> list(const TenantId& tenant, const AlertQuery& query) = 0;  // invalid: a cursor that is none
  virtual Result<AlertDetailView> get(const TenantId& tenant, const AlertId& alert) = 0;
  virtual Result<void> change(const TenantId& tenant, const AlertId& alert, const AlertChangeBody& body, const Caller& caller) = 0;
  virtual Result<MessageKey> newest_message(const TenantId& tenant, const AlertId& alert) = 0;
};

class ConnectionBoard {
 public:
  virtual ~ConnectionBoard() = default;
  virtual Result<std::vector<ConnectionView>> list(const TenantId& tenant) = 0;
  virtual Result<ConnectionDetailView> get(const TenantId& tenant, const ConnectionId& connection) = 0;
  virtual Result<ConnectionId> create(const TenantId& tenant, const NewConnectionBody& body, const Caller& caller) = 0;
  // Queue an ingestion job, or name the one that is queued or runs.
  virtual Result<JobId> sync(const TenantId& tenant, const ConnectionId& connection, const Caller& caller) = 0;
  virtual Result<std::vector<JobView>> jobs(const TenantId& tenant, std::optional<JobState> state, int limit) = 0;
};

class TenantBoard {
 public:
  virtual ~TenantBoard() = default;
  virtual Result<std::vector<TenantView>> list() = 0;
};

}  // namespace letterlock::api
