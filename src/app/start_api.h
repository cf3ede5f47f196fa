#pragma once

#include <memory>

#include "app/parts.h"
#include "app/targets.h"

namespace letterlock {

// The `api` target: adds the routes of /api/v1, /internal/v1 and the console to the process's listeners.
Result<std::unique_ptr<Running>> start_api(Parts& parts);

}  // namespace letterlock
