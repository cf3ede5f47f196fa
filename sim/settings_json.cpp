#include "sim/settings_json.h"

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "sim/mime_reader.h"
#include "sim/random.h"

namespace letterlock::sim {
namespace {

Json strings(const std::vector<std::string>& texts) {
  Json array = Json::array();
  for (const auto& text : texts) array.push(text);
  return array;
}

// "invoice OR \"bank details\"", as Gmail's settings page writes several words.
std::string gmail_terms(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += " OR ";
    text += word.find(' ') == std::string::npos ? word : "\"" + word + "\"";
  }
  return text;
}

Json recipient(const std::string& address) {
  return Json::object({{"emailAddress", Json::object({{"name", address}, {"address", address}})}});
}

// Where a Gmail filter puts a message: a system label, "archive" (out of the inbox), or a user's label.
std::string gmail_place(const MailRule& rule) {
  const auto place = lower_case(rule.move_to.value_or(""));
  if (rule.deletes || place == "deleteditems" || place == "trash") return "trash";
  if (place == "junkemail" || place == "spam") return "spam";
  return place;
}

// The well-known or display name of the folder, lower-cased. Graph has no well-known name for RSS Feeds.
std::string graph_place(const MailRule& rule) {
  const auto place = lower_case(rule.move_to.value_or(""));
  return place == "rssfeeds" ? "rss feeds" : place;
}

std::vector<std::string> lowered(std::vector<std::string> texts) {
  for (auto& text : texts) text = lower_case(text);
  std::ranges::sort(texts);
  texts.erase(std::ranges::unique(texts).begin(), texts.end());
  return texts;
}

Json row(std::string_view kind, std::string_view id, std::vector<std::string> forward_to) {
  return Json::object({{"kind", kind},
                       {"setting_id", id},
                       {"name", ""},
                       {"is_enabled", true},
                       {"forward_to", strings(lowered(std::move(forward_to)))},
                       {"move_to", ""},
                       {"deletes", false},
                       {"marks_read", false},
                       {"words", Json::array()},
                       {"senders", Json::array()}});
}

struct Reader {
  std::string error;

  void fail_at(std::string_view field, std::string_view wanted) {
    if (error.empty()) error = "settings: " + std::string(field) + " must be " + std::string(wanted);
  }
  std::vector<std::string> texts(std::string_view field, const Json& json) {
    std::vector<std::string> all;
    for (const auto& item : json.items()) {
      if (!item.is_string()) fail_at(field, "a list of strings");
      all.push_back(item.string());
    }
    return all;
  }
  std::optional<std::string> text(std::string_view field, const Json& json) {
    if (json.is_null()) return std::nullopt;
    if (!json.is_string()) fail_at(field, "a string");
    return json.string();
  }
  MailRule rule(const Json& json) {
    MailRule rule;
    for (const auto& [key, value] : json.members()) {
      if (key == "id")
        rule.id = text(key, value).value_or("");
      else if (key == "name")
        rule.name = text(key, value).value_or("");
      else if (key == "enabled")
        rule.enabled = value.truthy();
      else if (key == "from_contains")
        rule.from_contains = texts(key, value);
      else if (key == "subject_contains")
        rule.subject_contains = texts(key, value);
      else if (key == "body_contains")
        rule.body_contains = texts(key, value);
      else if (key == "forward_to")
        rule.forward_to = text(key, value);
      else if (key == "move_to")
        rule.move_to = text(key, value);
      else if (key == "deletes")
        rule.deletes = value.truthy();
      else if (key == "marks_read")
        rule.marks_read = value.truthy();
      else if (key == "stops")
        rule.stops = value.truthy();
      else
        fail_at("rules[]." + key, "left out: no such field");
    }
    return rule;
  }
};

}  // namespace

std::vector<std::string> rule_ids(ProviderKind provider, std::string_view address, const std::vector<MailRule>& rules) {
  std::vector<std::string> ids;
  std::map<std::string, int> seen;
  for (const auto& rule : rules) {
    if (!rule.id.empty()) {
      ids.push_back(rule.id);
      continue;
    }
    auto text = lower_case(address) + "\n" + rule.name;
    if (provider == ProviderKind::google) text += "\n" + settings_json({.rules = {rule}}).dump();
    text += "\n" + std::to_string(seen[text]++);
    const auto digest = sha256(text);
    ids.push_back(provider == ProviderKind::google ? "ANe1Bmh" + to_base64url(digest).substr(0, 29)
                                                   : "AQAA" + to_base64url(digest).substr(0, 7) + "=");
  }
  return ids;
}

std::string gmail_label_id(std::string_view name) {
  return equal_ignoring_case(name, "Projects/Vendors") ? "Label_1"
                                                       : "Label_" + std::to_string(100 + hashed(lower_case(name)) % 1'000'000'000'000);
}

bool is_gmail_label(const MailRule& rule) {
  const auto place = gmail_place(rule);
  return !place.empty() && place != "trash" && place != "spam" && place != "archive";
}

Json gmail_filter(const MailRule& rule, std::string_view id) {
  Json criteria = Json::object();
  if (!rule.from_contains.empty()) criteria.set("from", gmail_terms(rule.from_contains));
  if (!rule.subject_contains.empty()) criteria.set("subject", gmail_terms(rule.subject_contains));
  if (!rule.body_contains.empty()) criteria.set("query", gmail_terms(rule.body_contains));
  Json add = Json::array(), remove = Json::array();
  const auto place = gmail_place(rule);
  if (place == "trash") add.push("TRASH");
  if (place == "spam") add.push("SPAM");
  if (is_gmail_label(rule)) add.push(gmail_label_id(*rule.move_to));
  if (place == "archive" || is_gmail_label(rule)) remove.push("INBOX");
  if (rule.marks_read) remove.push("UNREAD");
  Json action = Json::object();
  if (!add.items().empty()) action.set("addLabelIds", std::move(add));
  if (!remove.items().empty()) action.set("removeLabelIds", std::move(remove));
  if (rule.forward_to) action.set("forward", *rule.forward_to);
  return Json::object({{"id", id}, {"criteria", std::move(criteria)}, {"action", std::move(action)}});
}

