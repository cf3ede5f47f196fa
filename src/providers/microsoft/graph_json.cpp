#include "providers/microsoft/graph_json.h"

#include <algorithm>
#include <cctype>
#include <glaze/glaze.hpp>

#include "base/encoding.h"
#include "base/id.h"

namespace letterlock::providers {

// As they come over the wire; named, because reflection needs linkage. Any property may be null.
namespace graph_wire {
using Text = std::optional<std::string>;
struct User {
  Text id, userPrincipalName, mail, displayName, givenName, surname, jobTitle, department, userType, createdDateTime;
  std::optional<std::vector<std::string>> proxyAddresses;
};
struct Users {
  std::optional<std::vector<User>> value;
  Text nextLink;
};
struct Folder {
  Text type;
  Text id;
  std::optional<std::int64_t> childFolderCount;
};
struct Folders {
  std::optional<std::vector<Folder>> value;
  Text nextLink;
};
struct Removed {
  Text reason;
};
struct Item {
  Text id;
  std::optional<Removed> removed;
  std::optional<bool> hasAttachments, isDraft;
  std::optional<std::vector<std::string>> categories;
  std::optional<glz::raw_json_view> body, receivedDateTime;  // only whether they are there
};
struct Delta {
  std::optional<std::vector<glz::raw_json>> value;
  Text nextLink, deltaLink;
};
struct Place {
  Text parentFolderId;
};
struct Attachment {
  Text type, id, name, contentType;
  std::optional<double> size;
};
struct Attachments {
  std::optional<std::vector<glz::raw_json>> value;
};
struct ErrorBody {
  Text code, message;
};
struct ErrorAnswer {
  ErrorBody error;
};
}  // namespace graph_wire
}  // namespace letterlock::providers

template <>
struct glz::meta<letterlock::providers::graph_wire::Users> {
  using T = letterlock::providers::graph_wire::Users;
  static constexpr auto value = object("value", &T::value, "@odata.nextLink", &T::nextLink);
};
template <>
struct glz::meta<letterlock::providers::graph_wire::Folder> {
  using T = letterlock::providers::graph_wire::Folder;
  static constexpr auto value = object("@odata.type", &T::type, "id", &T::id, "childFolderCount", &T::childFolderCount);
};
template <>
struct glz::meta<letterlock::providers::graph_wire::Folders> {
  using T = letterlock::providers::graph_wire::Folders;
  static constexpr auto value = object("value", &T::value, "@odata.nextLink", &T::nextLink);
};
template <>
struct glz::meta<letterlock::providers::graph_wire::Item> {
  using T = letterlock::providers::graph_wire::Item;
  static constexpr auto value = object("id", &T::id, "@removed", &T::removed, "hasAttachments", &T::hasAttachments, "isDraft", &T::isDraft,
                                       "categories", &T::categories, "body", &T::body, "receivedDateTime", &T::receivedDateTime);
};
template <>
struct glz::meta<letterlock::providers::graph_wire::Attachment> {
  using T = letterlock::providers::graph_wire::Attachment;
  static constexpr auto value =
      object("@odata.type", &T::type, "id", &T::id, "name", &T::name, "contentType", &T::contentType, "size", &T::size);
};
template <>
struct glz::meta<letterlock::providers::graph_wire::Delta> {
  using T = letterlock::providers::graph_wire::Delta;
  static constexpr auto value = object("value", &T::value, "@odata.nextLink", &T::nextLink, "@odata.deltaLink", &T::deltaLink);
};

namespace letterlock::providers {
namespace assertion_wire {
struct Header {
  std::string typ = "JWT";
  std::string thumbprint;
};
struct Claims {
  std::string aud, iss, sub, jti;
  std::int64_t nbf = 0, iat = 0, exp = 0;
};
}  // namespace assertion_wire
}  // namespace letterlock::providers

template <>
struct glz::meta<letterlock::providers::assertion_wire::Header> {
  using T = letterlock::providers::assertion_wire::Header;
  static constexpr auto value = object("typ", &T::typ, "x5t#S256", &T::thumbprint);
};

