#pragma once

// What a simulated mailbox does with mail by itself, before it takes a provider's shape: Gmail filters, forwarding and
// delegates, or Graph messageRules and automatic replies. Plain values; the generator makes them, the providers' states hold and serve
// them.

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace letterlock::sim {

struct MailRule {
  std::string id;       // as the provider would show it; empty: the state makes one
  std::string name;     // Graph's displayName; Gmail filters have none
  bool enabled = true;  // Graph alone
  std::vector<std::string> from_contains;
  std::vector<std::string> subject_contains;
  std::vector<std::string> body_contains;  // Gmail: criteria.query
  std::optional<std::string> forward_to;
  std::optional<std::string>
      move_to;  // a well-known name: archive, deleteditems, junkemail, rssfeeds, conversationhistory; or a label's name
  bool deletes = false;
  bool marks_read = false;
  bool stops = false;  // Graph's stopProcessingRules
};

struct MailboxSettings {
  std::vector<MailRule> rules;
  std::optional<std::string> auto_forward_to;     // Gmail alone
  std::vector<std::string> forwarding_addresses;  // Gmail alone; verified
  std::vector<std::string> delegates;             // Gmail alone
  std::optional<std::string> automatic_reply;     // Graph alone: what everybody is answered; none: switched off
};

// A mailbox's whole settings from a moment on.
struct SettingsChange {
  std::size_t mailbox = 0;  // index into Company::people
  TimePoint at;
  MailboxSettings settings;
};

}  // namespace letterlock::sim
