#pragma once

// The JSON of Graph's message, attachment, mailFolder and user resources; messages are derived from raw bytes with the
// simulator's own MIME reader. Pure; any thread.

#include <set>
#include <string>

#include "sim/json.h"
#include "sim/microsoft_state.h"

namespace letterlock::sim {

// Chosen fields; empty: the default ones.
using Select = std::set<std::string>;
Select read_select(const std::string& text);

struct MessageJsonOptions {
  Select select;
  bool immutable_ids = false;
  bool text_body = false;  // Prefer: outlook.body-content-type="text"
  bool expand_attachments = false;
};
Json graph_message(const MicrosoftMessage& message, const MessageJsonOptions& options);
Json graph_partial_message(const MicrosoftMessage& message, bool immutable_ids);  // only the read flag changed
Json graph_removed_message(const MicrosoftMessage& message, bool immutable_ids);
Json graph_attachments(const MicrosoftMessage& message, const Select& select, bool with_content);
Json graph_folder(const MicrosoftFolder& folder);
Json graph_user(const MicrosoftUser& user, const std::string& company, bool is_enabled, const Select& select);

}  // namespace letterlock::sim
