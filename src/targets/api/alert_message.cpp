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

std::int64_t number(const Value& value) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  return integer ? *integer : 0;
}

std::vector<std::string> texts(const Value& value) {
  const auto* json = std::get_if<std::string>(&value);
  return json ? strings_of(*json) : std::vector<std::string>{};
}

constexpr std::string_view settings_prefix = "settings/";

constexpr std::string_view settings_sql =
    "SELECT kind, setting_id, name, is_enabled, forward_to, move_to, deletes, marks_read, words, senders, definition, is_baseline, "
    "valid_from, valid_to FROM mailbox_settings WHERE mailbox_id = $mailbox_id AND kind || '/' || setting_id = $setting "
    "ORDER BY valid_from DESC LIMIT 20";

// A finding about a setting names it in place of a message: "settings/", its kind, "/", its id.
Result<AlertMessageView> read_setting(Storage& storage, const TenantId& tenant, const MessageKey& key) {
  const std::string setting = key.provider_message_id.str().substr(settings_prefix.size());
  const auto found =
      TRY(storage.query(tenant, settings_sql,
                        {.parameters = {{"mailbox_id", key.mailbox_id.str()}, {"setting", setting}}, .timeout = std::chrono::seconds(10)}));
  if (found.rows.empty()) return fail(ErrorKind::not_found, "The mailbox setting is not in the mail store.");
  AlertMessageView view{.mailbox_id = key.mailbox_id.str(), .provider_message_id = key.provider_message_id.str()};
  auto& history = view.setting.emplace();
  for (const auto& row : found.rows) {
    history.push_back({.kind = text(row[0]),
                       .setting_id = text(row[1]),
                       .name = text(row[2]),
                       .is_enabled = truth(row[3]),
                       .forward_to = texts(row[4]),
                       .move_to = text(row[5]),
                       .deletes = truth(row[6]),
                       .marks_read = truth(row[7]),
                       .words = texts(row[8]),
                       .senders = texts(row[9]),
                       .definition = text(row[10]),
                       .is_baseline = truth(row[11]),
                       .valid_from = text(row[12])});
    if (auto until = text(row[13]); !until.empty()) history.back().valid_to = std::move(until);
  }
  view.subject = "A setting of the mailbox: " + (history[0].name.empty() ? history[0].setting_id : history[0].name);
  view.received_at = history[0].valid_from;
  return view;
}

constexpr std::string_view email_sql =
    "SELECT message_id, from_address, from_name, subject, received_at, removed_at, body_text, quoted_text, auth_trusted, spf, dkim, dmarc "
    "FROM emails WHERE mailbox_id = $mailbox_id AND provider_message_id = $provider_message_id";
constexpr std::string_view recipients_sql =
    "SELECT kind, address, name FROM recipients "
    "WHERE mailbox_id = $mailbox_id AND provider_message_id = $provider_message_id ORDER BY position";
constexpr std::string_view links_sql =
    "SELECT url, host, domain, display_text FROM links "
    "WHERE mailbox_id = $mailbox_id AND provider_message_id = $provider_message_id ORDER BY position";
constexpr std::string_view attachments_sql =
    "SELECT filename, declared_type, sniffed_type, size_bytes, sha256 FROM attachments "
    "WHERE mailbox_id = $mailbox_id AND provider_message_id = $provider_message_id ORDER BY position";

}  // namespace

Result<AlertMessageView> read_alert_message(Storage& storage, const TenantId& tenant, const MessageKey& key) {
  if (key.provider_message_id.str().starts_with(settings_prefix)) return read_setting(storage, tenant, key);
  const QueryOptions options{.parameters = {{"mailbox_id", key.mailbox_id.str()}, {"provider_message_id", key.provider_message_id.str()}},
                             .timeout = std::chrono::seconds(10)};
  const auto email = TRY(storage.query(tenant, email_sql, options));
  if (email.rows.empty()) return fail(ErrorKind::not_found, "The message is no longer in the mail store.");
  const auto& row = email.rows.front();
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
                        .dmarc = text(row[11])};
  if (const auto removed_at = text(row[5]); !removed_at.empty()) view.removed_at = removed_at;
  for (const auto& found : TRY(storage.query(tenant, recipients_sql, options)).rows)
    view.recipients.push_back({.kind = text(found[0]), .address = text(found[1]), .name = text(found[2])});
  for (const auto& found : TRY(storage.query(tenant, links_sql, options)).rows)
    view.links.push_back({.url = text(found[0]), .host = text(found[1]), .domain = text(found[2]), .display_text = text(found[3])});
  for (const auto& found : TRY(storage.query(tenant, attachments_sql, options)).rows)
    view.attachments.push_back({.filename = text(found[0]),
                                .declared_type = text(found[1]),
                                .sniffed_type = text(found[2]),
                                .size_bytes = number(found[3]),
                                .sha256 = text(found[4])});
  return view;
}

}  // namespace letterlock::api
