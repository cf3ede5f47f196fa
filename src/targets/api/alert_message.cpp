#include "targets/api/alert_message.h"

namespace letterlock::api {
namespace {

std::string text(const Value& value) {
  if (const auto* string = std::get_if<std::string>(&value)) return *string;
  if (const auto* time = std::get_if<TimePoint>(&value)) return to_rfc3339(*time);
  return {};
}

bool truth(const Value& value) {
  const auto* boolean = std::get_if<bool>(&value);
  return boolean && *boolean;
}

template <class T>
std::vector<T> list(const Value& value) {
  const auto* json = std::get_if<std::string>(&value);
  return json ? list_of<T>(*json) : std::vector<T>{};
}

constexpr std::chrono::seconds query_timeout{10};

constexpr std::string_view settings_prefix = "settings/";

constexpr std::string_view settings_sql =
    "SELECT kind, setting_id, name, is_enabled, forward_to, move_to, deletes, marks_read, words, senders, definition, is_baseline, "
    "valid_from, valid_to FROM mailbox_settings WHERE mailbox_id = $mailbox_id AND kind || '/' || setting_id = $setting "
    "ORDER BY valid_from DESC LIMIT 20";

// A finding about a setting names it in place of a message: "settings/", its kind, "/", its id.
Result<AlertMessageView> read_setting(Storage& storage, const TenantId& tenant, const MessageKey& key) {
  const std::string setting = key.provider_message_id.str().substr(settings_prefix.size());
  const auto found = TRY(storage.query(
      tenant, settings_sql, {.parameters = {{"mailbox_id", key.mailbox_id.str()}, {"setting", setting}}, .timeout = query_timeout}));
  if (found.rows.empty()) return fail(ErrorKind::not_found, "The mailbox setting is not in the mail store.");
  AlertMessageView view{.mailbox_id = key.mailbox_id.str(), .provider_message_id = key.provider_message_id.str()};
  auto& history = view.setting.emplace();
  for (const auto& row : found.rows) {
    history.push_back({.kind = text(row[0]),
                       .setting_id = text(row[1]),
                       .name = text(row[2]),
                       .is_enabled = truth(row[3]),
                       .forward_to = list<std::string>(row[4]),
                       .move_to = text(row[5]),
                       .deletes = truth(row[6]),
                       .marks_read = truth(row[7]),
                       .words = list<std::string>(row[8]),
                       .senders = list<std::string>(row[9]),
                       .definition = text(row[10]),
                       .is_baseline = truth(row[11]),
                       .valid_from = text(row[12])});
    if (auto until = text(row[13]); !until.empty()) history.back().valid_to = std::move(until);
  }
  view.subject = "A setting of the mailbox: " + (history[0].name.empty() ? history[0].setting_id : history[0].name);
  view.received_at = history[0].valid_from;
  return view;
}

// Through the key table's index; with the number, whole row groups of the other tables can be skipped.
constexpr std::string_view ingest_seq_sql =
    "SELECT ingest_seq FROM message_keys WHERE message_key = message_key($mailbox_id, $provider_message_id)::UUID";

// One row; what hangs on the message comes as lists of structs with the field names of views.h.
constexpr std::string_view message_sql =
    "SELECT message_id, from_address, from_name, subject, received_at, removed_at, body_text, quoted_text, auth_trusted, spf, dkim, "
    "dmarc,\n"
    "  (SELECT list({'kind': kind, 'address': address, 'name': name} ORDER BY position) FROM recipients WHERE ingest_seq = $ingest_seq),\n"
    "  (SELECT list({'url': url, 'host': host, 'domain': domain, 'display_text': display_text} ORDER BY position) FROM links\n"
    "   WHERE ingest_seq = $ingest_seq),\n"
    "  (SELECT list({'filename': filename, 'declared_type': declared_type, 'sniffed_type': sniffed_type, 'size_bytes': size_bytes,\n"
    "   'sha256': sha256} ORDER BY position) FROM attachments WHERE ingest_seq = $ingest_seq)\n"
    "FROM emails WHERE ingest_seq = $ingest_seq";

}  // namespace

Result<AlertMessageView> read_alert_message(Storage& storage, const TenantId& tenant, const MessageKey& key) {
  if (key.provider_message_id.str().starts_with(settings_prefix)) return read_setting(storage, tenant, key);
  const auto missing = [] { return fail(ErrorKind::not_found, "The message is no longer in the mail store."); };
  const auto known =
      TRY(storage.query(tenant, ingest_seq_sql,
                        {.parameters = {{"mailbox_id", key.mailbox_id.str()}, {"provider_message_id", key.provider_message_id.str()}},
                         .timeout = query_timeout}));
  if (known.rows.empty()) return missing();
  const auto found = TRY(storage.query(tenant, message_sql, {.parameters = {{"ingest_seq", known.rows[0][0]}}, .timeout = query_timeout}));
  // Keys stay when mail goes.
  if (found.rows.empty())
    return fail(Error{.kind = ErrorKind::not_found,
                      .message = "The message was deleted: it is older than what this company keeps. The alert keeps what the rule saw.",
                      .code = "message_erased"});
  const auto& row = found.rows.front();
  AlertMessageView view{.mailbox_id = key.mailbox_id.str(),
                        .provider_message_id = key.provider_message_id.str(),
                        .message_id = text(row[0]),
                        .from_address = text(row[1]),
                        .from_name = text(row[2]),
                        .subject = text(row[3]),
                        .received_at = text(row[4]),
                        .body_text = text(row[6]),
                        .quoted_text = text(row[7]),
                        .auth_trusted = truth(row[8]),
                        .spf = text(row[9]),
                        .dkim = text(row[10]),
                        .dmarc = text(row[11]),
                        .recipients = list<RecipientView>(row[12]),
                        .links = list<LinkView>(row[13]),
                        .attachments = list<AttachmentView>(row[14])};
  if (auto removed_at = text(row[5]); !removed_at.empty()) view.removed_at = std::move(removed_at);
  return view;
}

}  // namespace letterlock::api
