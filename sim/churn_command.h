#pragma once

// `letterlock-sim churn`: a random history of changes, played against a simulator that runs.

#include <cstdint>
#include <string>

#include "base/result.h"

namespace letterlock::sim {

struct ChurnArguments {
  std::string ready_file;  // what the running simulator wrote
  std::string provider;    // google, microsoft
  std::uint64_t seed = 1;
  int steps = 100;  // to play, after those that were played before
  int piece = 100;  // steps per request
};

// Prints what was played so far as one JSON line for each request.
Result<void> run_churn(const ChurnArguments& arguments);

}  // namespace letterlock::sim
