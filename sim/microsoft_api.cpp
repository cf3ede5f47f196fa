#include "sim/microsoft_api.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/id.h"
#include "sim/mime_reader.h"
#include "sim/reply.h"

namespace letterlock::sim {
namespace {

constexpr std::string_view json_type = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

http::Response ok(const Json& body) { return {.headers = {{"Content-Type", std::string(json_type)}}, .body = body.dump()}; }

http::Response error(int status, std::string_view code, std::string_view message) {
  const auto id = new_uuid();
  const auto date = to_rfc3339(std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())).substr(0, 19);
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}},
          .body = Json::object({{"error", Json::object({{"code", code},
                                                        {"message", message},
                                                        {"innerError",
                                                         Json::object({{"date", date}, {"request-id", id}, {"client-request-id", id}})}})}})
                      .dump()};
}

http::Response denied() { return error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."); }
http::Response item_not_found() { return error(404, "ErrorItemNotFound", "The specified object was not found in the store."); }

struct Preferences {
  bool immutable_ids = false;
  bool text_body = false;
  std::optional<std::size_t> page_size;
};

Preferences read_preferences(const http::Request& request) {
  Preferences preferences;
  for (const auto& [name, value] : request.headers) {
    if (name != "prefer") continue;
    const auto text = lower_case(value);
    preferences.immutable_ids = preferences.immutable_ids || text.find("idtype=\"immutableid\"") != std::string::npos;
    preferences.text_body = preferences.text_body || text.find("outlook.body-content-type=\"text\"") != std::string::npos;
    if (const auto at = text.find("odata.maxpagesize="); at != std::string::npos)
      preferences.page_size = static_cast<std::size_t>(std::max(1, std::atoi(text.c_str() + at + 18)));
  }
  return preferences;
}

void note_preferences(const Preferences& preferences, http::Response& response) {
  std::string applied;
  const auto add = [&](const std::string& text) { applied += (applied.empty() ? "" : ", ") + text; };
  if (preferences.immutable_ids) add("IdType=\"ImmutableId\"");
  if (preferences.page_size) add("odata.maxpagesize=" + std::to_string(*preferences.page_size));
  if (preferences.text_body) add("outlook.body-content-type=\"text\"");
  if (!applied.empty()) response.headers.emplace_back("Preference-Applied", applied);
}

// "receivedDateTime ge 2024-01-01T00:00:00Z" (ge or gt) as microseconds; nullopt: another filter.
std::optional<std::int64_t> read_received_filter(std::string_view filter) {
  const auto words = split(filter, ' ');
  if (words.size() != 3 || words[0] != "receivedDateTime" || (words[1] != "ge" && words[1] != "gt")) return std::nullopt;
  const auto time = from_rfc3339(words[2]);
  if (!time) return std::nullopt;
  return to_unix_micros(*time) + (words[1] == "gt" ? 1 : 0);
}

std::optional<Json> read_token(const std::string& text) {
  const auto bytes = from_base64(text);
  return bytes ? Json::parse(*bytes) : std::nullopt;
}

// mailFolders('x') and mailFolders/x are the same to Graph.
std::vector<std::string> read_path(const http::Request& request) {
  std::vector<std::string> path;
  for (const auto& piece : split(request.raw_path.empty() ? request.path : request.raw_path, '/')) {
    const auto text = url_decoded(piece, false);
    const auto open = text.find("('");
    if (open != std::string::npos && text.ends_with("')")) {
      path.push_back(text.substr(0, open));
      path.push_back(text.substr(open + 2, text.size() - open - 4));
    } else {
      path.push_back(text);
    }
  }
  return path;
}

}  // namespace

http::Response MicrosoftApi::handle(const http::Request& request) {
  std::string kind = "other";
  auto response = route(request, kind);
  log_.count("microsoft", kind, response.status);
  const auto client_id = request.header("client-request-id");
  const auto id = new_uuid();
  response.headers.emplace_back("request-id", id);
  response.headers.emplace_back("client-request-id", client_id.empty() ? id : std::string(client_id));
  response.headers.emplace_back(
      "x-ms-ags-diagnostic",
      R"({"ServerInfo":{"DataCenter":"West Europe","Slice":"E","Ring":"5","ScaleUnit":"003","RoleInstance":"AM1PEPF00027F01"}})");
  return response;
}

