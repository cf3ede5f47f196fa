#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace letterlock::flight {

// ["a","b"] → strings. Internal to this adapter.
Result<std::vector<std::string>> strings_from_json(std::string_view json);

}  // namespace letterlock::flight
