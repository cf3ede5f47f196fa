#pragma once

// The JSON of mailbox settings: Gmail's filters, Graph's messageRules, the control endpoint's form, and the rows that
// docs/reference/company-format.md describes. Pure; any thread.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sim/content.h"
#include "sim/json.h"
#include "sim/settings.h"

namespace letterlock::sim {

// The provider's id of each rule, in their order: its own, or one that is made. Gmail's name a filter's content (a changed filter is
// another one), Graph's the rule (they survive an edit); twins get different ids.
std::vector<std::string> rule_ids(ProviderKind provider, std::string_view address, const std::vector<MailRule>& rules);

std::string gmail_label_id(std::string_view name);  // of a user's label
bool is_gmail_label(const MailRule& rule);          // move_to names a user's label
Json gmail_filter(const MailRule& rule, std::string_view id);
// folder_id: from move_to to the id of that mailbox's folder.
Json graph_message_rule(const MailRule& rule, std::string_view id, std::size_t sequence,
                        const std::function<std::string(const std::string&)>& folder_id);

Json settings_json(const MailboxSettings& settings);      // the control endpoint's form
Result<MailboxSettings> read_settings(const Json& json);  // invalid: a field that is not known or has another type
// What reading the provider ought to yield: one object for each setting, sorted by kind and id.
Json settings_rows(ProviderKind provider, std::string_view address, const MailboxSettings& settings);

}  // namespace letterlock::sim
