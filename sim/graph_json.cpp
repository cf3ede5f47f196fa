#include "sim/graph_json.h"

#include <algorithm>

#include "base/encoding.h"
#include "sim/mime_reader.h"
#include "sim/reply.h"

namespace letterlock::sim {
namespace {

std::string seconds_of(TimePoint time) { return to_rfc3339(time).substr(0, 19) + "Z"; }

std::string seconds_of_ms(std::int64_t ms) { return seconds_of(from_unix_micros(ms * 1000)); }

void collect(const MimePart& part, const MimePart*& text, const MimePart*& html, std::vector<const MimePart*>& attachments) {
  if (part.parts.empty() && !part.type.starts_with("multipart/")) {
    if (part.is_attachment)
      attachments.push_back(&part);
    else if (part.type == "text/html" && !html)
      html = &part;
    else if (part.type.starts_with("text/") && !text && part.type != "text/html")
      text = &part;
    else
      attachments.push_back(&part);
    return;
  }
  for (const auto& child : part.parts) collect(child, text, html, attachments);
}

Json recipient(const Address& address) {
  return Json::object(
      {{"emailAddress", Json::object({{"name", address.name.empty() ? address.address : address.name}, {"address", address.address}})}});
}

Json recipients(const MimePart& message, std::string_view header) {
  Json all = Json::array();
  for (const auto& [name, value] : message.headers)
    if (equal_ignoring_case(name, header))
      for (const auto& address : read_addresses(value)) all.push(recipient(address));
  return all;
}

std::string preview_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (out.size() >= 255) break;
    if (static_cast<unsigned char>(c) > ' ')
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0x80)) out.pop_back();
  return out;
}

std::string etag_of(const MicrosoftMessage& message) {
  return "W/\"CQAAABYAAAB" + to_base64url(std::string(reinterpret_cast<const char*>(&message.change), 6)) + "\"";
}

std::string id_of(const MicrosoftMessage& message, bool immutable) { return immutable ? message.id : MicrosoftState::ordinary_id(message); }

bool is_importance(std::string_view header, char digit, std::string_view word) {
  return header.starts_with(digit) || equal_ignoring_case(header, word);
}

}  // namespace

Select read_select(const std::string& text) {
  Select select;
  for (auto& name : split(text, ',')) {
    while (name.starts_with(' ')) name.erase(0, 1);
    while (name.ends_with(' ')) name.pop_back();
    if (!name.empty()) select.insert(name);
  }
  return select;
}

