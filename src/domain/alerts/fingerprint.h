#pragma once

#include <string>

#include "model/alert.h"

namespace letterlock {

// SHA-256 (hex) over rule, entity and dedup_key, each with its length in front: findings of one campaign are one alert.
std::string fingerprint_of(const Finding& finding);

}  // namespace letterlock
