#include <cstring>
#include <span>

#include "adapters/duckdb/tenant_database.h"
#include "base/encoding.h"

// DuckDB takes any bytes as text when rows are appended and fails when they are read: refuse them before.
namespace letterlock::duckdb_adapter {
namespace {

// The length of the well-formed UTF-8 sequence at the start of `bytes`; 0 if there is none (RFC 3629, table 3-7 of Unicode).
std::size_t sequence_length(const unsigned char* bytes, std::size_t size) {
  const auto continues = [&](std::size_t at, unsigned char low = 0x80, unsigned char high = 0xbf) {
    return at < size && bytes[at] >= low && bytes[at] <= high;
  };
  const unsigned char first = bytes[0];
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) return continues(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && continues(2) ? 3 : 0;
  if (first >= 0xf0 && first <= 0xf4)
    return continues(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && continues(2) && continues(3) ? 4 : 0;
  return 0;
}

// The first bad column of a row of texts.
class TextCheck {
 public:
  std::string bad;

  void operator()(std::string_view column, const std::string& text) {
    if (bad.empty() && !check_text(text, column)) bad = column;
  }
  template <class Tag>
  void operator()(std::string_view column, const Id<Tag>& id) {
    (*this)(column, id.str());
  }
  void operator()(std::string_view column, const std::vector<std::string>& texts) {
    for (const auto& text : texts) (*this)(column, text);
  }
  template <class T>
  void operator()(std::string_view column, const std::optional<T>& value) {
    if (value) (*this)(column, *value);
  }
};

void check_email(TextCheck& check, const Email& email) {
  check("emails.provider_message_id", email.provider_message_id);
  check("emails.thread_id", email.thread_id);
  check("emails.folder_id", email.folder_id);
  check("emails.labels", email.labels);
  check("emails.message_id", email.message_id);
  check("emails.in_reply_to", email.in_reply_to);
  check("emails.references", email.references);
  check("emails.from_address", email.from_address);
  check("emails.from_name", email.from_name);
  check("emails.from_domain", email.from_domain);
  check("emails.sender_address", email.sender_address);
  check("emails.return_path", email.return_path);
  check("emails.subject", email.subject);
  check("emails.subject_base", email.subject_base);
  check("emails.body_text", email.body_text);
  check("emails.quoted_text", email.quoted_text);
  check("emails.mailer", email.mailer);
  check("emails.raw_sha256", email.raw_sha256);
  check("emails.authserv_id", email.authentication.authserv_id);
  check("emails.spf", email.authentication.spf);
  check("emails.dkim", email.authentication.dkim);
  check("emails.dkim_domain", email.authentication.dkim_domain);
  check("emails.dmarc", email.authentication.dmarc);
  check("emails.compauth", email.authentication.compauth);
  check("emails.parse_notes", email.parse_notes);
  for (const Recipient& item : email.recipients) {
    check("recipients.kind", item.kind);
    check("recipients.address", item.address);
    check("recipients.name", item.name);
    check("recipients.domain", item.domain);
  }
  for (const Link& item : email.links) {
    check("links.url", item.url);
    check("links.host", item.host);
    check("links.domain", item.domain);
    check("links.display_text", item.display_text);
    check("links.display_domain", item.display_domain);
    check("links.origin", item.origin);
  }
  for (const Attachment& item : email.attachments) {
    check("attachments.part_id", item.part_id);
    check("attachments.filename", item.filename);
    check("attachments.declared_type", item.declared_type);
    check("attachments.sniffed_type", item.sniffed_type);
    check("attachments.sha256", item.sha256);
  }
  for (const PaymentInstrument& item : email.payment_instruments) {
    check("payment_instruments.kind", item.kind);
    check("payment_instruments.value", item.value);
    check("payment_instruments.account", item.account);
    check("payment_instruments.country", item.country);
    check("payment_instruments.bank", item.bank);
    check("payment_instruments.origin", item.origin);
  }
}

Result<void> answer(const TextCheck& check) {
  if (check.bad.empty()) return {};
  return fail(
      Error{.kind = ErrorKind::invalid, .message = check.bad + " is not UTF-8 without NUL; nothing was stored", .code = "bad_text"});
}

}  // namespace

Result<void> check_text(std::string_view text, std::string_view column) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t at = 0;
  while (at < text.size()) {
    // Eight ASCII bytes at a time, none of them 0: most text is that.
    if (at + 8 <= text.size()) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes + at, 8);
      if ((word & 0x8080808080808080u) == 0 && ((word - 0x0101010101010101u) & 0x8080808080808080u) == 0) {
        at += 8;
        continue;
      }
    }
    const std::size_t length = bytes[at] < 0x80 ? (bytes[at] == 0 ? 0 : 1) : sequence_length(bytes + at, text.size() - at);
    if (length == 0) return fail(ErrorKind::invalid, std::string(column) + " is not UTF-8 without NUL");
    at += length;
  }
  return {};
}

Result<void> check_texts(const Append& append) {
  TextCheck check;
  check("cursors.mailbox_id", append.cursor.mailbox_id);
  check("cursors.source", append.cursor.source);
  check("cursors.folder_id", append.cursor.folder_id);
  check("cursors.value", append.next_value);
  for (const EmailRecord& record : append.emails) {
    check_email(check, record.email);
    check("email_raw.format", record.raw.format);
  }
  for (const EmailChange& change : append.changes) {
    check("emails.provider_message_id", change.provider_message_id);
    check("emails.labels", change.labels);
    check("emails.folder_id", change.folder_id);
  }
  for (const Removal& removal : append.removals) {
    check("emails.provider_message_id", removal.provider_message_id);
    check("emails.folder_id", removal.folder_id);
  }
  for (const SetAside& item : append.set_aside) {
    check("set_aside.provider_message_id", item.provider_message_id);
    check("set_aside.reason", item.reason);
  }
  return answer(check);
}

Result<void> check_texts(std::span<const User> users, const TenantFacts& facts) {
  TextCheck check;
  for (const User& user : users) {
    check("users.user_id", user.user_id);
    check("users.primary_email", user.primary_email);
    check("users.aliases", user.aliases);
    check("users.display_name", user.display_name);
    check("users.given_name", user.given_name);
    check("users.family_name", user.family_name);
    check("users.job_title", user.job_title);
    check("users.department", user.department);
    check("users.mailbox_state_reason", user.mailbox_state_reason);
  }
  check("tenant_domains.domain", facts.domains);
  check("users.is_vip", facts.vip_user_ids);
  return answer(check);
}

Result<void> check_texts(const MailboxId& mailbox, std::span<const MailboxSetting> settings) {
  TextCheck check;
  check("mailbox_settings.mailbox_id", mailbox);
  for (const MailboxSetting& setting : settings) {
    check("mailbox_settings.kind", setting.kind);
    check("mailbox_settings.setting_id", setting.setting_id);
    check("mailbox_settings.name", setting.name);
    check("mailbox_settings.forward_to", setting.forward_to);
    check("mailbox_settings.move_to", setting.move_to);
    check("mailbox_settings.words", setting.words);
    check("mailbox_settings.senders", setting.senders);
    check("mailbox_settings.definition", setting.definition);
  }
  return answer(check);
}

std::string message_key(const std::string& mailbox_id, const std::string& provider_message_id) {
  return to_hex(sha256(mailbox_id + '\n' + provider_message_id).substr(0, 16));
}

}  // namespace letterlock::duckdb_adapter
