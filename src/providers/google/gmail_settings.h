#pragma once

// Gmail's settings (filters, forwarding, delegates) as mailbox settings. Pure.
// https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings (seen 2026-11-23)

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/mailbox_setting.h"

namespace letterlock::providers {

// The bodies of the answers, JSON.
struct GmailSettingsAnswers {
  std::string filters;               // settings/filters
  std::string forwarding_addresses;  // settings/forwardingAddresses
  std::string auto_forwarding;       // settings/autoForwarding
  std::string delegates;             // settings/delegates
  std::string labels;                // labels; needed where names_labels(filters)
};

// Whether a filter adds a label of the user's own, which goes by an id.
bool names_labels(std::string_view filters);

// invalid: an answer is not what Google sends.
Result<std::vector<MailboxSetting>> read_gmail_settings(const GmailSettingsAnswers& answers);

// What a Gmail search looks for: bare and quoted words and those of subject: into words, those of from: into senders. Negated
// terms and other operators are left out.
void read_gmail_query(std::string_view query, std::vector<std::string>& words, std::vector<std::string>& senders);

}  // namespace letterlock::providers
