#pragma once

// What goes over the wire at /api/v1: one struct per schema of api/openapi.yaml, same names, same fields. Times are RFC 3339
// text; raw JSON members hold JSON that is passed through. Values that are absent are left out.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace letterlock::api {

struct SessionView {
  std::string email;
  std::string role;
  bool operator_ = false;  // "operator" on the wire
  std::optional<std::string> tenant_id;
  std::optional<std::string> tenant_name;
  std::string csrf_token;
  std::optional<std::string> expires_at;
};

struct AlertView {
  std::string alert_id;
  std::string rule_id;
  std::string title;
  std::string severity;
  std::string status;
  std::string subject;
  std::string entity;
  std::string message_subject;
  double confidence = 0;
  std::int64_t sightings = 0;
  std::string first_seen_at;
  std::string last_seen_at;
};

struct AlertPageView {
  std::vector<AlertView> alerts;
  std::optional<std::string> next_cursor;
};

struct SightingView {
  std::string mailbox_id;
  std::string provider_message_id;
  std::string message_id;
  std::string subject;
  std::string message_subject;
  std::string observed_at;
};

struct AlertEventView {
  std::string kind;
  std::optional<std::string> status;
  std::optional<std::string> note;
  std::string actor;
  std::string at;
};

struct AlertDetailView {
  AlertView alert;  // its fields lie beside the others on the wire
  std::string attack_technique;
  std::string description;
  std::string runbook;
  std::string rule_version;
  std::string query_sql;
  std::string query_parameters_json;        // "query_parameters": an object
  std::string evidence_json;                // "evidence": {"signals":[…],"rows":[…]}
  std::vector<SightingView> sighting_list;  // the newest first
  std::vector<AlertEventView> history;      // the newest first
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
  std::string provider;
  std::string state;
  std::string state_reason;
  std::optional<std::string> last_sync_at;
  std::int64_t mailboxes_total = 0;
  std::int64_t mailboxes_caught_up = 0;
  std::int64_t messages_stored = 0;
  std::int64_t messages_set_aside = 0;
};

struct MailboxView {
  std::string mailbox_id;
  std::string address;
  std::string state;
  std::string reason;
  std::int64_t messages_stored = 0;
  std::int64_t messages_set_aside = 0;
  bool caught_up = false;
  std::optional<std::string> updated_at;
};

struct ConnectionDetailView {
  ConnectionView connection;  // its fields lie beside the others on the wire
  std::vector<MailboxView> mailboxes;
};

struct JobView {
  std::string job_id;
  std::optional<std::string> connection_id;
  std::string kind;
  std::string state;
  int attempt = 1;
  std::string reason;
  std::string created_at;
  std::optional<std::string> finished_at;
};

struct RuleView {
  std::string rule_id;
  std::string title;
  std::string severity;
  std::string attack_technique;
  std::string description;
  bool enabled = true;
};

struct TenantView {
  std::string tenant_id;
  std::string name;
  std::int64_t connections = 0;
  std::int64_t alerts_open = 0;
};

// A list of texts as a query gives it (ports/storage.h, Value); empty where it is something else.
std::vector<std::string> strings_of(std::string_view json);

std::string to_json(const SessionView& view);
std::string to_json(const AlertPageView& view);
std::string to_json(const AlertDetailView& view);
std::string to_json(const AlertMessageView& view);
std::string to_json(const ConnectionDetailView& view);
std::string to_json(const std::vector<ConnectionView>& views);  // {"connections":[…]}
std::string to_json(const std::vector<JobView>& views);         // {"jobs":[…]}
std::string to_json(const std::vector<RuleView>& views);        // {"rules":[…]}
std::string to_json(const std::vector<TenantView>& views);      // {"tenants":[…]}

}  // namespace letterlock::api
