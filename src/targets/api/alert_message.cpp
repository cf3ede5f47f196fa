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
