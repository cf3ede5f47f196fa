#pragma once

// What both connectors do to the texts of a mailbox setting before it is compared with the one that is stored. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace letterlock::providers {

// Unicode lower case, white space folded, empty ones dropped, sorted, each once.
std::vector<std::string> tidy_texts(const std::vector<std::string>& texts);

// A provider's JSON object with its members sorted and those of `dropped` left out, "@odata.…" too: what changes though the
// setting does not. What is no object stays as it is.
std::string tidy_definition(std::string_view json, const std::vector<std::string_view>& dropped);

}  // namespace letterlock::providers
