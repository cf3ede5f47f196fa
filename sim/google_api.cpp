#include "sim/google_api.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "sim/gmail_json.h"
#include "sim/mime_reader.h"
#include "sim/reply.h"

namespace letterlock::sim {
namespace {

constexpr std::string_view scope_root = "https://www.googleapis.com/auth/";

http::Response ok(const Json& body) {
  return {.headers = {{"Content-Type", "application/json; charset=UTF-8"}, {"Vary", "Origin"}, {"Vary", "X-Origin"}, {"Vary", "Referer"}},
          .body = body.dump()};
}

http::Response error(int code, std::string_view message, std::string_view reason, std::string_view status) {
  Json item = Json::object({{"message", message}, {"domain", "global"}, {"reason", reason}});
  if (code == 401) item.set("location", "Authorization").set("locationType", "header");
  return {
      .status = code,
      .headers = {{"Content-Type", "application/json; charset=UTF-8"}},
      .body = Json::object(
                  {{"error", Json::object({{"code", code}, {"message", message}, {"errors", Json::array({item})}, {"status", status}})}})
                  .dump()};
}

http::Response not_found() { return error(404, "Requested entity was not found.", "notFound", "NOT_FOUND"); }
http::Response invalid(std::string_view message) { return error(400, message, "invalidArgument", "INVALID_ARGUMENT"); }

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

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

Json directory_user(const GoogleUser& user, bool full) {
  const auto& person = user.person;
  Json json = Json::object({
      {"kind", "admin#directory#user"},
      {"id", user.id},
      {"etag", "\"" + to_base64url(sha256(user.id)).substr(0, 27) + "\""},
      {"primaryEmail", person.address},
      {"name", Json::object({{"givenName", person.given}, {"familyName", person.family}, {"fullName", person.name()}})},
      {"isAdmin", user.is_admin},
      {"isDelegatedAdmin", false},
      {"lastLoginTime", "2026-01-12T08:14:03.000Z"},
      {"creationTime", "2021-03-01T09:30:00.000Z"},
      {"agreedToTerms", true},
      {"suspended", false},
      {"archived", false},
      {"changePasswordAtNextLogin", false},
      {"ipWhitelisted", false},
      {"emails", Json::array({Json::object({{"address", person.address}, {"primary", true}})})},
      {"languages", Json::array({Json::object({{"languageCode", "en"}, {"preference", "preferred"}})})},
      {"customerId", "C03az79cb"},
      {"orgUnitPath", "/"},
      {"isMailboxSetup", true},
      {"isEnrolledIn2Sv", user.id.back() % 3 != 0},
      {"isEnforcedIn2Sv", false},
      {"includeInGlobalAddressList", true},
  });
  (void)full;
  json.set(
      "organizations",
      Json::array({Json::object({{"title", person.job_title}, {"department", person.department}, {"primary", true}, {"customType", ""}})}));
  return json;
}

}  // namespace

http::Response GoogleApi::handle(const http::Request& request) {
  std::string kind = "other";
  auto response = route(request, kind);
  log_.count("google", kind, response.status);
  return response;
}

std::size_t GoogleApi::page_size(const http::Request& request, std::size_t otherwise, std::size_t most) const {
  const auto asked = request.query_value("maxResults");
  const auto size = asked ? read_number(*asked).value_or(otherwise) : otherwise;
  return std::max<std::size_t>(1, std::min({static_cast<std::size_t>(size), most, options_.page_size_max}));
}

http::Response GoogleApi::route(const http::Request& request, std::string& kind) {
  std::vector<std::string> path;
  for (const auto& piece : split(request.raw_path.empty() ? request.path : request.raw_path, '/'))
    path.push_back(url_decoded(piece, false));
  if (path.size() == 1 && path[0] == "token") {
    kind = "token";
    return request.method == "POST" ? auth_.token(request) : error(404, "Not Found", "notFound", "NOT_FOUND");
  }
  if (!path.empty() && path[0] == "batch" && request.method == "POST") {
    kind = "batch";
    return batch(request);
  }
  const auto token = auth_.check(request.header("authorization"));
  if (!token) {
    auto response = error(401,
                          "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
                          "authentication credential.",
                          "authError", "UNAUTHENTICATED");
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"");
    return response;
  }
  if (request.method != "GET")
    return error(403, "Request had insufficient authentication scopes.", "insufficientPermissions", "PERMISSION_DENIED");
  if (path.size() >= 4 && path[0] == "admin" && path[1] == "directory" && path[2] == "v1" && path[3] == "users")
    return users(request, *token, path, kind);
  if (path.size() >= 5 && path[0] == "gmail" && path[1] == "v1" && path[2] == "users") {
    const bool reads = token->scopes.contains(std::string(scope_root) + "gmail.readonly");
    const bool metadata = token->scopes.contains(std::string(scope_root) + "gmail.metadata");
    if (!reads && !metadata)
      return error(403, "Request had insufficient authentication scopes.", "insufficientPermissions", "PERMISSION_DENIED");
    if (token->subject.empty()) return error(400, "Precondition check failed.", "failedPrecondition", "FAILED_PRECONDITION");
    const auto* user = state_.user(token->subject);
    if (path[3] != "me" && !equal_ignoring_case(path[3], token->subject))
      return error(403, "Delegation denied for " + token->subject, "forbidden", "PERMISSION_DENIED");
    return gmail(request, *user, !reads, std::vector(path.begin() + 4, path.end()), kind);
  }
  return error(404, "Not Found", "notFound", "NOT_FOUND");
}

