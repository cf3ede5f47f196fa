#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "ports/storage.h"

namespace letterlock {

// An empty store in a temporary folder, with a key of its own; deleted with the object.
Result<std::unique_ptr<Storage>> make_scratch_storage(const std::string& share_dir);

}  // namespace letterlock
