#pragma once

#include "app/config.h"
#include "app/target_set.h"
#include "base/result.h"

namespace letterlock {

// Start these targets, write the ready file, wait for SIGTERM, stop in order: consumers, scheduler, HTTP, storage.
Result<int> serve(const Config& config, const TargetSet& targets);

}  // namespace letterlock
