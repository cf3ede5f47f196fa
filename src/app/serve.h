#pragma once

#include <memory>

#include "adapters/parser/keeper.h"
#include "app/config.h"
#include "app/target_set.h"
#include "base/result.h"

namespace letterlock {

// Start these targets, write the ready file, wait for SIGTERM, stop in order: consumers, scheduler, HTTP, storage.
// keeper: forks the parser processes of `ingestion`; null where that target does not run here.
Result<int> serve(const Config& config, const TargetSet& targets, std::unique_ptr<parser::Keeper> keeper);

}  // namespace letterlock
