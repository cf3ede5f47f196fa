#pragma once

// The file system that a tenant's instance uses: the local one, with every file that it makes (the tenant's file, its log, what spills)
// readable by this process's user alone (0600). Internal to this adapter.

#include <duckdb.hpp>

#include <string>

#include "base/result.h"

namespace letterlock::duckdb_adapter {

duckdb::unique_ptr<duckdb::FileSystem> make_private_file_system();

// Take from group and others what they may do with a file or folder that is there; nothing where it is not. unavailable: the system
// refuses.
Result<void> make_private(const std::string& path);

}  // namespace letterlock::duckdb_adapter
