// A libFuzzer target, built by the preset fuzz alone; toolbox/fuzz.py runs it. What it finds goes to tests/fuzz/mail.

#include <cstdint>

#include "tests/support/mail_budget.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace letterlock::testing;
  const double seconds = understand({reinterpret_cast<const char*>(data), size});
  if (seconds > mail_cpu_seconds_max(size)) {
    std::fprintf(stderr, "SLOW: %zu bytes took %.2f s of CPU time, at most %.2f s are allowed\n", size, seconds,
                 mail_cpu_seconds_max(size));
    std::abort();
  }
  return 0;
}
