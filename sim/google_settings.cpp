// Gmail's labels and mailbox settings.

#include "sim/google_api.h"
#include "sim/google_reply.h"
#include "sim/mime_reader.h"
#include "sim/settings_json.h"

namespace letterlock::sim {

using namespace google;

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
  for (const auto& name : state_.filter_labels(user, now()))
    if (const auto id = gmail_label_id(name); id != "Label_1")
      all.push(Json::object(
          {{"id", id}, {"name", name}, {"messageListVisibility", "show"}, {"labelListVisibility", "labelShow"}, {"type", "user"}}));
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

http::Response GoogleApi::settings(const GoogleUser& user, const std::vector<std::string>& path) {
  const auto& name = path[1];
  const auto held = state_.settings(user, now());
  // A list, whose key is absent when it is empty, or the one item that the path names.
  const auto listed = [&](const char* key, const char* id_field, const Json& items) {
    if (path.size() == 2) return ok(items.items().empty() ? Json::object() : Json::object({{key, items}}));
    for (const auto& item : items.items())
      if (path.size() == 3 && equal_ignoring_case(item.text(id_field), path[2])) return ok(item);
    return not_found();
  };
  const auto verified = [](const char* key, const std::vector<std::string>& addresses) {
    Json items = Json::array();
    for (const auto& address : addresses) items.push(Json::object({{key, address}, {"verificationStatus", "accepted"}}));
    return items;
  };
  if (name == "autoForwarding") {
    if (!held.auto_forward_to) return ok(Json::object({{"enabled", false}}));
    return ok(Json::object({{"enabled", true}, {"emailAddress", *held.auto_forward_to}, {"disposition", "leaveInInbox"}}));
  }
  if (name == "filters") {
    const auto ids = rule_ids(ProviderKind::google, user.person.address, held.rules);
    Json items = Json::array();
    for (std::size_t i = 0; i < ids.size(); ++i) items.push(gmail_filter(held.rules[i], ids[i]));
    return listed("filter", "id", items);
  }
  if (name == "forwardingAddresses")
    return listed("forwardingAddresses", "forwardingEmail", verified("forwardingEmail", held.forwarding_addresses));
  if (name == "delegates") return listed("delegates", "delegateEmail", verified("delegateEmail", held.delegates));
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

}  // namespace letterlock::sim
