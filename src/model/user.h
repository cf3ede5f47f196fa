#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/ids.h"

namespace letterlock {

enum class ProviderKind { google, microsoft, archive };
std::string_view to_string(ProviderKind kind);
std::optional<ProviderKind> provider_kind_from(std::string_view name);

// Whether a user's mailbox can be read, and if not, why (the reason is text for the admin).
enum class MailboxState { active, no_mailbox, suspended, failed };
std::string_view to_string(MailboxState state);
std::optional<MailboxState> mailbox_state_from(std::string_view name);

// A person or shared mailbox in the client's directory. Table "users" of the tenant's file.
struct User {
  UserId user_id;
  std::string primary_email;         // lower-cased
  std::vector<std::string> aliases;  // lower-cased, the primary address not repeated
  std::optional<std::string> display_name;
  std::optional<std::string> given_name;
  std::optional<std::string> family_name;
  std::optional<std::string> job_title;
  std::optional<std::string> department;
  bool is_admin = false;
  MailboxState mailbox_state = MailboxState::active;
  std::optional<std::string> mailbox_state_reason;
  std::optional<TimePoint> created_at;
  std::optional<TimePoint> last_login_at;
  std::optional<TimePoint> deleted_at;  // set when a complete listing of its connection no longer has the user
  ConnectionId connection_id;           // whose directory lists the user; set by save_users

  friend bool operator==(const User&, const User&) = default;
};

}  // namespace letterlock
