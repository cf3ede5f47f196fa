#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/ids.h"

namespace letterlock {

enum class Severity { low, medium, high, critical };
std::string_view to_string(Severity severity);
std::optional<Severity> severity_from(std::string_view name);

// One row that a rule returned. `api` folds findings with the same fingerprint into one alert and keeps a sighting per message.
struct Finding {
  RuleId rule_id;
  std::string rule_version;  // hex SHA-256 of the rule's SQL text
  std::string title;
  Severity severity = Severity::medium;
  std::string attack_technique;  // "T1566.002"
  std::string subject;           // whom it concerns: the mailbox's address
  std::string entity;            // whom or what it is about: the sender's address or domain
  TimePoint observed_at;         // the message's own time
  double confidence = 0;         // 0 to 1
  std::string evidence_json;     // {"signals":[{"name","value"}],"rows":[{"table","key":{…}}]}
  std::string dedup_key;         // same key = same campaign
  MailboxId mailbox_id;
  ProviderMessageId provider_message_id;
  std::string message_id;       // Message-ID, for showing copies in other mailboxes as one
  std::string message_subject;  // for the list of alerts
  std::string query_sql;        // the statement that was run, so that anyone can run it again
  std::string query_parameters_json;
};

}  // namespace letterlock
