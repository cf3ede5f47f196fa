// Graph's messages: lists, deltas, single messages and attachments.

#include <algorithm>

#include "base/encoding.h"
#include "sim/microsoft_api.h"
#include "sim/microsoft_reply.h"
#include "sim/mime_reader.h"
#include "sim/reply.h"

namespace letterlock::sim {

using namespace graph;

namespace {

// "receivedDateTime ge 2024-01-01T00:00:00Z" (ge or gt) as microseconds; nullopt: another filter.
std::optional<std::int64_t> read_received_filter(std::string_view filter) {
  const auto words = split(filter, ' ');
  if (words.size() != 3 || words[0] != "receivedDateTime" || (words[1] != "ge" && words[1] != "gt")) return std::nullopt;
  const auto time = from_rfc3339(words[2]);
  if (!time) return std::nullopt;
  return to_unix_micros(*time) + (words[1] == "gt" ? 1 : 0);
}

}  // namespace

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
http::Response MicrosoftApi::delta(const Call& call, const MicrosoftUser& user, const std::string& folder) {
  const auto& request = call.request;
  const auto preferences = read_preferences(request);
  const auto page_size = std::min({preferences.page_size.value_or(10), std::size_t{1000}, options_.page_size_max});
  if (request.query_value("$search"))
    return error(400, "ErrorInvalidUrlQuery",
                 "The following parameters are not supported with change tracking over the 'Messages' resource: '$search'.");
  if (request.query_value("$top"))
    return error(400, "ErrorInvalidUrlQuery",
                 "The following parameters are not supported with change tracking over the 'Messages' resource: '$top'.");
  const auto generation = state_.generation(user);
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
  const auto started = static_cast<std::uint64_t>(token.number("s", 0));
  const MessageJsonOptions options{.select = read_select(token.text("sel")),
                                   .immutable_ids = preferences.immutable_ids,
                                   .text_body = preferences.text_body,
                                   .expand_attachments = request.query_value("$expand").value_or("").starts_with("attachments")};
  const auto change_type = token.text("ct");
  Json value = Json::array();
  bool more = false;
  if (call.has(FaultEffect::empty_page)) {
    more = true;
  } else if (token.text("m") == "i") {
    const auto page = state_.list(user, folder, {.received_us = token.number("p", INT64_MAX), .id = token.text("i")}, page_size);
    more = page.more;
    for (const auto& message : page.messages) {
      if (to_unix_micros(message.received_at) < token.number("from", INT64_MIN)) {
        more = false;
        break;
      }
      // One of them comes in the next round only.
      if (call.has(FaultEffect::late) && &message == &page.messages.back())
        state_.hold_message(user, message.id);
      else
        value.push(graph_message(message, options));
    }
    if (call.has(FaultEffect::partial) && !page.messages.empty())
      value.push(graph_partial_message(page.messages.front(), preferences.immutable_ids));
    if (more) token.set("p", to_unix_micros(page.messages.back().received_at)).set("i", page.messages.back().id);
  } else {
    if (call.has(FaultEffect::late)) state_.hold(user, folder, started);
    const auto page = state_.changes(user, folder, started, page_size, call.has(FaultEffect::lost_return));
    more = page.more;
    for (const auto& change : page.changes) {
      const bool removed = change.kind == MicrosoftState::Change::Kind::removed;
      const bool partial = change.kind == MicrosoftState::Change::Kind::partial;
      if (!change_type.empty() && change_type != (removed ? "deleted" : partial ? "updated" : "created")) continue;
      if (!removed && to_unix_micros(change.message.received_at) < token.number("from", INT64_MIN)) continue;
      value.push(removed   ? graph_removed_message(change.message, preferences.immutable_ids)
                 : partial ? graph_partial_message(change.message, preferences.immutable_ids)
                           : graph_message(change.message, options));
      if (!removed && call.has(FaultEffect::partial)) value.push(graph_partial_message(change.message, preferences.immutable_ids));
    }
    token.set("s", page.upto);
  }
  if (call.has(FaultEffect::duplicates) && !value.items().empty()) value.push(Json(value.items().front()));
  Json body = Json::object({{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#Collection(message)"}});
  const auto link = own_root(request) + "/v1.0/users('" + user.id + "')/mailFolders('" + url_encode(folder) + "')/messages/delta?";
  if (more) {
    body.set("@odata.nextLink", link + "$skiptoken=" + to_base64url(token.dump()));
  } else {
    body.set("@odata.deltaLink", link + "$deltatoken=" + to_base64url(token.set("m", "c").set("p", Json()).set("i", Json()).dump()));
    state_.release(user, folder);  // what was held back has later numbers than this link
  }
  body.set("value", std::move(value));
  auto response = ok(body);
  note_preferences(preferences, response);
  return response;
}

http::Response MicrosoftApi::one_message(const http::Request& request, const MicrosoftUser& user, const Path& path) {
  // path: v1.0 users {id} messages {message} …
  const auto preferences = read_preferences(request);
  const auto& id = path[4];
  if (id.size() < 16 || !(id.starts_with("AAMk") || id.starts_with("AAkA") || id.starts_with("AQMk")))
    return error(400, "ErrorInvalidIdMalformed", "Id is malformed.");
  const auto message = state_.message(user, id);
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

}  // namespace letterlock::sim
