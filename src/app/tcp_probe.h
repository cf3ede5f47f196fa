#pragma once

#include <string>

#include "base/result.h"

namespace letterlock {

// Tell whether the host and port of a URL accept a connection within two seconds.
Result<void> probe_tcp(const std::string& url);

}  // namespace letterlock
