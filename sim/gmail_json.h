#pragma once

// The JSON of Gmail's message resource, derived from raw bytes with the simulator's own MIME reader. Pure; any thread.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/google_state.h"
#include "sim/json.h"

namespace letterlock::sim {

enum class GmailFormat { minimal, metadata, full, raw };

Json gmail_message(const GoogleMessage& message, GmailFormat format, const std::vector<std::string>& metadata_headers);
// The decoded bytes of the part an attachmentId names; ids differ from one get to the next, as Gmail's do.
std::optional<std::string> gmail_attachment(const GoogleMessage& message, const std::string& attachment_id);

}  // namespace letterlock::sim