Json graph_message_rule(const MailRule& rule, std::string_view id, std::size_t sequence,
                        const std::function<std::string(const std::string&)>& folder_id) {
  Json conditions = Json::object();
  if (!rule.from_contains.empty()) conditions.set("senderContains", strings(rule.from_contains));
  if (!rule.subject_contains.empty()) conditions.set("subjectContains", strings(rule.subject_contains));
  if (!rule.body_contains.empty()) conditions.set("bodyContains", strings(rule.body_contains));
  Json actions = Json::object();
  if (rule.move_to) actions.set("moveToFolder", folder_id(*rule.move_to));
  if (rule.deletes) actions.set("delete", true);
  if (rule.marks_read) actions.set("markAsRead", true);
  if (rule.forward_to) actions.set("forwardTo", Json::array({recipient(*rule.forward_to)}));
  actions.set("stopProcessingRules", rule.stops);
  Json json = Json::object({{"id", id},
                            {"displayName", rule.name},
                            {"sequence", sequence},
                            {"isEnabled", rule.enabled},
                            {"hasError", false},
                            {"isReadOnly", false}});
  if (!conditions.members().empty()) json.set("conditions", std::move(conditions));
  json.set("actions", std::move(actions));
  return json;
}

Json settings_json(const MailboxSettings& settings) {
  const auto optional = [](const std::optional<std::string>& text) { return text ? Json(*text) : Json(); };
  Json rules = Json::array();
  for (const auto& rule : settings.rules)
    rules.push(Json::object({{"id", rule.id},
                             {"name", rule.name},
                             {"enabled", rule.enabled},
                             {"from_contains", strings(rule.from_contains)},
                             {"subject_contains", strings(rule.subject_contains)},
                             {"body_contains", strings(rule.body_contains)},
                             {"forward_to", optional(rule.forward_to)},
                             {"move_to", optional(rule.move_to)},
                             {"deletes", rule.deletes},
                             {"marks_read", rule.marks_read},
                             {"stops", rule.stops}}));
  return Json::object({{"rules", std::move(rules)},
                       {"auto_forward_to", optional(settings.auto_forward_to)},
                       {"forwarding_addresses", strings(settings.forwarding_addresses)},
                       {"delegates", strings(settings.delegates)},
                       {"automatic_reply", optional(settings.automatic_reply)}});
}

Result<MailboxSettings> read_settings(const Json& json) {
  MailboxSettings settings;
  Reader reader;
  for (const auto& [key, value] : json.members()) {
    if (key == "rules")
      for (const auto& rule : value.items()) settings.rules.push_back(reader.rule(rule));
    else if (key == "auto_forward_to")
      settings.auto_forward_to = reader.text(key, value);
    else if (key == "forwarding_addresses")
      settings.forwarding_addresses = reader.texts(key, value);
    else if (key == "delegates")
      settings.delegates = reader.texts(key, value);
    else if (key == "automatic_reply")
      settings.automatic_reply = reader.text(key, value);
    else
      reader.fail_at(key, "left out: no such field");
  }
  if (!reader.error.empty()) return fail(ErrorKind::invalid, reader.error);
  return settings;
}

Json settings_rows(ProviderKind provider, std::string_view address, const MailboxSettings& settings) {
  std::vector<Json> rows;
  const auto ids = rule_ids(provider, address, settings.rules);
  for (std::size_t i = 0; i < settings.rules.size(); ++i) {
    const auto& rule = settings.rules[i];
    Json json = row("rule", ids[i], rule.forward_to ? std::vector{*rule.forward_to} : std::vector<std::string>());
    auto words = rule.subject_contains;
    words.insert(words.end(), rule.body_contains.begin(), rule.body_contains.end());
    const bool google = provider == ProviderKind::google;
    json.set("name", google ? "" : rule.name).set("is_enabled", google || rule.enabled);
    json.set("move_to", google ? gmail_place(rule) : graph_place(rule));
    json.set("deletes", google ? gmail_place(rule) == "trash" : rule.deletes).set("marks_read", rule.marks_read);
    json.set("words", strings(lowered(std::move(words)))).set("senders", strings(lowered(rule.from_contains)));
    rows.push_back(std::move(json));
  }
  if (provider == ProviderKind::google) {
    if (settings.auto_forward_to) rows.push_back(row("auto_forward", lower_case(*settings.auto_forward_to), {*settings.auto_forward_to}));
    for (const auto& other : settings.forwarding_addresses) rows.push_back(row("forwarding_address", lower_case(other), {other}));
    for (const auto& other : settings.delegates) rows.push_back(row("delegate", lower_case(other), {other}));
  }
  if (provider == ProviderKind::microsoft) {
    rows.push_back(row("automatic_reply", "automaticRepliesSetting", {}));
    rows.back().set("is_enabled", settings.automatic_reply.has_value());
  }
  std::ranges::sort(rows, {}, [](const Json& json) { return std::pair(json.text("kind"), json.text("setting_id")); });
  Json all = Json::array();
  for (auto& json : rows) all.push(std::move(json));
  return all;
}

}  // namespace letterlock::sim
