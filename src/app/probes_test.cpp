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
  EXPECT_EQ(ask(routes, "/readyz").body, R"({"ready":true,"degraded":[],"checks":{"postgresql":"ok","rabbitmq":"ok"}})"
                                         "\n");
  broker_there = false;
  EXPECT_EQ(ask(routes, "/readyz").status, 503);
  EXPECT_EQ(ask(routes, "/readyz").body, R"({"ready":false,"degraded":[],"checks":{"postgresql":"ok","rabbitmq":"connection refused"}})"
                                         "\n");
  EXPECT_EQ(ask(routes, "/healthz").status, 200);
}

TEST(Probes, AProcessThatWorksInPartIsReadyAndSaysWhatDoesNot) {
  Metrics metrics;
  const auto routes = probe_routes(
      {{"storage", []() -> Result<void> { return {}; }, [] { return std::vector<std::string>{"disk_full"}; }}}, [] { return false; },
      metrics);
  EXPECT_EQ(ask(routes, "/readyz").status, 200);
  const auto readiness = readiness_from(ask(routes, "/readyz").body);
  ASSERT_TRUE(readiness);
  EXPECT_TRUE(readiness->ready);
  EXPECT_EQ(readiness->degraded, std::vector<std::string>{"disk_full"});
  EXPECT_FALSE(readiness_from("<html>another program</html>"));
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