http::Response MicrosoftApi::route(const http::Request& request, std::string& kind) {
  const auto path = read_path(request);
  if (path.size() == 4 && path[1] == "oauth2" && path[2] == "v2.0" && path[3] == "token") {
    kind = "token";
    return request.method == "POST" ? auth_.token(request, path[0]) : error(405, "MethodNotAllowed", "Use POST.");
  }
  if (path.size() == 4 && path[1] == "v2.0" && path[2] == ".well-known" && path[3] == "openid-configuration") {
    kind = "openid-configuration";
    return auth_.openid_configuration(request, path[0]);
  }
  if (path.empty() || path[0] != "v1.0") return error(404, "ResourceNotFound", "Resource not found for the segment.");
  if (!auth_.check(request.header("authorization"))) {
    auto response = error(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.");
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"\", error=\"invalid_token\"");
    return response;
  }
  return graph(request, path, kind);
}

http::Response MicrosoftApi::graph(const http::Request& request, const Path& path, std::string& kind) {
  if (path.size() == 2 && path[1] == "$batch" && request.method == "POST") {
    kind = "batch";
    return batch(request);
  }
  if (request.method != "GET") return error(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.");
  const auto roles = *auth_.check(request.header("authorization"));
  if (path.size() < 2 || path[1] != "users")
    return error(400, "BadRequest", "Resource not found for the segment '" + (path.size() > 1 ? path[1] : std::string()) + "'.");
  if (path.size() <= 3) {
    kind = path.size() == 2 ? "users" : "users.get";
    if (!roles.contains("User.Read.All") && !roles.contains("Directory.Read.All"))
      return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    if (path.size() == 2) return users(request);
    const auto* user = state_.user(path[2]);
    if (!user)
      return error(
          404, "Request_ResourceNotFound",
          "Resource '" + valid_utf8(path[2]) + "' does not exist or one of its queried reference-property objects are not present.");
    auto body = graph_user(*user, state_.company(), read_select(request.query_value("$select").value_or("")));
    Json with_context = Json::object({{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#users/$entity"}});
    for (const auto& [key, value] : body.members()) with_context.set(key, value);
    return ok(with_context);
  }
  const auto* user = state_.user(path[2]);
  if (!user) return error(404, "ErrorInvalidUser", "The requested user '" + valid_utf8(path[2]) + "' is invalid.");
  const bool settings = path[3] == "mailboxSettings" || path.back() == "messageRules";
  if (settings && !roles.contains("MailboxSettings.Read")) return denied();
  if (!settings && !roles.contains("Mail.Read")) return denied();
  return mail(request, *user, path, kind);
}

http::Response MicrosoftApi::users(const http::Request& request) {
  std::size_t top = 100;
  if (const auto text = request.query_value("$top")) {
    const auto value = std::atoi(text->c_str());
    if (value < 1 || value > 999)
      return error(400, "Request_BadRequest", "Invalid page size specified: '" + *text + "'. Must be between 1 and 999 inclusive.");
    top = static_cast<std::size_t>(value);
  }
  auto select_text = request.query_value("$select").value_or("");
  std::size_t begin = 0;
  if (const auto token = request.query_value("$skiptoken")) {
    const auto state = read_token(*token);
    if (!state || !state->find("n")) return error(400, "Request_BadRequest", "Invalid skip token.");
    begin = static_cast<std::size_t>(state->number("n", 0));
  }
  const auto select = read_select(select_text);
  if (select.contains("mailboxSettings")) return error(501, "NotImplemented", "mailboxSettings can be read for a single user only.");
  if (select.contains("signInActivity"))
    return error(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                 "Neither tenant is B2C or tenant doesn't have premium license");
  const auto end = std::min(state_.users().size(), begin + std::min(top, options_.page_size_max));
  Json value = Json::array();
  for (std::size_t i = begin; i < end; ++i) value.push(graph_user(state_.users()[i], state_.company(), select));
  Json body = Json::object({{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#users"}});
  if (end < state_.users().size())
    body.set("@odata.nextLink", own_root(request) + "/v1.0/users?" +
                                    (select_text.empty() ? "" : "$select=" + url_encode(select_text) + "&") +
                                    "$top=" + std::to_string(top) + "&$skiptoken=" + to_base64url(Json::object({{"n", end}}).dump()));
  body.set("value", std::move(value));
  return ok(body);
}

http::Response MicrosoftApi::mail(const http::Request& request, const MicrosoftUser& user, const Path& path, std::string& kind) {
  // path: v1.0 users {id} …
  if (path[3] == "mailboxSettings") {
    kind = "mailboxSettings";
    return mailbox_settings(user);
  }
  if (path[3] == "messages") {
    kind = "messages";
    return path.size() == 4 ? messages(request, user, "") : one_message(request, user, path, kind);
  }
  if (path[3] != "mailFolders") return error(400, "BadRequest", "Resource not found for the segment '" + valid_utf8(path[3]) + "'.");
  if (path.size() == 4) {
    kind = "mailFolders";
    return folders(request, user, "");
  }
  const auto folder = state_.folder(user, path[4]);
  if (path.size() == 5) {
    kind = "mailFolders.get";
    return folder ? ok(graph_folder(*folder)) : item_not_found();
  }
  if (path[5] == "childFolders" && path.size() == 6) {
    kind = "mailFolders.childFolders";
    return folder ? folders(request, user, folder->id) : item_not_found();
  }
  if (path[5] == "messageRules" && path.size() == 6) {
    kind = "messageRules";
    if (!folder) return item_not_found();
    return ok(Json::object(
        {{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#users('" + user.id + "')/mailFolders('inbox')/messageRules"},
         {"value", Json::array()}}));
  }
  if (path[5] == "messages") {
    if (path.size() == 7 && (path[6] == "delta" || path[6] == "delta()" || path[6] == "microsoft.graph.delta()")) {
      kind = "messages.delta";
      if (!folder) return error(404, "ErrorSyncFolderNotFound", "The folder to be synchronized was not found.");
      return delta(request, user, folder->id);
    }
    if (!folder) return item_not_found();
    if (path.size() == 6) {
      kind = "messages";
      return messages(request, user, folder->id);
    }
    Path inner = {path[0], path[1], path[2]};
    inner.insert(inner.end(), path.begin() + 5, path.end());
    return one_message(request, user, inner, kind);
  }
  return error(400, "BadRequest", "Resource not found for the segment '" + valid_utf8(path[5]) + "'.");
}

http::Response MicrosoftApi::folders(const http::Request& request, const MicrosoftUser& user, const std::string& parent) {
  const bool hidden = lower_case(request.query_value("includeHiddenFolders").value_or("")) == "true";
  const auto all = state_.folders(user, parent, hidden);
  const auto top = std::clamp<std::size_t>(
      static_cast<std::size_t>(std::max(1, std::atoi(request.query_value("$top").value_or("10").c_str()))), 1, 1000);
  const auto begin = static_cast<std::size_t>(std::max(0, std::atoi(request.query_value("$skip").value_or("0").c_str())));
  const auto end = std::min(all.size(), begin + std::min(top, options_.page_size_max));
  Json value = Json::array();
  for (std::size_t i = begin; i < end; ++i) value.push(graph_folder(all[i]));
  const auto place = "users('" + user.id + "')/mailFolders";
  Json body = Json::object({{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#" + place}});
  body.set("value", std::move(value));
  if (end < all.size())
    body.set("@odata.nextLink", own_root(request) + "/v1.0/users/" + user.id + "/mailFolders" +
                                    (parent.empty() ? "" : "/" + url_encode(parent) + "/childFolders") + "?" +
                                    (hidden ? "includeHiddenFolders=true&" : "") + "$top=" + std::to_string(top) +
                                    "&$skip=" + std::to_string(end));
  return ok(body);
}

http::Response MicrosoftApi::messages(const http::Request& request, const MicrosoftUser& user, const std::string& folder_id) {
  const auto preferences = read_preferences(request);
  const auto top_text = request.query_value("$top").value_or(preferences.page_size ? std::to_string(*preferences.page_size) : "10");
  const auto top = std::atoi(top_text.c_str());
  if (top < 1 || top > 1000) return error(400, "ErrorInvalidUrlQuery", "The value of $top must be between 1 and 1000.");
  MicrosoftState::Position after;
  if (const auto token = request.query_value("$skiptoken")) {
    const auto state = read_token(*token);
    if (!state) return error(400, "ErrorInvalidUrlQuery", "Invalid skip token.");
    after = {.received_us = state->number("p", INT64_MAX), .id = state->text("i")};
  }
  std::optional<std::int64_t> received_from;
  const auto filter = request.query_value("$filter");
  if (filter) {
    received_from = read_received_filter(*filter);
    if (!received_from) return error(400, "InefficientFilter", "The restriction or sort order is too complex for this operation.");
  }
  const auto page = state_.list(user, folder_id, after, std::min(static_cast<std::size_t>(top), options_.page_size_max));
  const auto select_text = request.query_value("$select").value_or("");
  const MessageJsonOptions options{.select = read_select(select_text),
                                   .immutable_ids = preferences.immutable_ids,
                                   .text_body = preferences.text_body,
                                   .expand_attachments = request.query_value("$expand").value_or("").starts_with("attachments")};
  Json value = Json::array();
  bool more = page.more;
  for (const auto& message : page.messages) {
    if (received_from && to_unix_micros(message.received_at) < *received_from) {
      more = false;
      break;
    }
    value.push(graph_message(message, options));
  }
  Json body = Json::object({{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#users('" + user.id + "')/messages"}});
  body.set("value", std::move(value));
  if (more) {
    const auto& last = page.messages.back();
    body.set("@odata.nextLink",
             own_root(request) + "/v1.0/users/" + user.id + (folder_id.empty() ? "" : "/mailFolders/" + url_encode(folder_id)) +
                 "/messages?$top=" + std::to_string(top) + (select_text.empty() ? "" : "&$select=" + url_encode(select_text)) +
                 (filter ? "&$filter=" + url_encode(*filter) : "") +
                 "&$skiptoken=" + to_base64url(Json::object({{"p", to_unix_micros(last.received_at)}, {"i", last.id}}).dump()));
  }
  auto response = ok(body);
  note_preferences(preferences, response);
  return response;
}

// A round: the first one lists the folder newest first (mode "i"), later ones list changes (mode "c"). Tokens carry
// everything but the Prefer header, as Graph's do: $select, filter, position, and the sync state's generation.
http::Response MicrosoftApi::delta(const http::Request& request, const MicrosoftUser& user, const std::string& folder) {
  const auto preferences = read_preferences(request);
  const auto page_size = std::min({preferences.page_size.value_or(10), std::size_t{1000}, options_.page_size_max});
  if (request.query_value("$search"))
    return error(400, "ErrorInvalidUrlQuery",
                 "The following parameters are not supported with change tracking over the 'Messages' resource: '$search'.");
  if (request.query_value("$top"))
    return error(400, "ErrorInvalidUrlQuery",
                 "The following parameters are not supported with change tracking over the 'Messages' resource: '$top'.");
  const auto generation = state_.generation();
  Json token = Json::object({{"g", generation},
                             {"u", user.id},
                             {"f", folder},
                             {"m", "i"},
                             {"s", state_.change_sequence(user)},
                             {"sel", request.query_value("$select").value_or("")},
                             {"ct", request.query_value("changeType").value_or("")}});
  if (const auto filter = request.query_value("$filter")) {
    const auto from = read_received_filter(*filter);
    if (!from) return error(400, "ErrorInvalidUrlQuery", "The filter is not supported with change tracking over the 'Messages' resource.");
    token.set("from", *from);
  }
  const auto skip = request.query_value("$skiptoken");
  const auto since = request.query_value("$deltatoken");
  if (skip || since) {
    const auto sent = read_token(skip ? *skip : *since);
    if (!sent || sent->text("u") != user.id || sent->text("f") != folder) return error(400, "ErrorInvalidUrlQuery", "Badly formed token.");
    if (sent->number("g", 0) != static_cast<std::int64_t>(generation)) {
      const auto newest = std::to_string(generation);
      return error(410, "SyncStateNotFound",
                   "The sync state generation is not found; generation=" + std::to_string(sent->number("g", 0)) + ";[highest=" + newest +
                       "][" + newest + "].");
    }
    token = *sent;
    if (since) token.set("m", "c");
  }
  const MessageJsonOptions options{.select = read_select(token.text("sel")),
                                   .immutable_ids = preferences.immutable_ids,
                                   .text_body = preferences.text_body,
                                   .expand_attachments = request.query_value("$expand").value_or("").starts_with("attachments")};
  const auto change_type = token.text("ct");
  Json value = Json::array();
  bool more = false;
  if (token.text("m") == "i") {
    const auto page = state_.list(user, folder, {.received_us = token.number("p", INT64_MAX), .id = token.text("i")}, page_size);
    more = page.more;
    for (const auto& message : page.messages) {
      if (to_unix_micros(message.received_at) < token.number("from", INT64_MIN)) {
        more = false;
        break;
      }
      value.push(graph_message(message, options));
    }
    if (more) token.set("p", to_unix_micros(page.messages.back().received_at)).set("i", page.messages.back().id);
  } else {
    const auto page = state_.changes(user, folder, static_cast<std::uint64_t>(token.number("s", 0)), page_size);
    more = page.more;
    for (const auto& change : page.changes) {
      const bool removed = change.kind == MicrosoftState::Change::Kind::removed;
      const bool partial = change.kind == MicrosoftState::Change::Kind::partial;
      if (!change_type.empty() && change_type != (removed ? "deleted" : partial ? "updated" : "created")) continue;
      if (!removed && to_unix_micros(change.message.received_at) < token.number("from", INT64_MIN)) continue;
      value.push(removed   ? graph_removed_message(change.message, preferences.immutable_ids)
                 : partial ? graph_partial_message(change.message, preferences.immutable_ids)
                           : graph_message(change.message, options));
    }
    token.set("s", page.upto);
  }
  Json body = Json::object({{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#Collection(message)"}});
  const auto link = own_root(request) + "/v1.0/users('" + user.id + "')/mailFolders('" + url_encode(folder) + "')/messages/delta?";
  if (more)
    body.set("@odata.nextLink", link + "$skiptoken=" + to_base64url(token.dump()));
  else
    body.set("@odata.deltaLink", link + "$deltatoken=" + to_base64url(token.set("m", "c").set("p", Json()).set("i", Json()).dump()));
  body.set("value", std::move(value));
  auto response = ok(body);
  note_preferences(preferences, response);
  return response;
}

http::Response MicrosoftApi::one_message(const http::Request& request, const MicrosoftUser& user, const Path& path, std::string& kind) {
  // path: v1.0 users {id} messages {message} …
  const auto preferences = read_preferences(request);
  kind = "messages.get";
  const auto& id = path[4];
  if (id.size() < 16 || !(id.starts_with("AAMk") || id.starts_with("AAkA") || id.starts_with("AQMk")))
    return error(400, "ErrorInvalidIdMalformed", "Id is malformed.");
  const auto message = state_.message(user, id);
  if (path.size() > 5) kind = path[5] == "$value" ? "messages.value" : "messages." + path[5];
  if (!message) return item_not_found();
  const auto select = read_select(request.query_value("$select").value_or(""));
  if (path.size() == 5) {
    const auto json =
        graph_message(*message, {.select = select,
                                 .immutable_ids = preferences.immutable_ids,
                                 .text_body = preferences.text_body,
                                 .expand_attachments = request.query_value("$expand").value_or("").starts_with("attachments")});
    Json body = Json::object({{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#users('" + user.id + "')/messages/$entity"}});
    for (const auto& [key, value] : json.members())
      if (key != "@odata.type") body.set(key, value);
    auto response = ok(body);
    note_preferences(preferences, response);
    return response;
  }
  if (path[5] == "$value") return {.headers = {{"Content-Type", "text/plain"}}, .body = message->raw->read()};
  if (path[5] == "attachments") {
    const bool with_content = select.empty() || select.contains("contentBytes");
    const auto all = graph_attachments(*message, path.size() == 6 ? select : Select(), path.size() > 6 || with_content);
    if (path.size() == 6)
      return ok(Json::object({{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#users('" + user.id + "')/messages('" +
                                                     url_encode(id) + "')/attachments"},
                              {"value", all}}));
    for (const auto& attachment : all.items())
      if (attachment.text("id") == path[6]) {
        if (path.size() == 7) return ok(attachment);
        if (path[7] == "$value")
          return {.headers = {{"Content-Type", "application/octet-stream"}},
                  .body = from_base64(attachment.text("contentBytes")).value_or("")};
      }
    return item_not_found();
  }
  return error(400, "BadRequest", "Resource not found for the segment '" + valid_utf8(path[5]) + "'.");
}

http::Response MicrosoftApi::mailbox_settings(const MicrosoftUser& user) const {
  const auto archive = state_.folder(user, "archive");
  return ok(Json::object(
      {{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#users('" + user.id + "')/mailboxSettings"},
       {"archiveFolder", archive ? Json(archive->id) : Json()},
       {"timeZone", "W. Europe Standard Time"},
       {"delegateMeetingMessageDeliveryOptions", "sendToDelegateOnly"},
       {"dateFormat", "dd/MM/yyyy"},
       {"timeFormat", "HH:mm"},
       {"userPurpose", "user"},
       {"automaticRepliesSetting",
        Json::object({{"status", "disabled"}, {"externalAudience", "none"}, {"internalReplyMessage", ""}, {"externalReplyMessage", ""}})},
       {"language", Json::object({{"locale", "en-GB"}, {"displayName", "English (United Kingdom)"}})}}));
}

http::Response MicrosoftApi::batch(const http::Request& request) {
  const auto body = Json::parse(request.body);
  const auto* requests = body ? body->find("requests") : nullptr;
  if (!requests || requests->items().empty()) return error(400, "BadRequest", "Invalid batch payload format.");
  if (requests->items().size() > 20)
    return error(400, "MaximumValueExceeded", "Number of batch request steps exceeds the maximum value of 20.");
  std::map<std::string, int> status_of;
  Json responses = Json::array();
  for (const auto& item : requests->items()) {
    const auto id = item.text("id");
    if (id.empty() || status_of.contains(id)) return error(400, "BadRequest", "Request Id must be unique and not empty.");
    http::Response response;
    bool failed = false;
    if (const auto* needed = item.find("dependsOn"))
      for (const auto& other : needed->items()) failed = failed || !status_of.contains(other.string()) || status_of[other.string()] >= 400;
    if (failed) {
      response = error(424, "FailedDependency", "A dependency of this request failed.");
    } else {
      auto url = item.text("url");
      if (!url.starts_with('/')) url = "/" + url;
      auto inner = inner_request(item.text("method"), "/v1.0" + url);
      if (const auto* headers = item.find("headers"))
        for (const auto& [name, value] : headers->members()) inner.headers.emplace_back(lower_case(name), value.string());
      inner.headers.emplace_back("authorization", request.header("authorization"));
      inner.headers.emplace_back("host", request.header("host"));
      inner.local_port = request.local_port;
      std::string kind = "other";
      const auto path = read_path(inner);
      response =
          path.size() > 1 && path[1] == "$batch" ? error(400, "BadRequest", "A batch cannot hold a batch.") : graph(inner, path, kind);
      log_.count("microsoft", kind, response.status);
    }
    status_of[id] = response.status;
    Json headers = Json::object();
    for (const auto& [name, value] : response.headers) headers.set(name, value);
    const auto parsed = Json::parse(response.body);
    const bool is_json = parsed && headers.text("Content-Type").starts_with("application/json");
    responses.push(Json::object({{"id", id},
                                 {"status", response.status},
                                 {"headers", std::move(headers)},
                                 {"body", is_json ? *parsed : Json(to_base64(response.body))}}));
  }
  return ok(Json::object({{"responses", std::move(responses)}}));
}

}  // namespace letterlock::sim
