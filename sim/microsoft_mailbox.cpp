// Graph's mailFolders, messageRules and mailboxSettings.

#include <algorithm>

#include "base/encoding.h"
#include "sim/microsoft_api.h"
#include "sim/microsoft_reply.h"
#include "sim/mime_reader.h"
#include "sim/reply.h"
#include "sim/settings_json.h"

namespace letterlock::sim {

using namespace graph;

http::Response MicrosoftApi::mail(const Call& call, const MicrosoftUser& user) {
  const auto& request = call.request;
  const auto& path = call.path;  // v1.0 users {id} …
  const auto& kind = call.kind;
  if (kind == "mailboxSettings") return mailbox_settings(user);
  if (path[3] == "messages") return path.size() == 4 ? messages(request, user, "") : one_message(request, user, path);
  if (path[3] != "mailFolders") return error(400, "BadRequest", "Resource not found for the segment '" + valid_utf8(path[3]) + "'.");
  if (kind == "mailFolders") return folders(request, user, "");
  const auto folder = state_.folder(user, path[4]);
  if (kind == "messages.delta" && !folder) return error(404, "ErrorSyncFolderNotFound", "The folder to be synchronized was not found.");
  if (!folder) return item_not_found();
  if (kind == "mailFolders.get") return ok(graph_folder(*folder));
  if (kind == "mailFolders.childFolders" && path.size() == 6) return folders(request, user, folder->id);
  if (path[5] == "messageRules" && path.size() <= 7) {
    if (folder->well_known != "inbox") return item_not_found();  // rules live in the inbox alone
    return message_rules(request, user, path.size() == 7 ? path[6] : "");
  }
  if (kind == "messages.delta") return delta(call, user, folder->id);
  if (path[5] != "messages") return error(400, "BadRequest", "Resource not found for the segment '" + valid_utf8(path[5]) + "'.");
  if (path.size() == 6) return messages(request, user, folder->id);
  Path inner = {path[0], path[1], path[2]};
  inner.insert(inner.end(), path.begin() + 5, path.end());
  return one_message(request, user, inner);
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

http::Response MicrosoftApi::message_rules(const http::Request& request, const MicrosoftUser& user, const std::string& rule_id) const {
  const auto held = state_.settings(user, now());
  const auto ids = rule_ids(ProviderKind::microsoft, user.person.address, held.rules);
  const auto context = "https://graph.microsoft.com/v1.0/$metadata#users('" + user.id + "')/mailFolders('inbox')/messageRules";
  Json rules = Json::array();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto rule =
        graph_message_rule(held.rules[i], ids[i], i + 1, [&](const std::string& name) { return state_.rule_folder_id(user, name); });
    if (ids[i] == rule_id) {
      Json body = Json::object({{"@odata.context", context + "/$entity"}});
      for (const auto& [key, value] : rule.members()) body.set(key, value);
      return ok(body);
    }
    rules.push(std::move(rule));
  }
  if (!rule_id.empty()) return item_not_found();
  const auto begin =
      std::min(rules.items().size(), static_cast<std::size_t>(std::max(0, std::atoi(request.query_value("$skip").value_or("0").c_str()))));
  const auto end = std::min(rules.items().size(), begin + options_.page_size_max);
  Json value = Json::array();
  for (auto i = begin; i < end; ++i) value.push(rules.items()[i]);
  Json body = Json::object({{"@odata.context", context}, {"value", std::move(value)}});
  if (end < rules.items().size())
    body.set("@odata.nextLink",
             own_root(request) + "/v1.0/users/" + user.id + "/mailFolders/inbox/messageRules?$skip=" + std::to_string(end));
  return ok(body);
}

http::Response MicrosoftApi::mailbox_settings(const MicrosoftUser& user) const {
  const auto archive = state_.folder(user, "archive");
  const auto reply = state_.settings(user, now()).automatic_reply;
  return ok(Json::object({{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#users('" + user.id + "')/mailboxSettings"},
                          {"archiveFolder", archive ? Json(archive->id) : Json()},
                          {"timeZone", "W. Europe Standard Time"},
                          {"delegateMeetingMessageDeliveryOptions", "sendToDelegateOnly"},
                          {"dateFormat", "dd/MM/yyyy"},
                          {"timeFormat", "HH:mm"},
                          {"userPurpose", "user"},
                          {"automaticRepliesSetting", Json::object({{"status", reply ? "alwaysEnabled" : "disabled"},
                                                                    {"externalAudience", reply ? "all" : "none"},
                                                                    {"internalReplyMessage", reply.value_or("")},
                                                                    {"externalReplyMessage", reply.value_or("")}})},
                          {"language", Json::object({{"locale", "en-GB"}, {"displayName", "English (United Kingdom)"}})}}));
}

}  // namespace letterlock::sim