Json graph_message(const MicrosoftMessage& message, const MessageJsonOptions& options) {
  static constexpr std::string_view only_when_selected[] = {"internetMessageHeaders", "uniqueBody"};
  const auto wanted = [&](std::string_view name) {
    if (options.select.empty()) return std::ranges::find(only_when_selected, name) == std::end(only_when_selected);
    return options.select.contains(std::string(name));
  };
  const auto raw = message.raw->read();
  const auto parsed = read_mime(raw);
  const MimePart* text = nullptr;
  const MimePart* html = nullptr;
  std::vector<const MimePart*> attachments;
  collect(parsed, text, html, attachments);

  Json json = Json::object(
      {{"@odata.type", "#microsoft.graph.message"}, {"@odata.etag", etag_of(message)}, {"id", id_of(message, options.immutable_ids)}});
  const auto put = [&](const char* name, auto&& make) {
    if (wanted(name)) json.set(name, make());
  };
  const auto received = seconds_of(message.received_at);
  const auto date = read_date_ms(parsed.header("Date"));
  put("createdDateTime", [&] { return Json(received); });
  put("lastModifiedDateTime", [&] { return Json(seconds_of(message.modified_at)); });
  put("changeKey", [&] { return Json(etag_of(message).substr(3, 24)); });
  put("categories", [] { return Json::array(); });
  put("receivedDateTime", [&] { return Json(received); });
  put("sentDateTime", [&] { return Json(date > 0 ? seconds_of_ms(date) : received); });
  put("hasAttachments", [&] { return Json(std::ranges::any_of(attachments, [](const auto* part) { return !part->is_inline; })); });
  if (const auto id = parsed.header("Message-ID"); !id.empty()) put("internetMessageId", [&] { return Json(valid_utf8(id)); });
  put("subject", [&] { return Json(decode_words(parsed.header("Subject"))); });
  const auto body_text = text ? text->text() : html ? html_to_text(html->text()) : std::string();
  put("bodyPreview", [&] { return Json(preview_of(body_text)); });
  put("importance", [&] {
    const auto priority = parsed.header("X-Priority");
    const auto importance = parsed.header("Importance");
    return Json(is_importance(priority, '1', "high") || is_importance(importance, '1', "high") ? "high"
                : is_importance(importance, '5', "low")                                        ? "low"
                                                                                               : "normal");
  });
  put("parentFolderId", [&] { return Json(message.folder_id); });
  const auto conversation = to_base64url(sha256(message.conversation.empty() ? message.id : message.conversation)).substr(0, 22);
  put("conversationId", [&] { return Json("AAQkAD" + conversation + "AA="); });
  put("conversationIndex", [&] { return Json("AQHc" + to_base64(sha256(message.id)).substr(0, 24)); });
  put("isDeliveryReceiptRequested", [] { return Json(); });
  put("isReadReceiptRequested", [] { return Json(false); });
  put("isRead", [&] { return Json(message.is_read); });
  put("isDraft", [&] { return Json(message.is_draft); });
  put("webLink", [&] {
    return Json("https://outlook.office365.com/owa/?ItemID=" + url_encode(id_of(message, false)) + "&exvsurl=1&viewmodel=ReadMessageItem");
  });
  put("inferenceClassification", [] { return Json("focused"); });
  put("body", [&] {
    if (html && !options.text_body) return Json::object({{"contentType", "html"}, {"content", html->text()}});
    return Json::object({{"contentType", "text"}, {"content", valid_utf8(body_text)}});
  });
  const auto from = read_addresses(parsed.header("From"));
  const auto sender = read_addresses(parsed.header("Sender"));
  if (!from.empty()) {
    put("sender", [&] { return recipient(sender.empty() ? from.front() : sender.front()); });
    put("from", [&] { return recipient(from.front()); });
  }
  put("toRecipients", [&] { return recipients(parsed, "To"); });
  put("ccRecipients", [&] { return recipients(parsed, "Cc"); });
  put("bccRecipients", [&] { return recipients(parsed, "Bcc"); });
  put("replyTo", [&] { return recipients(parsed, "Reply-To"); });
  put("flag", [] { return Json::object({{"flagStatus", "notFlagged"}}); });
  // Items that no transport touched (drafts, sent mail) have no transport headers.
  if (!message.is_draft && !parsed.header("Received").empty())
    put("internetMessageHeaders", [&] {
      Json headers = Json::array();
      for (const auto& [name, value] : parsed.headers)
        headers.push(Json::object({{"name", valid_utf8(name)}, {"value", valid_utf8(value)}}));
      return headers;
    });
  if (options.expand_attachments) json.set("attachments", graph_attachments(message, {}, true));
  return json;
}

Json graph_partial_message(const MicrosoftMessage& message, bool immutable_ids) {
  return Json::object({{"@odata.type", "#microsoft.graph.message"},
                       {"@odata.etag", etag_of(message)},
                       {"id", id_of(message, immutable_ids)},
                       {"isRead", message.is_read},
                       {"parentFolderId", message.folder_id}});
}

Json graph_removed_message(const MicrosoftMessage& message, bool immutable_ids) {
  return Json::object({{"@odata.type", "#microsoft.graph.message"},
                       {"id", id_of(message, immutable_ids)},
                       {"@removed", Json::object({{"reason", "deleted"}})}});
}

