#include "targets/api/rate_limiter.h"

#include <gtest/gtest.h>

namespace letterlock::api {
namespace {

using namespace std::chrono_literals;

class RateLimiterTest : public testing::Test {
 protected:
  ManualClock clock{from_unix_micros(1'700'000'000'000'000)};
};

TEST_F(RateLimiterTest, LetsSoManyThroughInAWindowAndCallersDoNotTakeFromEachOther) {
  RateLimiter limiter(clock, {.requests_max = 3, .window = 60s});
  EXPECT_EQ(limiter.take("a").remaining, 2);
  EXPECT_EQ(limiter.take("a").remaining, 1);
  EXPECT_EQ(limiter.take("a").remaining, 0);
  const auto refused = limiter.take("a");
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_EQ(refused.reset, 60s);
  EXPECT_TRUE(limiter.take("b").allowed);
  clock.advance(59s);
  EXPECT_FALSE(limiter.take("a").allowed);
  EXPECT_EQ(limiter.take("a").reset, 1s);
  clock.advance(1s);
  EXPECT_TRUE(limiter.take("a").allowed);
}

TEST_F(RateLimiterTest, ForgetsCallersBeyondItsLimitInsteadOfGrowing) {
  RateLimiter limiter(clock, {.requests_max = 1, .window = 60s, .callers_max = 10});
  EXPECT_TRUE(limiter.take("first").allowed);
  EXPECT_FALSE(limiter.take("first").allowed);
  for (int i = 0; i < 25; ++i) EXPECT_TRUE(limiter.take("caller " + std::to_string(i)).allowed);
  EXPECT_TRUE(limiter.take("first").allowed) << "its window was dropped to make room";
}

}  // namespace
}  // namespace letterlock::api
