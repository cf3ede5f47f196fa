#pragma once

// What goes over the wire at /api/v1 where it is not a value of the domain as it is: one struct per schema of api/openapi.yaml, same names,
// same fields. Values that are absent are left out. Every answer, the domain's values too, becomes JSON by to_json().

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_text.h"
#include "domain/alerts/mail_history.h"
#include "domain/tenants/connection_probe.h"
#include "targets/api/services.h"

namespace letterlock::api {

struct SessionView {
  std::string email;
  Role role = Role::viewer;
  bool operator_ = false;  // "operator" on the wire
  std::optional<std::string> tenant_id;
  std::optional<std::string> tenant_name;
  std::string csrf_token;
  std::optional<TimePoint> expires_at;
};

struct AlertView {
  std::string alert_id;
  std::string rule_id;
  std::string title;
  Severity severity = Severity::medium;
  std::string status;
  std::string subject;
  std::string entity;
  std::string message_subject;
  double confidence = 0;
  std::int64_t sightings = 0;
  TimePoint first_seen_at;
  TimePoint last_seen_at;
  std::optional<Assignee> assignee;
  std::optional<std::string> feedback;
  bool names_payment_instrument = false;
};

struct AlertPageView {
  std::vector<AlertView> alerts;
  std::optional<std::string> next_cursor;
};

struct AlertDetailView {
  AlertView alert;  // its fields lie beside the others on the wire
  std::string attack_technique;
  std::string description;
  std::string runbook;
  std::string rule_version;
  std::string dedup_key;
  std::vector<std::string> suppression_ids;
  std::string query_sql;
  JsonText query_parameters;
  JsonText evidence;                         // {"signals":[…],"rows":[…]}
  std::vector<AlertSighting> sighting_list;  // the newest first
  std::vector<AlertEvent> history;           // the newest first
};

struct AlertsChanged {
  int changed = 0;
};

struct RecipientView {
  std::string kind;
  std::string address;
  std::string name;
};

struct LinkView {
  std::string url;
  std::string host;
  std::string domain;
  std::string display_text;
};

struct AttachmentView {
  std::string filename;
  std::string declared_type;
  std::string sniffed_type;
  std::int64_t size_bytes = 0;
  std::string sha256;
};

struct MailboxSettingView {
  std::string kind;
  std::string setting_id;
  std::string name;
  bool is_enabled = false;
  std::vector<std::string> forward_to;
  std::string move_to;
  bool deletes = false;
  bool marks_read = false;
  std::vector<std::string> words;
  std::vector<std::string> senders;
  std::string definition;
  bool is_baseline = false;
  std::string valid_from;
  std::optional<std::string> valid_to;
};

// What an alert's newest sighting is about: a message, or a setting of the mailbox. Then `setting` has its history, the newest
// first, and the message's members are empty but for ids, subject and received_at.
struct AlertMessageView {
  std::string mailbox_id;
  std::string provider_message_id;
  std::string message_id;
  std::string from_address;
  std::string from_name;
  std::string subject;
  std::string received_at;
  std::optional<std::string> removed_at;
  std::string body_text;
  std::string quoted_text;
  bool auth_trusted = false;
  std::string spf;
  std::string dkim;
  std::string dmarc;
  std::vector<RecipientView> recipients;
  std::vector<LinkView> links;
  std::vector<AttachmentView> attachments;
  std::optional<std::vector<MailboxSettingView>> setting;
};

struct ConnectionView {
  std::string connection_id;
  std::string name;
  ProviderKind provider = ProviderKind::google;
  std::string state;
  std::string state_reason;
  std::string state_code;
  std::optional<TimePoint> last_sync_at;
  std::int64_t mailboxes_total = 0;
  std::int64_t mailboxes_caught_up = 0;
  std::int64_t messages_stored = 0;
  std::int64_t messages_set_aside = 0;
  std::int64_t interval_seconds = 0;
  std::optional<TimePoint> next_due_at;
  std::optional<JobStatus> active_job;
};

struct ConnectionDetailView {
  ConnectionView connection;  // its fields lie beside the others on the wire
  JsonText settings;
  std::vector<Mailbox> mailboxes;
};

struct Queued {
  std::string job_id;
};

struct RuleView {
  std::string rule_id;
  std::string title;
  std::string severity;
  std::string attack_technique;
  std::string description;
  bool enabled = true;
  std::optional<std::string> severity_override;
  double confidence_min = 0;
  std::int64_t alerts = 0;
  std::int64_t alerts_open = 0;
  std::int64_t fraud = 0;
  std::int64_t not_fraud = 0;
  std::optional<TimePoint> last_finding_at;
  std::optional<RuleCost> cost;
};

struct RuleDetailView {
  RuleView rule;  // its fields lie beside the others on the wire
  std::string rule_version;
  std::string query_sql;
  std::string runbook;
  std::vector<std::string> sources;
};

struct EntityView {
  EntityMail mail;  // its fields lie beside the others on the wire
  std::vector<AlertView> alerts;
};

struct NewTenantAnswer {
  TenantStatus tenant;
  Invitation invitation;
  std::string token;
};

// Lists under their name.
struct SessionList {
  std::vector<SessionSummary> sessions;
};
struct SimilarMessageList {
  std::vector<SimilarMessage> similar_messages;
};
struct ConnectionList {
  std::vector<ConnectionView> connections;
};
struct RuleList {
  std::vector<RuleView> rules;
};
struct PersonList {
  std::vector<Person> people;
};
struct InvitationList {
  std::vector<Invitation> invitations;
};
struct ApiKeyList {
  std::vector<ApiKey> api_keys;
  std::int64_t life_days_max = 0;  // of one that is made now
};
struct WebhookList {
  std::vector<Webhook> webhooks;
};
struct TenantList {
  std::vector<TenantStatus> tenants;
};

// A list as a query gives it (ports/storage.h, Value), of texts or of structs with T's field names; empty where it is something
// else. Instantiated in alerts_json.cpp.
template <class T>
std::vector<T> list_of(std::string_view json);

// Instantiated in *_json.cpp for every answer; another type does not link.
template <class View>
std::string to_json(const View& view);
std::string to_json(const AlertDetailView& view);
std::string to_json(const ConnectionDetailView& view);
std::string to_json(const RuleDetailView& view);
std::string to_json(const EntityView& view);
std::string to_json(const TenantHealth& view);

}  // namespace letterlock::api
