#include "base/clock.h"

#include <gtest/gtest.h>

namespace letterlock {
namespace {

TEST(Clock, Rfc3339RoundTripsToTheMicrosecond) {
  const TimePoint time = from_unix_micros(1'700'000'000'123'456);
  EXPECT_EQ(to_rfc3339(time), "2023-11-14T22:13:20.123456Z");
  EXPECT_EQ(from_rfc3339(to_rfc3339(time)), time);
}

TEST(Clock, Rfc3339ReadsOffsetsAndShortFractions) {
  EXPECT_EQ(from_rfc3339("2023-11-14T23:13:20.5+01:00"), from_unix_micros(1'700'000'000'500'000));
  EXPECT_EQ(from_rfc3339("1969-12-31T23:59:59Z"), from_unix_micros(-1'000'000));
  EXPECT_EQ(from_rfc3339("2023-11-14T22:13:20.1234567Z"), from_unix_micros(1'700'000'000'123'456));
}

TEST(Clock, Rfc3339RefusesWhatIsNoTime) {
  for (const char* text : {"", "2023-11-14", "2023-13-14T22:13:20Z", "2023-02-30T22:13:20Z", "2023-11-14T24:13:20Z", "2023-11-14T22:13:20",
                           "2023-11-14T22:13:20Zjunk", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20+1:00"})
    EXPECT_FALSE(from_rfc3339(text)) << text;
}

TEST(Clock, ManualClockAdvancesByWaiting) {
  ManualClock clock(from_unix_micros(0));
  EXPECT_TRUE(clock.wait(std::chrono::seconds(5), {}));
  EXPECT_EQ(clock.now(), from_unix_micros(5'000'000));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(clock.wait(std::chrono::seconds(5), stop.get_token()));
  EXPECT_EQ(clock.waited(), std::chrono::seconds(5));
}

TEST(Clock, SystemClockStopsWaitingOnRequest) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(SystemClock{}.wait(std::chrono::hours(1), stop.get_token()));
}

}  // namespace
}  // namespace letterlock
