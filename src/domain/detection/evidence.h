#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace letterlock::detection {

// Check that a rule's evidence is {"signals":[{"name","value"}],"rows":[{"table","key":{…}}]} and return it without the
// signals that did not fire (value null). invalid: it is something else, or names no row.
Result<std::string> tidy_evidence(std::string_view json);
// The names of the signals in tidied evidence.
Result<std::vector<std::string>> signal_names(std::string_view json);

}  // namespace letterlock::detection
