#include "providers/microsoft/graph_settings.h"

#include <glaze/glaze.hpp>

#include "mail/text.h"
#include "providers/setting_texts.h"

namespace letterlock::providers {

// As they come over the wire; named, because reflection needs linkage. Any property may be null.
namespace graph_rules_wire {
using Text = std::optional<std::string>;
using Texts = std::optional<std::vector<std::string>>;
struct EmailAddress {
  Text address;
};
struct Recipient {
  std::optional<EmailAddress> emailAddress;
};
using Recipients = std::optional<std::vector<Recipient>>;
struct Conditions {
  Texts subjectContains, bodyContains, bodyOrSubjectContains, headerContains, senderContains;
  Recipients fromAddresses;
};
struct Actions {
  Recipients forwardTo, redirectTo, forwardAsAttachmentTo;
  std::optional<bool> permanentDelete, markAsRead;
  std::optional<bool> delete_;
  Text moveToFolder;
};
struct Rule {
  Text id, displayName;
  std::optional<bool> isEnabled;
  std::optional<Conditions> conditions;
  std::optional<Actions> actions;
};
struct Rules {
  std::optional<std::vector<glz::raw_json>> value;
  Text nextLink;
};
struct Folder {
  Text id, displayName;
};
struct AutomaticReplies {
  Text status;  // disabled, alwaysEnabled, scheduled
};
struct MailboxSettings {
  std::optional<glz::raw_json> automaticRepliesSetting;
};
}  // namespace graph_rules_wire
}  // namespace letterlock::providers

template <>
struct glz::meta<letterlock::providers::graph_rules_wire::Actions> {
  using T = letterlock::providers::graph_rules_wire::Actions;
  static constexpr auto value =
      object("forwardTo", &T::forwardTo, "redirectTo", &T::redirectTo, "forwardAsAttachmentTo", &T::forwardAsAttachmentTo,
             "permanentDelete", &T::permanentDelete, "markAsRead", &T::markAsRead, "delete", &T::delete_, "moveToFolder", &T::moveToFolder);
};
template <>
struct glz::meta<letterlock::providers::graph_rules_wire::Rules> {
  using T = letterlock::providers::graph_rules_wire::Rules;
  static constexpr auto value = object("value", &T::value, "@odata.nextLink", &T::nextLink);
};

namespace letterlock::providers {
namespace {

namespace wire = graph_rules_wire;

constexpr glz::opts lenient{.error_on_unknown_keys = false, .error_on_missing_keys = false};

void add(std::vector<std::string>& out, const wire::Texts& texts) {
  if (texts) out.insert(out.end(), texts->begin(), texts->end());
}

void add(std::vector<std::string>& out, const wire::Recipients& recipients) {
  if (!recipients) return;
  for (const auto& recipient : *recipients)
    if (recipient.emailAddress && recipient.emailAddress->address) out.push_back(*recipient.emailAddress->address);
}

MailboxSetting setting_of(const wire::Rule& rule) {
  MailboxSetting setting{.kind = "rule",
                         .setting_id = mail::mend_utf8(rule.id.value_or("")),
                         .name = mail::mend_utf8(rule.displayName.value_or("")),
                         .is_enabled = rule.isEnabled.value_or(false)};
  std::vector<std::string> words, senders, targets;
  if (const auto& conditions = rule.conditions) {
    for (const auto* texts :
         {&conditions->subjectContains, &conditions->bodyContains, &conditions->bodyOrSubjectContains, &conditions->headerContains})
      add(words, *texts);
    add(senders, conditions->senderContains);
    add(senders, conditions->fromAddresses);
  }
  if (const auto& actions = rule.actions) {
    for (const auto* recipients : {&actions->forwardTo, &actions->redirectTo, &actions->forwardAsAttachmentTo}) add(targets, *recipients);
    setting.deletes = actions->delete_.value_or(false) || actions->permanentDelete.value_or(false);
    setting.marks_read = actions->markAsRead.value_or(false);
    setting.move_to = actions->moveToFolder.value_or("");
  }
  setting.words = tidy_texts(words);
  setting.senders = tidy_texts(senders);
  setting.forward_to = tidy_texts(targets);
  return setting;
}

}  // namespace

Result<GraphRules> read_graph_rules(std::string_view json) {
  wire::Rules page;
  if (glz::read<lenient>(page, json) || !page.value)
    return fail(ErrorKind::invalid, "the answer of messageRules is not what Microsoft sends");
  GraphRules out{.next_link = page.nextLink.value_or("")};
  for (const auto& item : *page.value) {
    wire::Rule rule;
    if (glz::read<lenient>(rule, item.str)) return fail(ErrorKind::invalid, "a messageRule is not what Microsoft sends");
    if (!rule.id || rule.id->empty()) continue;
    out.settings.push_back(setting_of(rule));
    // A rule's place among the others moves when another one comes or goes.
    out.settings.back().definition = tidy_definition(item.str, {"sequence"});
  }
  return out;
}

Result<MailboxSetting> read_graph_mailbox_settings(std::string_view json) {
  wire::MailboxSettings settings;
  wire::AutomaticReplies replies;
  if (glz::read<lenient>(settings, json) || !settings.automaticRepliesSetting ||
      glz::read<lenient>(replies, settings.automaticRepliesSetting->str) || !replies.status)
    return fail(ErrorKind::invalid, "the answer of mailboxSettings is not what Microsoft sends");
  return MailboxSetting{.kind = "automatic_reply",
                        .setting_id = "automaticRepliesSetting",
                        .is_enabled = *replies.status != "disabled",
                        .definition = tidy_definition(settings.automaticRepliesSetting->str, {})};
}

Result<GraphFolderName> read_graph_folder_name(std::string_view json) {
  wire::Folder folder;
  if (glz::read<lenient>(folder, json) || !folder.id) return fail(ErrorKind::invalid, "a mailFolder is not what Microsoft sends");
  return GraphFolderName{.id = *folder.id,
                         .display_name = mail::lower_unicode(mail::fold_space(mail::mend_utf8(folder.displayName.value_or(""))))};
}

void name_folders(std::vector<MailboxSetting>& settings, const std::map<std::string, std::string>& names_by_id) {
  for (auto& setting : settings) {
    if (setting.move_to.empty()) continue;
    const auto name = names_by_id.find(setting.move_to);
    setting.move_to = name == names_by_id.end() ? "unknown folder" : name->second;
  }
}

}  // namespace letterlock::providers
