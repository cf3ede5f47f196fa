#pragma once

// Graph's messageRules and mailboxSettings as mailbox settings. Pure. Graph has no word for SMTP forwarding of a whole mailbox or for
// delegates. https://learn.microsoft.com/graph/api/resources/messagerule and …/mailboxsettings (seen 2026-11-23)

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/mailbox_setting.h"

namespace letterlock::providers {

// The names that Graph takes in place of a folder's id, of those that rules hide mail in.
inline constexpr const char* well_known_folders[] = {"archive", "deleteditems", "junkemail", "conversationhistory", "inbox"};

struct GraphRules {
  std::vector<MailboxSetting> settings;  // move_to holds the folder's id
  std::string next_link;
};
Result<GraphRules> read_graph_rules(std::string_view json);

// The automatic replies of a mailboxSettings answer; its definition holds whom they go to and what they say.
Result<MailboxSetting> read_graph_mailbox_settings(std::string_view json);

struct GraphFolderName {
  std::string id;
  std::string display_name;
};
Result<GraphFolderName> read_graph_folder_name(std::string_view json);

// Put names in place of ids; an id without a name becomes "unknown folder".
void name_folders(std::vector<MailboxSetting>& settings, const std::map<std::string, std::string>& names_by_id);

}  // namespace letterlock::providers
