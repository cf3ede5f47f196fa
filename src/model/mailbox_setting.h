#pragma once

// One thing that a mailbox does with mail by itself, as it stands now. Table "mailbox_settings" keeps their history; field names
// are its column names (migrations/tenant/0004).

#include <cstdint>
#include <string>
#include <vector>

namespace letterlock {

struct MailboxSetting {
  std::string kind;        // "rule", "auto_forward", "forwarding_address", "delegate", "automatic_reply"
  std::string setting_id;  // the provider's id of a rule; "automaticRepliesSetting"; the address of the other kinds
  std::string name;        // an inbox rule's display name; empty for Gmail
  bool is_enabled = true;
  std::vector<std::string> forward_to;  // lower-cased addresses that mail goes to; of a delegate: the delegate's
  std::string move_to;  // where mail goes: the folder's well-known or display name, lower-cased; Gmail: trash, archive, spam, a label
  bool deletes = false;
  bool marks_read = false;
  std::vector<std::string> words;    // lower-cased texts that its conditions look for; sorted
  std::vector<std::string> senders;  // lower-cased senders that its conditions name; sorted
  std::string definition;            // the provider's JSON, without what changes though the setting does not (sequence, etags)

  friend bool operator==(const MailboxSetting&, const MailboxSetting&) = default;
};

// What a reading changed.
struct SettingsChanges {
  std::int64_t added = 0;            // rows that are new: new and changed settings
  std::int64_t ended = 0;            // rows that hold no longer: changed and gone settings
  std::int64_t last_ingest_seq = 0;  // highest in the tenant after this reading

  friend bool operator==(const SettingsChanges&, const SettingsChanges&) = default;
};

}  // namespace letterlock
