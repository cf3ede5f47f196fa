#pragma once

#include <string>

#include "base/result.h"

namespace letterlock::postgres {

// Apply the *.sql files of a folder in the order of their names, each in one transaction and once; forward only.
// Safe when several processes start it at once (advisory lock). invalid: an applied file was changed, or the database
// has a migration that this program does not know. No statement has a time limit. Returns how many were applied now.
Result<int> migrate(const std::string& url, const std::string& folder);

}  // namespace letterlock::postgres
