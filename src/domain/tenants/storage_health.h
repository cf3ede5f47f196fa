#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"

namespace letterlock {

// How the mail store stands, as `storage` last reported it.
struct StorageHealth {
  std::string state = "unknown";  // ok, disk_full, unreadable; unknown: no report of the last minute
  std::optional<TimePoint> reported_at;
  std::optional<std::int64_t> free_bytes, used_bytes, reserve_bytes;
};

Result<StorageHealth> storage_health(postgres::Transaction& transaction);

}  // namespace letterlock