http::Response GoogleApi::users(const http::Request& request, const GoogleToken& token, const std::vector<std::string>& path,
                                std::string& kind) {
  kind = path.size() == 4 ? "users.list" : "users.get";
  if (!token.scopes.contains(std::string(scope_root) + "admin.directory.user.readonly"))
    return error(403, "Request had insufficient authentication scopes.", "insufficientPermissions", "PERMISSION_DENIED");
  const auto* admin = state_.user(token.subject);
  if (!admin || !admin->is_admin) return error(403, "Not Authorized to access this resource/api", "forbidden", "PERMISSION_DENIED");
  if (path.size() == 5) {
    const auto* user = state_.user(path[4]);
    return user ? ok(directory_user(*user, true)) : error(404, "Resource Not Found: userKey", "notFound", "NOT_FOUND");
  }
  const auto customer = request.query_value("customer");
  const auto domain = request.query_value("domain");
  if (!customer && !domain) return error(400, "Bad Request", "badRequest", "INVALID_ARGUMENT");
  if (domain && !equal_ignoring_case(*domain, state_.domain())) return error(404, "Domain not found.", "notFound", "NOT_FOUND");
  if (customer && *customer != "my_customer" && *customer != "C03az79cb")
    return error(400, "Invalid Input: customer", "invalid", "INVALID_ARGUMENT");
  const auto asked = request.query_value("maxResults");
  if (asked && (!read_number(*asked) || *read_number(*asked) == 0 || *read_number(*asked) > 500))
    return error(400, "Invalid Input: maxResults", "invalid", "INVALID_ARGUMENT");

  Json body =
      Json::object({{"kind", "admin#directory#users"}, {"etag", "\"" + to_base64url(sha256(state_.domain())).substr(0, 27) + "\""}});
  if (request.query_value("showDeleted").value_or("") == "true") return ok(body);  // nobody was deleted: "users" is absent
  std::size_t begin = 0;
  if (const auto page = request.query_value("pageToken"); page && !page->empty()) {
    const auto text = from_base64(*page);
    const auto number = text && text->starts_with("U") ? read_number(std::string_view(*text).substr(1)) : std::nullopt;
    if (!number) return error(400, "Invalid Input: pageToken", "invalid", "INVALID_ARGUMENT");
    begin = *number;
  }
  const auto end = std::min(state_.users().size(), begin + page_size(request, 100, 500));
  Json users = Json::array();
  for (std::size_t i = begin; i < end; ++i)
    users.push(directory_user(state_.users()[i], request.query_value("projection").value_or("") == "full"));
  body.set("users", std::move(users));
  if (end < state_.users().size()) body.set("nextPageToken", to_base64url("U" + std::to_string(end)));
  return ok(body);
}

http::Response GoogleApi::gmail(const http::Request& request, const GoogleUser& user, bool metadata_only,
                                const std::vector<std::string>& path, std::string& kind) {
  kind = path[0];
  if (path[0] == "profile" && path.size() == 1) {
    const auto profile = state_.profile(user);
    return ok(Json::object({{"emailAddress", user.person.address},
                            {"messagesTotal", profile.messages},
                            {"threadsTotal", profile.threads},
                            {"historyId", std::to_string(profile.history_id)}}));
  }
  if (path[0] == "messages" && path.size() == 1) {
    kind = "messages.list";
    return messages_list(request, user, metadata_only);
  }
  if (path[0] == "messages" && path.size() == 2) {
    kind = "messages.get";
    return message_get(request, user, metadata_only, path[1]);
  }
  if (path[0] == "messages" && path.size() == 4 && path[2] == "attachments") {
    kind = "attachments.get";
    if (metadata_only) return error(403, "Metadata scope doesn't allow format FULL", "forbidden", "PERMISSION_DENIED");
    return attachment_get(user, path[1], path[3]);
  }
  if (path[0] == "history" && path.size() == 1) {
    kind = "history.list";
    return history_list(request, user);
  }
  if (path[0] == "labels") return labels(user, path);
  if (path[0] == "settings" && path.size() >= 2) {
    kind = "settings." + path[1];
    if (metadata_only) return error(403, "Request had insufficient authentication scopes.", "insufficientPermissions", "PERMISSION_DENIED");
    return settings(user, path);
  }
  return error(404, "Not Found", "notFound", "NOT_FOUND");
}

