#pragma once

// How much room the disk of the tenants' files has, and whether mail may still be stored there. Internal to this adapter.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/storage_state.h"

namespace letterlock::duckdb_adapter {

// Shown to the company's admins too: no numbers, no paths.
inline constexpr std::string_view disk_full_sentence =
    "the disk that holds the mail store is full, so no new mail is stored; it is read as soon as the operator of this installation has "
    "made room";

// reserve_bytes: what must stay free for reading, checkpoints and logs; 0: 5 % of the file system, at most 10 GiB.
// unavailable, code "io_error": the folder's file system cannot be asked.
Result<DiskSpace> measure_disk(const std::string& folder, std::int64_t reserve_bytes);

}  // namespace letterlock::duckdb_adapter
