#pragma once

#include <string_view>

namespace letterlock {

// Whether the text is one valid JSON object. Looks only: nothing of it is copied or quoted.
bool is_json_object(std::string_view text);

}  // namespace letterlock
