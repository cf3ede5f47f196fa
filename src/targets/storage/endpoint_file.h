#pragma once

// Where the Flight endpoint of a folder of tenants' files is served now: FOLDER/endpoint, written by the
// `storage` target so that commands on the same machine find it.

#include <string>

#include "base/result.h"

namespace letterlock {

Result<void> write_endpoint_file(const std::string& folder, const std::string& url);
// not_found: nothing is served from here.
Result<std::string> read_endpoint_file(const std::string& folder);
void remove_endpoint_file(const std::string& folder);

}  // namespace letterlock
