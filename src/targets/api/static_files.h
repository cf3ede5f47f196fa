#pragma once

// The console's built files. Read once at start and kept in memory (a few MB), so that no request reaches the file system.

#include <filesystem>
#include <vector>

#include "adapters/http/server.h"
#include "base/result.h"

namespace letterlock::api {

// One catch-all GET route over the files below folder. Names that a build hashed (/assets/…) may be kept for ever; everything
// else is asked for again by its ETag; paths without a file are the console's own and get index.html. All answers carry a
// strict Content-Security-Policy. not_found: no index.html in the folder.
Result<std::vector<http::Route>> static_routes(const std::filesystem::path& folder);

// What the routes answer when the console was not built: a page that says so.
std::vector<http::Route> console_missing_routes(const std::filesystem::path& folder);

}  // namespace letterlock::api