http::Response GoogleApi::messages_list(const http::Request& request, const GoogleUser& user, bool metadata_only) {
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

http::Response GoogleApi::history_list(const http::Request& request, const GoogleUser& user) {
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

http::Response GoogleApi::labels(const GoogleUser& user, const std::vector<std::string>& path) {
  static constexpr std::string_view system[] = {"CHAT",
                                                "SENT",
                                                "INBOX",
                                                "IMPORTANT",
                                                "TRASH",
                                                "DRAFT",
                                                "SPAM",
                                                "CATEGORY_FORUMS",
                                                "CATEGORY_UPDATES",
                                                "CATEGORY_PERSONAL",
                                                "CATEGORY_PROMOTIONS",
                                                "CATEGORY_SOCIAL",
                                                "STARRED",
                                                "UNREAD"};
  Json all = Json::array();
  for (const auto name : system) all.push(Json::object({{"id", name}, {"name", name}, {"type", "system"}}));
  all.push(Json::object({{"id", "Label_1"},
                         {"name", "Projects/Vendors"},
                         {"messageListVisibility", "show"},
                         {"labelListVisibility", "labelShow"},
                         {"type", "user"}}));
  if (path.size() == 1) return ok(Json::object({{"labels", std::move(all)}}));
  for (Json label : all.items())
    if (label.text("id") == path[1]) {
      std::size_t total = 0, unread = 0;
      for (const auto& message : state_.all_messages(user))
        if (message.labels.contains(path[1])) ++total, unread += message.labels.contains("UNREAD");
      label.set("messagesTotal", total).set("messagesUnread", unread).set("threadsTotal", total).set("threadsUnread", unread);
      return ok(label);
    }
  return not_found();
}

// The true state: nobody in the simulated company has set up forwarding, filters, delegates or an automatic reply.
http::Response GoogleApi::settings(const GoogleUser& user, const std::vector<std::string>& path) {
  const auto& name = path[1];
  if (name == "autoForwarding") return ok(Json::object({{"enabled", false}}));
  if (name == "forwardingAddresses" || name == "filters" || name == "delegates") return path.size() == 2 ? ok(Json::object()) : not_found();
  if (name == "sendAs")
    return ok(Json::object({{"sendAs", Json::array({Json::object({{"sendAsEmail", user.person.address},
                                                                  {"displayName", user.person.name()},
                                                                  {"replyToAddress", ""},
                                                                  {"signature", ""},
                                                                  {"isPrimary", true},
                                                                  {"isDefault", true}})})}}));
  if (name == "vacation") return ok(Json::object({{"enableAutoReply", false}, {"restrictToContacts", false}, {"restrictToDomain", false}}));
  if (name == "imap")
    return ok(Json::object({{"enabled", true}, {"autoExpunge", true}, {"expungeBehavior", "archive"}, {"maxFolderSize", 0}}));
  if (name == "pop") return ok(Json::object({{"accessWindow", "disabled"}, {"disposition", "leaveInInbox"}}));
  if (name == "language") return ok(Json::object({{"displayLanguage", "en"}}));
  return not_found();
}

http::Response GoogleApi::batch(const http::Request& request) {
  const std::string type(request.header("content-type"));
  // Reuse the MIME reader: a batch is a multipart/mixed entity.
  const auto entity = read_mime("Content-Type: " + type + "\r\n\r\n" + request.body);
  if (!entity.type.starts_with("multipart/") || entity.parts.empty())
    return error(400, "Failed to parse batch request", "badRequest", "INVALID_ARGUMENT");
  if (entity.parts.size() > 100) return error(400, "The batch request exceeds the limit of 100 calls.", "badRequest", "INVALID_ARGUMENT");
  const std::string boundary = "batch_" + to_base64url(sha256(request.body)).substr(0, 24);
  std::string out;
  for (const auto& part : entity.parts) {
    auto text = std::string_view(part.body);
    while (text.starts_with('\r') || text.starts_with('\n')) text.remove_prefix(1);
    const auto line = text.substr(0, text.find_first_of("\r\n"));
    const auto words = split(line, ' ');
    http::Response response = error(400, "Failed to parse batch request", "badRequest", "INVALID_ARGUMENT");
    if (words.size() >= 2) {
      auto inner = inner_request(words[0], words[1]);
      const auto end = text.find('\n');
      const auto headers = read_headers(end == std::string_view::npos ? std::string_view() : text.substr(end + 1));
      for (const auto& [name, value] : headers.headers) inner.headers.emplace_back(lower_case(name), value);
      if (inner.header("authorization").empty()) inner.headers.emplace_back("authorization", request.header("authorization"));
      std::string kind = "other";
      if (!inner.raw_path.starts_with("/batch")) {
        response = route(inner, kind);
        log_.count("google", kind, response.status);
      }
    }
    auto id = std::string(part.header("Content-ID"));
    if (id.starts_with('<')) id = "<response-" + id.substr(1);
    out += "--" + boundary + "\r\nContent-Type: application/http\r\n";
    if (!id.empty()) out += "Content-ID: " + id + "\r\n";
    out += "\r\nHTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason_phrase(response.status)) + "\r\n";
    for (const auto& [name, value] : response.headers) out += name + ": " + value + "\r\n";
    out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n\r\n" + response.body + "\r\n";
  }
  out += "--" + boundary + "--\r\n";
  return {.headers = {{"Content-Type", "multipart/mixed; boundary=" + boundary}}, .body = std::move(out)};
}

}  // namespace letterlock::sim
