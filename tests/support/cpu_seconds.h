#pragma once

// CPU time of the calling thread, in seconds: bounds on work that hold on a busy machine too.

#include <ctime>

namespace letterlock::testing {

inline double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace letterlock::testing
