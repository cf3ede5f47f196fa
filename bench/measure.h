#pragma once

// What a benchmark says about the process that runs it. For programs in bench/ alone.

#include <sys/resource.h>

#include <chrono>
#include <cstdint>

namespace letterlock::bench {

struct Usage {
  double cpu_seconds = 0;  // user and system, all threads
  double wall_seconds = 0;
};

// From its making until now.
class Stopwatch {
 public:
  Usage elapsed() const { return {.cpu_seconds = cpu_now() - cpu_, .wall_seconds = seconds(Clock::now() - wall_)}; }

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }
  static double cpu_now() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto of = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    return of(used.ru_utime) + of(used.ru_stime);
  }

  double cpu_ = cpu_now();
  Clock::time_point wall_ = Clock::now();
};

// The most that this process ever had in memory.
inline std::int64_t peak_rss_mib() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss / 1024;
}

}  // namespace letterlock::bench
