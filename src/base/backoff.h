#pragma once

// How long to wait before try number n: exponential with full jitter, bounded.

#include <chrono>
#include <random>

namespace letterlock {

struct BackoffOptions {
  std::chrono::milliseconds first{1000};  // upper bound of the wait before the second try
  std::chrono::milliseconds max{64'000};  // no wait is longer, Retry-After aside
  int tries_max = 5;                      // tries in all, the first included
};

class Backoff {
 public:
  Backoff(BackoffOptions options, std::uint64_t seed) : options_(options), random_(seed) {}

  bool exhausted(int tries_done) const { return tries_done >= options_.tries_max; }

  // The wait after `tries_done` (>= 1) failed tries: between half of and the whole of min(first * 2^(n-1), max).
  std::chrono::milliseconds delay(int tries_done) {
    auto bound = options_.first;
    for (int i = 1; i < tries_done && bound < options_.max; ++i) bound *= 2;
    if (bound > options_.max) bound = options_.max;
    const auto half = bound.count() / 2;
    return std::chrono::milliseconds(half + std::uniform_int_distribution<long>(0, half)(random_));
  }

 private:
  BackoffOptions options_;
  std::mt19937_64 random_;
};

}  // namespace letterlock
