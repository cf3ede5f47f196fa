#pragma once

// The people of a tenant and the invitations by which they come. Pool with role letterlock_api. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "domain/access/access_service.h"

namespace letterlock {

struct Person {
  PersonId person_id;
  std::string email;
  Role role = Role::viewer;
  TimePoint created_at;
  std::optional<TimePoint> last_sign_in_at;
};

struct Invitation {
  std::string invitation_id;
  std::string email;
  Role role = Role::viewer;
  std::string invited_by;
  TimePoint created_at;
  TimePoint expires_at;
};

struct NewInvitation {
  Invitation invitation;
  std::string token;  // shown once; stored hashed
};

struct InvitationPreview {
  std::string email;
  Role role = Role::viewer;
  std::string tenant_name;
  TimePoint expires_at;
};

class PeopleService {
 public:
  PeopleService(postgres::Pool& pool, AccessService& access, Clock& clock) : pool_(pool), access_(access), clock_(clock) {}

  Result<std::vector<Person>> people(const TenantId& tenant);
  // forbidden: only owners make owners or touch them; conflict, code "last_owner": one owner stays. What the person handed out is settled
  // with it (settle_person() of 0005_keys_and_people.sql): API keys end with the person, as do links that the role of now could not make.
  Result<Person> set_role(const Principal& by, const PersonId& person, Role role);
  Result<void> remove(const Principal& by, const PersonId& person);

  Result<std::vector<Invitation>> invitations(const TenantId& tenant);
  // Valid for 7 days; an older one of the address is over. conflict, code "email_taken": somebody has the address. `by` is a person of
  // the tenant, or an operator; it ends with them.
  Result<NewInvitation> invite(const Principal& by, const TenantId& tenant, const std::string& email, Role role);
  Result<void> withdraw(const TenantId& tenant, const std::string& invitation_id);
  Result<InvitationPreview> preview(const std::string& token);  // not_found: unknown, over or accepted; likewise accept()
  Result<Session> accept(const std::string& token, const std::string& password);

 private:
  postgres::Pool& pool_;
  AccessService& access_;
  Clock& clock_;
};

}  // namespace letterlock