namespace letterlock::providers {
namespace {

constexpr glz::opts lenient{.error_on_unknown_keys = false, .error_on_missing_keys = false};

template <class T>
Result<T> read(std::string_view json, std::string_view what) {
  T value;
  if (auto error = glz::read<lenient>(value, json); error)
    return fail(ErrorKind::invalid, std::string(what) + " is not what Microsoft sends (" + std::string(json.substr(0, 40)) + "…)");
  return value;
}

template <class T>
std::string write(const T& value) {
  auto json = glz::write_json(value);
  CHECK(json.has_value());
  return std::move(*json);
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::optional<std::string> present(std::optional<std::string> text) {
  if (text && text->empty()) return std::nullopt;
  return text;
}

User user_of(graph_wire::User&& from) {
  User user{.user_id = UserId(from.id.value_or(""))};
  const std::string principal = lower(from.userPrincipalName.value_or(""));
  user.primary_email = lower(from.mail.value_or(""));
  if (user.primary_email.empty()) user.primary_email = principal;
  const auto add_alias = [&](std::string address) {
    if (!address.empty() && address != user.primary_email && !std::ranges::contains(user.aliases, address))
      user.aliases.push_back(std::move(address));
  };
  add_alias(principal);
  for (const auto& proxy : from.proxyAddresses.value_or(std::vector<std::string>{}))
    if (const auto address = lower(proxy); address.starts_with("smtp:")) add_alias(address.substr(5));
  user.display_name = present(std::move(from.displayName));
  user.given_name = present(std::move(from.givenName));
  user.family_name = present(std::move(from.surname));
  user.job_title = present(std::move(from.jobTitle));
  user.department = present(std::move(from.department));
  user.created_at = from_rfc3339(from.createdDateTime.value_or(""));
  // Shared mailboxes have accountEnabled=false and are read all the same; guests have their mailbox elsewhere.
  if (lower(from.userType.value_or("")) == "guest") {
    user.mailbox_state = MailboxState::no_mailbox;
    user.mailbox_state_reason = "guest: the mailbox belongs to another organisation";
  }
  return user;
}

GraphItem item_of(graph_wire::Item&& from, std::string json) {
  GraphItem item{.id = from.id.value_or(""), .is_removed = from.removed.has_value(), .json = std::move(json)};
  item.is_partial = !item.is_removed && (!from.body || !from.receivedDateTime);
  item.has_attachments = from.hasAttachments.value_or(false);
  item.is_draft = from.isDraft;
  item.categories = std::move(from.categories);
  return item;
}

}  // namespace

Result<MicrosoftSettings> parse_microsoft_settings(std::string_view json) {
  auto settings = read<MicrosoftSettings>(json, "microsoft settings");
  if (!settings) return fail(ErrorKind::invalid, "microsoft settings: no JSON object of strings");
  for (auto* root : {&settings->login_root, &settings->graph_root})
    while (root->ends_with('/')) root->pop_back();
  return settings;
}

Result<MicrosoftSettings> read_microsoft_settings(std::string_view json) {
  auto settings = parse_microsoft_settings(json);
  if (!settings) return settings;
  if (settings->tenant.empty()) return fail(ErrorKind::invalid, "microsoft settings: \"tenant\" is missing");
  if (settings->client_id.empty()) return fail(ErrorKind::invalid, "microsoft settings: \"client_id\" is missing");
  return settings;
}

Result<MicrosoftSecret> read_microsoft_secret(std::string_view json) {
  MicrosoftSecret secret;
  // The parser's message would show a part of the secret.
  if (glz::read<lenient>(secret, json)) return fail(ErrorKind::invalid, "microsoft secret: no JSON object of strings");
  if (!secret.client_secret.empty()) return secret;
  if (secret.certificate_pem.empty() && secret.private_key_pem.empty())
    return fail(ErrorKind::invalid, "microsoft secret: \"client_secret\" is missing (or \"certificate_pem\" and \"private_key_pem\")");
  if (!secret.certificate_pem.contains("CERTIFICATE"))
    return fail(ErrorKind::invalid, "microsoft secret: \"certificate_pem\" is missing or no PEM certificate");
  if (!secret.private_key_pem.contains("PRIVATE KEY"))
    return fail(ErrorKind::invalid, "microsoft secret: \"private_key_pem\" is missing or no PEM key");
  return secret;
}

std::string write_assertion_header(std::string_view certificate_sha256) {
  return write(assertion_wire::Header{.thumbprint = to_base64url(certificate_sha256)});
}

std::string write_assertion_claims(const std::string& client_id, const std::string& token_url, TimePoint now) {
  const auto seconds = to_unix_micros(now) / 1'000'000 - 10;
  return write(assertion_wire::Claims{
      .aud = token_url, .iss = client_id, .sub = client_id, .jti = new_uuid(), .nbf = seconds, .iat = seconds, .exp = seconds + 600});
}

Result<MicrosoftToken> read_microsoft_token(std::string_view json) { return read<MicrosoftToken>(json, "the token answer"); }

GraphError read_graph_error(std::string_view json) {
  graph_wire::ErrorAnswer answer;
  if (glz::read<lenient>(answer, json)) return {};
  return {.code = answer.error.code.value_or(""), .message = answer.error.message.value_or("")};
}

Result<GraphUsers> read_graph_users(std::string_view json) {
  auto page = TRY(read<graph_wire::Users>(json, "the answer of users"));
  if (!page.value) return fail(ErrorKind::invalid, "the answer of users has no \"value\": this is not Microsoft Graph");
  GraphUsers out{.next_link = page.nextLink.value_or("")};
  for (auto& user : *page.value)
    if (user.id && !user.id->empty()) out.users.push_back(user_of(std::move(user)));
  return out;
}

Result<GraphFolders> read_graph_folders(std::string_view json) {
  auto page = TRY(read<graph_wire::Folders>(json, "the answer of mailFolders"));
  if (!page.value) return fail(ErrorKind::invalid, "the answer of mailFolders has no \"value\"");
  GraphFolders out{.next_link = page.nextLink.value_or("")};
  for (auto& folder : *page.value)
    if (folder.id)
      out.folders.push_back({.id = std::move(*folder.id),
                             .has_children = folder.childFolderCount.value_or(0) > 0,
                             .is_search = lower(folder.type.value_or("")).ends_with("mailsearchfolder")});
  return out;
}

Result<GraphItem> read_graph_item(std::string json) {
  auto item = TRY(read<graph_wire::Item>(json, "a message"));
  return item_of(std::move(item), std::move(json));
}

Result<GraphDelta> read_graph_delta(std::string_view json) {
  auto page = TRY(read<graph_wire::Delta>(json, "the answer of messages/delta"));
  if (!page.value) return fail(ErrorKind::invalid, "the answer of messages/delta has no \"value\"");
  GraphDelta out{.next_link = page.nextLink.value_or(""), .delta_link = page.deltaLink.value_or("")};
  if (out.next_link.empty() && out.delta_link.empty())
    return fail(ErrorKind::invalid, "the answer of messages/delta has neither a nextLink nor a deltaLink");
  for (auto& item : *page.value) out.items.push_back(TRY(read_graph_item(std::move(item.str))));
  return out;
}

Result<std::string> read_graph_place(std::string_view json) {
  return TRY(read<graph_wire::Place>(json, "a message")).parentFolderId.value_or("");
}

Result<std::vector<GraphAttachment>> read_graph_attachments(std::string_view json) {
  auto page = TRY(read<graph_wire::Attachments>(json, "the answer of attachments"));
  std::vector<GraphAttachment> out;
  for (auto& raw : page.value.value_or(std::vector<glz::raw_json>{})) {
    const auto item = TRY(read<graph_wire::Attachment>(raw.str, "an attachment"));
    const auto type = lower(item.contentType.value_or("")), name = lower(item.name.value_or("")), kind = lower(item.type.value_or(""));
    const bool is_file = kind.empty() || kind.ends_with("fileattachment");
    out.push_back({.id = item.id.value_or(""),
                   .size_bytes = item.size && *item.size > 0 && *item.size < 1e15 ? static_cast<std::int64_t>(*item.size) : 0,
                   .is_pdf = is_file && item.id && (type.starts_with("application/pdf") || name.ends_with(".pdf")),
                   .json = std::move(raw.str)});
  }
  return out;
}

bool is_graph_object(std::string_view json) {
  const auto item = read<graph_wire::Attachment>(json, "an attachment");
  return item && item->id;
}

std::string splice_attachments(std::string message_json, const std::vector<GraphAttachment>& attachments) {
  const auto end = message_json.find_last_of('}');
  if (end == std::string::npos) return message_json;
  const bool is_empty = message_json.find_last_not_of(" \t\r\n", end == 0 ? 0 : end - 1) == message_json.find('{');
  std::string list = is_empty ? "\"attachments\":[" : ",\"attachments\":[";
  for (const auto& attachment : attachments) list += (&attachment == attachments.data() ? "" : ",") + attachment.json;
  message_json.insert(end, list + "]");
  return message_json;
}

GraphCursor read_graph_cursor(std::string_view json) {
  GraphCursor cursor;
  if (json.empty() || glz::read<lenient>(cursor, json)) return {};
  return cursor;
}

std::string write_graph_cursor(const GraphCursor& cursor) { return write(cursor); }

}  // namespace letterlock::providers
