#pragma once

// Which routes a process serves where, and how many connections it takes: the public listener (LETTERLOCK_HTTP_ADDRESS) and, where one is
// set, the internal one (LETTERLOCK_INTERNAL_ADDRESS).

#include <cstddef>
#include <vector>

#include "adapters/http/server.h"
#include "app/config.h"

namespace letterlock {

// Public routes are on the public listener alone, internal ones on both: on the public one for this release, with a warning in the log at
// most once a minute for each. /healthz, which is among the internal ones, stays on both without. Connections take at most what the limit
// of open files leaves beside a reserve for tenants' files, databases and brokers. The public listener is the first.
Result<http::ServerOptions> listeners_of(const Config& config, std::vector<http::Route> public_routes,
                                         std::vector<http::Route> internal_routes, std::size_t files_max);

}  // namespace letterlock
