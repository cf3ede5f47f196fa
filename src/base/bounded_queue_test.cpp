#include "base/bounded_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace letterlock {
namespace {

TEST(BoundedQueue, ProducerWaitsAtTheBoundAndNothingIsLost) {
  BoundedQueue<int> queue(3);
  std::atomic<int> pushed = 0;
  std::jthread producer([&] {
    for (int i = 0; i < 1000; ++i) {
      ASSERT_TRUE(queue.push(i));
      ++pushed;
    }
    queue.close();
  });
  int expected = 0;
  while (const auto item = queue.pop()) {
    EXPECT_EQ(*item, expected++);
    EXPECT_LE(pushed.load(), expected + 3 + 1);
  }
  EXPECT_EQ(expected, 1000);
}

TEST(BoundedQueue, AnItemHeavierThanTheBoundPassesAlone) {
  BoundedQueue<int> queue(10);
  EXPECT_TRUE(queue.push(1, 100));
  EXPECT_EQ(queue.pop(), 1);
}

TEST(BoundedQueue, ClosedQueueRefusesButGivesWhatItHolds) {
  BoundedQueue<int> queue(10);
  EXPECT_TRUE(queue.push(1));
  queue.close();
  EXPECT_FALSE(queue.push(2));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

}  // namespace
}  // namespace letterlock
