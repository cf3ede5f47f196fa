#pragma once

// Links by which a person sets a new password, once, within an hour. At most one of each person holds: a newer one, a change of password
// or of role, and the removal of whoever made it end it. Pool with role letterlock_api. Any thread.

#include <optional>
#include <string>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "domain/access/access_service.h"

namespace letterlock {

struct PasswordReset {
  PersonId person_id;
  std::string email;
  TimePoint expires_at;
  std::string token;  // shown once; stored hashed
};

struct PasswordResetPreview {
  std::string email;
  std::optional<std::string> tenant_name;  // none: an operator
  TimePoint expires_at;
};

class PasswordResetService {
 public:
  PasswordResetService(postgres::Pool& pool, AccessService& access, Clock& clock) : pool_(pool), access_(access), clock_(clock) {}

  // For a person of the maker's tenant. forbidden: the person's role is above the maker's, the maker is no admin (any more), or the
  // maker's own: that one is changed with the password of now.
  Result<PasswordReset> make(const Principal& by, const PersonId& person);
  // On the command line, for anybody, an operator too; in the audit log as "command line". not_found: nobody has the address; forbidden,
  // code "suspended": the link would not open.
  Result<PasswordReset> make_for(const std::string& email);
  Result<PasswordResetPreview> preview(const std::string& token);  // not_found: unknown, over or used; likewise use()
  // The person is signed in here and, with what there was before, nowhere else. In the audit log.
  Result<Session> use(const std::string& token, const std::string& password);

 private:
  Result<PasswordReset> add(postgres::Transaction& transaction, const Principal& by, const PersonId& person, const std::string& email);

  postgres::Pool& pool_;
  AccessService& access_;
  Clock& clock_;
};

}  // namespace letterlock
