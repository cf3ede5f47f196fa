#include "targets/api/json_values.h"
#include "targets/api/views.h"

namespace letterlock::api::wire {

struct ConnectionRest {
  JsonText settings;
  std::vector<Mailbox> mailboxes;
};
struct RuleRest {
  std::string rule_version;
  std::string query_sql;
  std::string runbook;
  std::vector<std::string> sources;
};
struct HealthRest {
  Coverage coverage;
  std::int64_t people = 0;
  std::int64_t owners = 0;
};

}  // namespace letterlock::api::wire

template <>
struct glz::meta<letterlock::api::SessionView> {
  using T = letterlock::api::SessionView;
  static constexpr auto value = object("email", &T::email, "role", &T::role, "operator", &T::operator_, "tenant_id", &T::tenant_id,
                                       "tenant_name", &T::tenant_name, "csrf_token", &T::csrf_token, "expires_at", &T::expires_at);
};

namespace letterlock::api {

template <class View>
std::string to_json(const View& view) {
  return json_of(view);
}
template std::string to_json(const SessionView&);
template std::string to_json(const SessionList&);
template std::string to_json(const Coverage&);
template std::string to_json(const ConnectionList&);
template std::string to_json(const ConnectionTest&);
template std::string to_json(const Queued&);
template std::string to_json(const MailboxPage&);
template std::string to_json(const JobPage&);
template std::string to_json(const JobStatus&);
template std::string to_json(const RuleList&);
template std::string to_json(const Person&);
template std::string to_json(const PersonList&);
template std::string to_json(const InvitationList&);
template std::string to_json(const NewInvitation&);
template std::string to_json(const InvitationPreview&);
template std::string to_json(const PasswordReset&);
template std::string to_json(const PasswordResetPreview&);
template std::string to_json(const ApiKeyList&);
template std::string to_json(const CreatedApiKey&);
template std::string to_json(const AuditPage&);
template std::string to_json(const Retention&);
template std::string to_json(const Webhook&);
template std::string to_json(const WebhookList&);
template std::string to_json(const WebhookWithSecret&);
template std::string to_json(const Delivery&);
template std::string to_json(const DeliveryPage&);
template std::string to_json(const TenantList&);
template std::string to_json(const NewTenantAnswer&);
template std::string to_json(const Installation&);
template std::string to_json(const InstallationJobPage&);

std::string to_json(const ConnectionDetailView& view) {
  return joined_json(json_of(view.connection), json_of(wire::ConnectionRest{view.settings, view.mailboxes}));
}
std::string to_json(const RuleDetailView& view) {
  return joined_json(json_of(view.rule), json_of(wire::RuleRest{view.rule_version, view.query_sql, view.runbook, view.sources}));
}
std::string to_json(const TenantHealth& view) {
  return joined_json(json_of(view.tenant), json_of(wire::HealthRest{view.coverage, view.people, view.owners}));
}

}  // namespace letterlock::api
