// What the fuzzer found once (tests/fuzz/mail), and messages that were slow or large once: each is understood within its budget.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/mail_budget.h"

namespace letterlock::mail {
namespace {

TEST(MailFuzz, FoundInputsAreUnderstoodWithinTheirBudget) {
  std::size_t inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(LETTERLOCK_SOURCE_DIR "/tests/fuzz/mail")) {
    if (!entry.path().string().ends_with(".bin")) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_LT(testing::understand(bytes), testing::mail_cpu_seconds_max(bytes.size())) << entry.path();
    ++inputs;
  }
  EXPECT_GT(inputs, 0u);
}

}  // namespace
}  // namespace letterlock::mail
