#include "adapters/http/connection_limits.h"

#include <gtest/gtest.h>

#include <list>

namespace letterlock::http {
namespace {

TEST(ConnectionLimits, CountInAllAndOfEachGroup) {
  ConnectionLimits limits(4, 2);
  std::list<ConnectionLimits::Place> places;
  const auto enter = [&](const std::string& group) {
    auto place = limits.enter(group);
    if (place) places.push_back(std::move(*place));
    return place.has_value();
  };
  EXPECT_TRUE(enter("a"));
  EXPECT_TRUE(enter("a"));
  EXPECT_FALSE(enter("a")) << "two of one group";
  EXPECT_TRUE(enter("b"));
  EXPECT_TRUE(enter(""));
  EXPECT_FALSE(enter("c")) << "four in all";
  EXPECT_FALSE(enter(""));
  places.pop_front();
  EXPECT_EQ(limits.connections(), 3U);
  EXPECT_TRUE(enter("a"));
  places.clear();
  EXPECT_EQ(limits.connections(), 0U);
}

TEST(ByteBudget, HoldsWhatIsBeyondTheFreePart) {
  ByteBudget budget(100);
  {
    ByteBudget::Share one(budget, 10), other(budget, 10);
    EXPECT_TRUE(one.hold(10));
    EXPECT_EQ(budget.held(), 0U);
    EXPECT_TRUE(one.hold(80));
    EXPECT_EQ(budget.held(), 70U);
    EXPECT_FALSE(other.hold(41));
    EXPECT_EQ(budget.held(), 70U) << "a refusal changes nothing";
    EXPECT_TRUE(other.hold(40));
    EXPECT_FALSE(one.hold(81));
    EXPECT_TRUE(one.hold(20));
    EXPECT_TRUE(other.hold(100));
    EXPECT_EQ(budget.held(), 100U);
  }
  EXPECT_EQ(budget.held(), 0U);
}

}  // namespace
}  // namespace letterlock::http