Json graph_attachments(const MicrosoftMessage& message, const Select& select, bool with_content) {
  const auto parsed = read_mime(message.raw->read());
  const MimePart* text = nullptr;
  const MimePart* html = nullptr;
  std::vector<const MimePart*> parts;
  collect(parsed, text, html, parts);
  Json all = Json::array();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& part = *parts[i];
    const bool item = part.type == "message/rfc822";
    Json json = Json::object({{"@odata.type", item ? "#microsoft.graph.itemAttachment" : "#microsoft.graph.fileAttachment"},
                              {"@odata.mediaContentType", part.type},
                              {"id", "AAMkADatt" + to_base64url(sha256(message.id + std::to_string(i))).substr(0, 24)}});
    const auto put = [&](const char* name, Json value) {
      if (select.empty() || select.contains(name)) json.set(name, std::move(value));
    };
    put("lastModifiedDateTime", seconds_of(message.modified_at));
    put("name",
        part.filename.empty() ? item ? decode_words(read_headers(part.body).header("Subject")) : std::string("attachment") : part.filename);
    put("contentType", item ? Json() : Json(valid_utf8(part.type)));
    put("size", part.body.size());
    put("isInline", part.is_inline);
    if (!item) put("contentId", part.content_id.empty() ? Json() : Json(valid_utf8(part.content_id)));
    if (!item && with_content) put("contentBytes", to_base64(part.body));
    all.push(std::move(json));
  }
  return all;
}

Json graph_folder(const MicrosoftFolder& folder) {
  Json json = Json::object();
  if (folder.is_search) json.set("@odata.type", "#microsoft.graph.mailSearchFolder");
  json.set("id", folder.id).set("displayName", folder.name);
  if (!folder.parent_id.empty()) json.set("parentFolderId", folder.parent_id);
  json.set("childFolderCount", folder.children).set("unreadItemCount", folder.unread).set("totalItemCount", folder.total);
  json.set("isHidden", folder.is_hidden);
  if (folder.is_search) json.set("isSupported", true).set("includeNestedFolders", false).set("filterQuery", "isRead eq false");
  return json;
}

Json graph_user(const MicrosoftUser& user, const std::string& company, bool is_enabled, const Select& select) {
  const auto& person = user.person;
  const auto wanted = [&](std::string_view name, bool by_default) {
    return select.empty() ? by_default : select.contains(std::string(name));
  };
  Json json = Json::object();
  const auto put = [&](const char* name, bool by_default, Json value) {
    if (wanted(name, by_default)) json.set(name, std::move(value));
  };
  put("id", true, user.id);
  put("businessPhones", true, Json::array());
  put("displayName", true, person.name());
  put("givenName", true, person.given);
  put("jobTitle", true, person.job_title.empty() ? Json() : Json(person.job_title));
  put("mail", true, person.address);
  put("mobilePhone", true, Json());
  put("officeLocation", true, Json());
  put("preferredLanguage", true, Json());
  put("surname", true, person.family);
  put("userPrincipalName", true, person.address);
  put("accountEnabled", false, is_enabled);
  put("userType", false, "Member");
  put("createdDateTime", false, "2021-03-01T09:30:00Z");
  put("proxyAddresses", false, Json::array({"SMTP:" + person.address}));
  put("otherMails", false, Json::array());
  put("assignedLicenses", false,
      Json::array({Json::object({{"disabledPlans", Json::array()}, {"skuId", "f245ecc8-75af-4f8e-b61f-27d8114de5f3"}})}));
  put("department", false, person.department.empty() ? Json() : Json(person.department));
  put("companyName", false, company);
  put("onPremisesSyncEnabled", false, Json());
  put("lastPasswordChangeDateTime", false, "2026-01-11T07:02:10Z");
  put("signInSessionsValidFromDateTime", false, "2026-01-11T07:02:10Z");
  put("externalUserState", false, Json());
  return json;
}

}  // namespace letterlock::sim
