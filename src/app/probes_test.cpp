#include "app/probes.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace letterlock {
namespace {

http::Response ask(const std::vector<http::Route>& routes, std::string_view pattern) {
  return std::ranges::find(routes, pattern, &http::Route::pattern)->handler({});
}

TEST(Probes, ReadyNamesEachPartAndSaysWhichIsNotThere) {
  Metrics metrics;
  bool broker_there = true;
  const auto routes = probe_routes(
      {{"postgresql", []() -> Result<void> { return {}; }},
       {"rabbitmq",
        [&]() -> Result<void> {
          if (broker_there) return {};
          return fail(ErrorKind::unavailable, "connection refused");
        }}},
      [] { return false; }, metrics);
  EXPECT_EQ(ask(routes, "/readyz").status, 200);
  EXPECT_EQ(ask(routes, "/readyz").body, "postgresql: ok\nrabbitmq: ok\n");
  broker_there = false;
  EXPECT_EQ(ask(routes, "/readyz").status, 503);
  EXPECT_EQ(ask(routes, "/readyz").body, "postgresql: ok\nrabbitmq: connection refused\n");
  EXPECT_EQ(ask(routes, "/healthz").status, 200);
}

TEST(Probes, AStoppingProcessIsNotReadyButLives) {
  Metrics metrics;
  const auto routes = probe_routes({}, [] { return true; }, metrics);
  EXPECT_EQ(ask(routes, "/readyz").status, 503);
  EXPECT_EQ(ask(routes, "/healthz").status, 200);
}

TEST(Probes, MetricsAreTheRegistrysText) {
  Metrics metrics;
  metrics.count("letterlock_test_total", "For this test", {}, 3);
  EXPECT_TRUE(ask(probe_routes({}, [] { return false; }, metrics), "/metrics").body.contains("letterlock_test_total 3"));
}

}  // namespace
}  // namespace letterlock
