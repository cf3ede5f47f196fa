// Gmail's messages, attachments and history.

#include <algorithm>

#include "base/encoding.h"
#include "sim/gmail_json.h"
#include "sim/google_api.h"
#include "sim/google_reply.h"
#include "sim/mime_reader.h"
#include "sim/reply.h"

namespace letterlock::sim {

using namespace google;

namespace {

// A date of the q language: epoch seconds, or a day, which means midnight Pacific time.
std::optional<std::int64_t> query_date_ms(std::string_view text) {
  if (const auto seconds = read_number(text)) return static_cast<std::int64_t>(*seconds) * 1000;
  int year = 0, month = 0, day = 0;
  if (std::sscanf(std::string(text).c_str(), "%d%*1[/-]%d%*1[/-]%d", &year, &month, &day) != 3) return std::nullopt;
  const std::chrono::year_month_day when{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!when.ok()) return std::nullopt;
  return (std::chrono::sys_days(when).time_since_epoch().count() * 24LL + 8) * 3'600'000;
}

void read_query(const std::string& text, GoogleState::ListQuery& query) {
  for (const auto& word : split(text, ' ')) {
    const bool negated = word.starts_with('-');
    const auto term = lower_case(negated ? word.substr(1) : word);
    if (term.starts_with("after:")) query.after_ms = query_date_ms(term.substr(6));
    if (term.starts_with("before:")) query.before_ms = query_date_ms(term.substr(7));
    if (term == "in:anywhere") query.include_spam_trash = true;
    for (const auto& [name, label] : {std::pair{"in:chats", "CHAT"},
                                      {"in:chat", "CHAT"},
                                      {"is:chat", "CHAT"},
                                      {"in:drafts", "DRAFT"},
                                      {"in:draft", "DRAFT"},
                                      {"is:draft", "DRAFT"},
                                      {"in:inbox", "INBOX"},
                                      {"in:sent", "SENT"},
                                      {"in:spam", "SPAM"},
                                      {"in:trash", "TRASH"},
                                      {"is:unread", "UNREAD"}})
      if (term == name) (negated ? query.excluded : query.labels).insert(label);
  }
}

}  // namespace

http::Response GoogleApi::messages_list(const Call& call, const GoogleUser& user, bool metadata_only) {
  const auto& request = call.request;
  GoogleState::ListQuery query{.max = page_size(request, 100, 500), .page = request.query_value("pageToken").value_or("")};
  for (const auto& label : request.query_values("labelIds")) query.labels.insert(label);
  query.include_spam_trash = request.query_value("includeSpamTrash").value_or("false") == "true";
  if (const auto q = request.query_value("q"); q && !q->empty()) {
    if (metadata_only) return error(403, "Metadata scope does not support 'q' parameter", "forbidden", "PERMISSION_DENIED");
    read_query(*q, query);
  }
  const auto page = state_.list(user, query);
  if (!page) return invalid("Invalid pageToken");
  Json body = Json::object();
  if (call.has(FaultEffect::empty_page))
    return ok(
        body.set("nextPageToken", query.page.empty() ? GoogleState::first_page() : query.page).set("resultSizeEstimate", page->estimate));
  if (!page->messages.empty()) {
    Json messages = Json::array();
    for (const auto& message : page->messages) messages.push(Json::object({{"id", message.id}, {"threadId", message.thread_id}}));
    body.set("messages", std::move(messages));
  }
  if (!page->next_page.empty()) body.set("nextPageToken", page->next_page);
  body.set("resultSizeEstimate", page->estimate);
  return ok(body);
}

http::Response GoogleApi::message_get(const http::Request& request, const GoogleUser& user, bool metadata_only, const std::string& id) {
  const auto name = lower_case(request.query_value("format").value_or("full"));
  const auto format = name == "raw"        ? GmailFormat::raw
                      : name == "metadata" ? GmailFormat::metadata
                      : name == "minimal"  ? GmailFormat::minimal
                                           : GmailFormat::full;
  if (metadata_only && (format == GmailFormat::raw || format == GmailFormat::full))
    return error(403, "Metadata scope doesn't allow format " + std::string(format == GmailFormat::raw ? "RAW" : "FULL"), "forbidden",
                 "PERMISSION_DENIED");
  if (id.empty() || id.size() > 16 || id.find_first_not_of("0123456789abcdef") != std::string::npos) return invalid("Invalid id value");
  const auto message = state_.message(user, id);
  if (!message) return not_found();
  return ok(gmail_message(*message, format, request.query_values("metadataHeaders")));
}

http::Response GoogleApi::attachment_get(const GoogleUser& user, const std::string& message_id, const std::string& attachment_id) {
  const auto message = state_.message(user, message_id);
  if (!message) return not_found();
  const auto bytes = gmail_attachment(*message, attachment_id);
  if (!bytes) return invalid("Invalid attachment token");
  return ok(Json::object({{"size", bytes->size()}, {"data", to_base64url(*bytes)}}));
}

http::Response GoogleApi::history_list(const Call& call, const GoogleUser& user) {
  const auto& request = call.request;
  const auto start = read_number(request.query_value("startHistoryId").value_or(""));
  if (!start) return invalid("Missing or invalid startHistoryId");
  auto from = *start;
  if (const auto page = request.query_value("pageToken"); page && !page->empty()) {
    const auto text = from_base64(*page);
    const auto number = text && text->starts_with("H") ? read_number(std::string_view(*text).substr(1)) : std::nullopt;
    if (!number) return invalid("Invalid pageToken");
    from = *number;
  }
  const auto page = state_.history(user, from, page_size(request, 100, 500));
  if (!page) return not_found();
  if (call.has(FaultEffect::empty_page))
    return ok(Json::object({{"nextPageToken", to_base64url("H" + std::to_string(from))}, {"historyId", std::to_string(page->history_id)}}));
  const auto types = request.query_values("historyTypes");
  const auto label = request.query_value("labelId");
  const auto wanted = [&](std::string_view type) { return types.empty() || std::ranges::find(types, type) != types.end(); };
  Json history = Json::array();
  for (const auto& record : page->records) {
    static constexpr std::string_view types_by_kind[] = {"messageAdded", "messageDeleted", "labelAdded", "labelRemoved"};
    static constexpr std::string_view keys_by_kind[] = {"messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved"};
    const auto kind = static_cast<std::size_t>(record.kind);
    if (!wanted(types_by_kind[kind]) || (label && !record.labels.contains(*label))) continue;
    Json message = Json::object({{"id", record.message_id}, {"threadId", record.thread_id}});
    Json labels = Json::array();
    for (const auto& name : record.labels) labels.push(name);
    Json change = Json::object();
    Json with_labels = message;
    if (!record.labels.empty()) with_labels.set("labelIds", std::move(labels));
    change.set("message", std::move(with_labels));
    if (!record.changed.empty()) {
      Json changed = Json::array();
      for (const auto& name : record.changed) changed.push(name);
      change.set("labelIds", std::move(changed));
    }
    history.push(Json::object({{"id", std::to_string(record.id)},
                               {"messages", Json::array({message})},
                               {std::string(keys_by_kind[kind]), Json::array({change})}}));
  }
  Json body = Json::object();
  if (!history.items().empty()) body.set("history", std::move(history));
  if (page->more) body.set("nextPageToken", to_base64url("H" + std::to_string(page->records.back().id)));
  body.set("historyId", std::to_string(page->history_id));
  return ok(body);
}

}  // namespace letterlock::sim
