#include "app/listeners.h"

#include <gtest/gtest.h>

#include "adapters/http/client.h"
#include "app/lifecycle.h"

namespace letterlock {
namespace {

http::Route route(std::string pattern) {
  return {.method = "GET", .pattern = std::move(pattern), .handler = [](const http::Request& request) {
            return http::Response{.body = request.path};
          }};
}

std::vector<http::Route> internal_routes() { return {route("/healthz"), route("/metrics"), route("/internal/v1/jobs")}; }

Config config(const std::map<std::string, std::string>& environment) { return load_config(environment, "").value(); }

class Listeners : public testing::Test {
 protected:
  void start(const std::map<std::string, std::string>& environment) {
    server = http::start_server(listeners_of(config(environment), {route("/api/v1/alerts")}, internal_routes(), 10'000).value(), metrics)
                 .value();
  }
  int status(std::size_t listener, const std::string& path) {
    return client->send({.url = "http://127.0.0.1:" + std::to_string(server->port(listener)) + path}, {})->status;
  }

  Metrics metrics;
  std::unique_ptr<http::Server> server;
  std::unique_ptr<http::Client> client = http::make_client({}).value();
};

TEST_F(Listeners, TheInternalOneServesWhatIsInternalAndNothingElse) {
  start({{"LETTERLOCK_INTERNAL_ADDRESS", "127.0.0.1:0"}});
  for (const auto* path : {"/healthz", "/metrics", "/internal/v1/jobs"}) EXPECT_EQ(status(1, path), 200) << path;
  EXPECT_EQ(status(1, "/api/v1/alerts"), 404);
  EXPECT_EQ(status(0, "/api/v1/alerts"), 200);
  EXPECT_EQ(status(0, "/healthz"), 200);
}

TEST_F(Listeners, ThePublicOneAnswersInternalPathsForThisReleaseWithAWarning) {
  start({{"LETTERLOCK_INTERNAL_ADDRESS", "127.0.0.1:0"}});
  testing::internal::CaptureStderr();
  EXPECT_EQ(status(0, "/metrics"), 200);
  EXPECT_EQ(status(0, "/metrics"), 200);
  EXPECT_EQ(status(0, "/healthz"), 200);
  EXPECT_EQ(status(1, "/internal/v1/jobs"), 200);
  server->stop(std::chrono::seconds(5));
  const auto log = testing::internal::GetCapturedStderr();
  const auto first = log.find("LETTERLOCK_INTERNAL_ADDRESS");
  ASSERT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find("LETTERLOCK_INTERNAL_ADDRESS", first + 1), std::string::npos)
      << "once a minute, and not for the internal listener: " << log;
  EXPECT_TRUE(log.contains("\"route\":\"/metrics\"") && log.contains("127.0.0.1")) << log;
}

TEST_F(Listeners, WithoutAnInternalOneThePublicOneServesAll) {
  start({});
  for (const auto* path : {"/healthz", "/metrics", "/internal/v1/jobs", "/api/v1/alerts"}) EXPECT_EQ(status(0, path), 200) << path;
}

TEST(ListenersLimits, ConnectionsLeaveFilesToTheRest) {
  const auto limits = [](std::size_t files_max, const std::map<std::string, std::string>& environment) {
    std::vector<std::size_t> found;
    for (const auto& listener : listeners_of(config(environment), {}, {}, files_max)->listeners) found.push_back(listener.connections_max);
    return found;
  };
  const std::map<std::string, std::string> both{{"LETTERLOCK_INTERNAL_ADDRESS", "127.0.0.1:0"}};
  using Found = std::vector<std::size_t>;
  EXPECT_EQ(limits(1 << 20, {}), Found{20'000});
  EXPECT_EQ(limits(4'096, {}), Found{3'072});
  EXPECT_EQ(limits(1'024, {}), Found{256}) << "where there are few, a quarter";
  EXPECT_EQ(limits(1 << 20, both), (Found{20'000 - 1'024, 1'024}));
  EXPECT_EQ(limits(1'024, both), (Found{192, 64}));
  EXPECT_EQ(
      listeners_of(config({{"LETTERLOCK_CONNECTIONS_PER_ADDRESS_MAX", "7"}}), {}, {}, 10'000)->listeners[0].connections_per_address_max,
      7U);
}

TEST(ListenersLimits, TheLimitOfOpenFilesIsRaised) {
  const auto raised = raise_file_limit();
  EXPECT_GE(raised, 256U);
  EXPECT_EQ(raise_file_limit(), raised) << "it was raised already";
}

}  // namespace
}  // namespace letterlock
