#include "providers/google/gmail_settings.h"

#include <algorithm>
#include <glaze/glaze.hpp>
#include <map>

#include "mail/text.h"
#include "providers/setting_texts.h"

namespace letterlock::providers {

// As they come over the wire; named, because reflection needs linkage.
namespace gmail_settings_wire {
struct Criteria {
  std::string from, to, subject, query;
};
struct Action {
  std::vector<std::string> addLabelIds, removeLabelIds;
  std::string forward;
};
struct Filter {
  std::string id;
  Criteria criteria;
  Action action;
};
struct Filters {
  std::vector<glz::raw_json> filter;  // the key is singular
};
struct ForwardingAddress {
  std::string forwardingEmail, verificationStatus;
};
struct ForwardingAddresses {
  std::vector<ForwardingAddress> forwardingAddresses;
};
struct AutoForwarding {
  bool enabled = false;
  std::string emailAddress, disposition;
};
struct Delegate {
  std::string delegateEmail, verificationStatus;
};
struct Delegates {
  std::vector<Delegate> delegates;
};
struct Label {
  std::string id, name;
};
struct Labels {
  std::vector<Label> labels;
};
}  // namespace gmail_settings_wire

namespace {

namespace wire = gmail_settings_wire;

constexpr glz::opts lenient{.error_on_unknown_keys = false, .error_on_missing_keys = false};

template <class T>
Result<T> read(std::string_view json, std::string_view what) {
  T value;
  if (auto error = glz::read<lenient>(value, json); error)
    return fail(ErrorKind::invalid, "the answer of " + std::string(what) + " is not what Google sends");
  return value;
}

template <class T>
std::string definition_of(const T& value) {
  return tidy_definition(glz::write_json(value).value_or("{}"), {});
}

bool is_system_label(std::string_view id) { return !id.starts_with("Label_"); }

MailboxSetting setting_of(const wire::Filter& filter, const std::map<std::string, std::string>& labels) {
  MailboxSetting setting{.kind = "rule", .setting_id = filter.id};
  setting.forward_to = tidy_texts({filter.action.forward});
  const auto removes = [&](std::string_view label) { return std::ranges::contains(filter.action.removeLabelIds, label); };
  const auto adds = [&](std::string_view label) { return std::ranges::contains(filter.action.addLabelIds, label); };
  setting.marks_read = removes("UNREAD");
  setting.deletes = adds("TRASH");
  if (adds("TRASH")) {
    setting.move_to = "trash";
  } else if (adds("SPAM")) {
    setting.move_to = "spam";
  } else if (removes("INBOX")) {
    setting.move_to = "archive";
    for (const auto& id : filter.action.addLabelIds)
      if (!is_system_label(id)) {
        const auto name = labels.find(id);
        setting.move_to = mail::lower_unicode(mail::mend_utf8(name == labels.end() ? id : name->second));
        break;
      }
  }
  std::vector<std::string> words, senders, ignored;
  read_gmail_query(filter.criteria.query, words, senders);
  read_gmail_query(filter.criteria.subject, words, ignored);
  read_gmail_query(filter.criteria.from, senders, senders);
  setting.words = tidy_texts(words);
  setting.senders = tidy_texts(senders);
  return setting;
}

}  // namespace

void read_gmail_query(std::string_view query, std::vector<std::string>& words, std::vector<std::string>& senders) {
  enum class Of { words, senders, nothing };
  std::vector<Of> groups{Of::words};  // what the terms of each open parenthesis or brace say
  const auto is_end = [](char c) { return mail::is_space(c) || c == '(' || c == ')' || c == '{' || c == '}' || c == '|' || c == ','; };
  for (std::size_t at = 0; at < query.size();) {
    const char c = query[at];
    if (c == ')' || c == '}') {
      if (groups.size() > 1) groups.pop_back();
      ++at;
      continue;
    }
    if (mail::is_space(c) || c == '|' || c == ',') {
      ++at;
      continue;
    }
    // A term: an optional '-', an optional "operator:", then a word, a quoted phrase or a group.
    Of of = groups.back();
    if (c == '-') {
      of = Of::nothing;
      ++at;
    }
    std::size_t end = at;
    while (end < query.size() && !is_end(query[end]) && query[end] != ':' && query[end] != '"') ++end;
    if (end < query.size() && query[end] == ':' && end > at && std::ranges::all_of(query.substr(at, end - at), mail::is_alpha)) {
      const auto name = mail::lower(query.substr(at, end - at));
      if (of != Of::nothing) of = name == "from" ? Of::senders : name == "subject" ? Of::words : Of::nothing;
      at = end + 1;
    }
    if (at < query.size() && (query[at] == '(' || query[at] == '{')) {
      if (groups.size() < 32) groups.push_back(of);
      ++at;
      continue;
    }
    std::string text;
    if (at < query.size() && query[at] == '"') {
      end = std::min(query.find('"', at + 1), query.size());
      text = query.substr(at + 1, end - at - 1);
      at = std::min(end + 1, query.size());
    } else {
      end = at;
      while (end < query.size() && !is_end(query[end])) ++end;
      text = query.substr(at, end - at);
      at = end == at ? at + 1 : end;
      if (text == "OR" || text == "AND" || text == "AROUND") continue;
      while (!text.empty() && (text.front() == '+' || text.front() == '*')) text.erase(0, 1);
    }
    if (text.empty() || of == Of::nothing) continue;
    (of == Of::senders ? senders : words).push_back(std::move(text));
  }
}

bool names_labels(std::string_view filters) { return filters.contains("Label_"); }

Result<std::vector<MailboxSetting>> read_gmail_settings(const GmailSettingsAnswers& answers) {
  std::vector<MailboxSetting> settings;
  std::map<std::string, std::string> labels;
  if (!answers.labels.empty())
    for (auto& label : TRY(read<wire::Labels>(answers.labels, "labels")).labels) labels.emplace(std::move(label.id), std::move(label.name));
  for (const auto& json : TRY(read<wire::Filters>(answers.filters, "settings/filters")).filter) {
    const auto filter = TRY(read<wire::Filter>(json.str, "settings/filters"));
    if (filter.id.empty()) continue;
    settings.push_back(setting_of(filter, labels));
    settings.back().definition = tidy_definition(json.str, {});
  }
  for (const auto& item :
       TRY(read<wire::ForwardingAddresses>(answers.forwarding_addresses, "settings/forwardingAddresses")).forwardingAddresses) {
    const auto address = tidy_texts({item.forwardingEmail});
    if (address.empty()) continue;
    settings.push_back({.kind = "forwarding_address",
                        .setting_id = address[0],
                        .is_enabled = item.verificationStatus == "accepted",
                        .forward_to = address,
                        .definition = definition_of(item)});
  }
  const auto automatic = TRY(read<wire::AutoForwarding>(answers.auto_forwarding, "settings/autoForwarding"));
  if (const auto address = tidy_texts({automatic.emailAddress}); !address.empty())
    settings.push_back({.kind = "auto_forward",
                        .setting_id = address[0],
                        .is_enabled = automatic.enabled,
                        .forward_to = address,
                        .move_to = automatic.disposition == "archive" || automatic.disposition == "trash" ? automatic.disposition : "",
                        .deletes = automatic.disposition == "trash",
                        .marks_read = automatic.disposition == "markRead",
                        .definition = definition_of(automatic)});
  for (const auto& item : TRY(read<wire::Delegates>(answers.delegates, "settings/delegates")).delegates) {
    const auto address = tidy_texts({item.delegateEmail});
    if (address.empty()) continue;
    settings.push_back({.kind = "delegate",
                        .setting_id = address[0],
                        .is_enabled = item.verificationStatus == "accepted",
                        .forward_to = address,
                        .definition = definition_of(item)});
  }
  return settings;
}

}  // namespace letterlock::providers
