#pragma once

// Bodies that clients send, read strictly: an unknown, missing or over-long field is `invalid` and named; texts without U+0000.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "targets/api/services.h"

namespace letterlock::api {

struct SignInBody {
  std::string email;
  std::string password;
};
struct PasswordChangeBody {
  std::string password;
  std::string new_password;
};
struct AlertsChangeBody {
  std::vector<std::string> alert_ids;
  AlertChange change;
};
struct NewInvitationBody {
  std::string email;
  Role role = Role::viewer;
};
struct NewTenantBody {
  std::string name;
  std::string owner_email;
};
// Of whoever opens an invitation, or a link for a new password.
struct LinkPasswordBody {
  std::string token;
  std::string password;
};

Result<SignInBody> sign_in_body(std::string_view json);
Result<PasswordChangeBody> password_change_body(std::string_view json);
Result<AlertChange> alert_change_body(std::string_view json);
Result<AlertsChangeBody> alerts_change_body(std::string_view json);
Result<letterlock::NewSuppression> new_suppression_body(std::string_view json);
Result<letterlock::NewConnection> new_connection_body(std::string_view json);
Result<ConnectionChange> connection_change_body(std::string_view json);
Result<std::string> new_secret_body(std::string_view json);  // the secret's JSON
Result<RuleChange> rule_change_body(std::string_view json);
Result<Role> person_change_body(std::string_view json);
Result<NewInvitationBody> new_invitation_body(std::string_view json);
Result<std::string> owner_invitation_body(std::string_view json);  // the e-mail address
Result<std::string> link_token_body(std::string_view json);        // the token
Result<LinkPasswordBody> link_password_body(std::string_view json);
Result<letterlock::NewApiKey> new_api_key_body(std::string_view json);
Result<letterlock::NewWebhook> new_webhook_body(std::string_view json);
Result<WebhookChange> webhook_change_body(std::string_view json);
Result<std::optional<std::int64_t>> retention_body(std::string_view json);  // days; none: null was sent
Result<NewTenantBody> new_tenant_body(std::string_view json);
Result<TenantChange> tenant_change_body(std::string_view json);

}  // namespace letterlock::api
