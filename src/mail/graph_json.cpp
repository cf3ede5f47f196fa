// Microsoft Graph's message resource into the same Draft that RFC 5322 bytes become.
// https://learn.microsoft.com/graph/api/resources/message (seen 2026-11-23)

#include <glaze/json.hpp>

#include "base/encoding.h"
#include "mail/assemble.h"
#include "mail/attachment_text.h"
#include "mail/domain.h"
#include "mail/message.h"
#include "mail/sniff.h"
#include "mail/text.h"

namespace letterlock::mail {

// At namespace scope: glaze reads the members' names, and they are Graph's.
namespace graph {

struct EmailAddress {
  std::optional<std::string> name, address;
};
struct Recipient {
  std::optional<EmailAddress> emailAddress;
};
struct Header {
  std::optional<std::string> name, value;
};
struct Body {
  std::optional<std::string> contentType, content;
};
struct Attachment {
  std::optional<std::string> id, name, contentType;
  std::optional<double> size;
  std::optional<bool> isInline;
  std::optional<std::string> contentBytes;  // base64; only where it was fetched
};
struct Message {
  std::optional<std::string> id, conversationId, parentFolderId, internetMessageId, subject, receivedDateTime, sentDateTime;
  std::optional<bool> isDraft;
  std::optional<std::vector<std::string>> categories;
  std::optional<std::vector<Header>> internetMessageHeaders;
  std::optional<Recipient> from, sender;
  std::optional<std::vector<Recipient>> toRecipients, ccRecipients, bccRecipients, replyTo;
  std::optional<Body> body;
  std::optional<std::vector<Attachment>> attachments;
};

}  // namespace graph

namespace {

constexpr std::size_t name_bytes_max = 1 << 10;
constexpr std::size_t labels_max = 100;

std::string text(const std::optional<std::string>& value) { return value ? mend_utf8(*value) : std::string(); }

// One half of a surrogate pair, as a body cut in mid-character holds, is no JSON text: it becomes U+FFFD.
std::string without_lone_surrogates(std::string json) {
  const auto unit = [&](std::size_t at) -> int {
    if (at + 6 > json.size() || json[at] != '\\' || json[at + 1] != 'u') return -1;
    int value = 0;
    for (std::size_t i = at + 2; i < at + 6; ++i) {
      const int digit = hex_digit(json[i]);
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  };
  for (std::size_t at = json.find('\\'); at != json.npos; at = json.find('\\', at)) {
    const int first = unit(at);
    if (first < 0xD800 || first > 0xDFFF) {
      at += 2;
      continue;
    }
    const int second = unit(at + 6);
    if (first < 0xDC00 && second >= 0xDC00 && second <= 0xDFFF) {
      at += 12;
    } else {
      json.replace(at, 6, "\\uFFFD");
      at += 6;
    }
  }
  return json;
}

std::optional<Address> address_of(const std::optional<graph::Recipient>& recipient) {
  if (!recipient || !recipient->emailAddress) return std::nullopt;
  Address out{.address = lower_unicode(fold_space(text(recipient->emailAddress->address))),
              .name = std::string(cut_utf8(fold_space(text(recipient->emailAddress->name)), name_bytes_max))};
  // The address of an ordinary sender is normalized as in a header; anything else (an X.500 name) stays text.
  if (const auto at = out.address.rfind('@'); at != out.address.npos)
    if (const auto host = normalize_host(std::string_view(out.address).substr(at + 1)); !host.empty())
      out.address.replace(at + 1, out.address.npos, host);
  out.address = std::string(cut_utf8(out.address, name_bytes_max));
  if (out.address.empty() && out.name.empty()) return std::nullopt;
  return out;
}

void add_recipients(Draft& draft, const char* kind, const std::optional<std::vector<graph::Recipient>>& recipients) {
  if (!recipients) return;
  Draft::AddressList list{.kind = kind, .addresses = {}};
  for (const auto& recipient : *recipients)
    if (auto address = address_of(recipient)) list.addresses.push_back(std::move(*address));
  draft.recipients->push_back(std::move(list));
}

}  // namespace

Result<Email> parse_graph_message(std::string_view json, const ParseContext& context) {
  const std::string clean = without_lone_surrogates(mend_utf8(json));
  graph::Message message;
  constexpr glz::opts options{.error_on_unknown_keys = false};
  if (const auto error = glz::read<options>(message, clean))
    return fail(ErrorKind::invalid,
                "message is not Graph's JSON: " + std::string(glz::format_error(error.ec)) + " at byte " + std::to_string(error.count));
  if (!message.id || message.id->empty()) return fail(ErrorKind::invalid, "Graph message has no id");

  Draft draft;
  if (message.internetMessageHeaders)
    for (const auto& header : *message.internetMessageHeaders)
      if (header.name && header.value) draft.headers.push_back({text(header.name), text(header.value)});
  if (message.internetMessageId && !find_header(draft.headers, "Message-ID"))
    draft.headers.push_back({"Message-ID", text(message.internetMessageId)});
  if (message.subject) draft.subject = text(message.subject);
  draft.from = address_of(message.from);
  draft.sender = address_of(message.sender);
  // Graph repeats From as the sender; RFC 5322's Sender is there only where it differs.
  if (!find_header(draft.headers, "Sender") && draft.sender && draft.from && draft.sender->address == draft.from->address)
    draft.sender.reset();
  draft.recipients.emplace();
  add_recipients(draft, "to", message.toRecipients);
  add_recipients(draft, "cc", message.ccRecipients);
  add_recipients(draft, "bcc", message.bccRecipients);
  add_recipients(draft, "reply_to", message.replyTo);
  if (const auto* type = find_header(draft.headers, "Content-Type"))
    draft.is_report = starts_ignoring_case(trim(*type), "multipart/report");
  if (message.body && message.body->content) {
    const bool is_html = message.body->contentType && equals_ignoring_case(*message.body->contentType, "html");
    auto content = text(message.body->content);
    if (is_html && content.size() > context.limits.html_bytes_max) {
      content = std::string(cut_utf8(content, context.limits.html_bytes_max));
      draft.notes.push_back("html part cut at " + std::to_string(context.limits.html_bytes_max) + " bytes");
    }
    draft.bodies.push_back({is_html, std::move(content)});
  }
  if (message.attachments)
    for (const auto& attachment : *message.attachments) {
      auto type = lower(text(attachment.contentType));
      draft.attachments.push_back({.part_id = text(attachment.id),
                                   .filename = std::string(cut_utf8(fold_space(text(attachment.name)), name_bytes_max)),
                                   .declared_type = std::string(trim(std::string_view(type).substr(0, type.find(';')))),
                                   .size_bytes = attachment.size && *attachment.size > 0 && *attachment.size < 1e15
                                                     ? static_cast<std::int64_t>(*attachment.size)
                                                     : 0,
                                   .is_inline = attachment.isInline.value_or(false)});
      if (!attachment.contentBytes) continue;
      const auto bytes = from_base64(*attachment.contentBytes);
      if (!bytes) continue;
      auto& out = draft.attachments.back();
      out.size_bytes = static_cast<std::int64_t>(bytes->size());
      out.sha256 = sha256_hex(*bytes);
      out.sniffed_type = sniff_type(*bytes);
      read_attachment(draft, out, *bytes, "", context.limits);
    }

  auto email = assemble(std::move(draft), context);
  email.provider_message_id = ProviderMessageId(text(message.id));
  email.raw_sha256 = sha256_hex(json);
  email.thread_id = text(message.conversationId);
  email.folder_id = FolderId(text(message.parentFolderId));
  if (message.categories)
    for (const auto& category : *message.categories)
      if (email.labels.size() < labels_max) email.labels.push_back(mend_utf8(category));
  email.is_draft = message.isDraft.value_or(false);
  if (!email.date_header && message.sentDateTime) email.date_header = from_rfc3339(*message.sentDateTime);
  if (message.receivedDateTime)
    if (const auto received = from_rfc3339(*message.receivedDateTime)) email.received_at = *received;
  if (email.received_at == TimePoint{} && email.date_header) email.received_at = *email.date_header;
  return email;
}

}  // namespace letterlock::mail
