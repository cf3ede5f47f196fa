#include "domain/tenants/connection_probe.h"

#include <gtest/gtest.h>

#include "adapters/http/client.h"
#include "base/metrics.h"
#include "providers/factory.h"
#include "tests/support/sim_process.h"

namespace letterlock {
namespace {

class ConnectionProbeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = testing::SimProcess::start({"--mailboxes", "3", "--messages", "5"});
    ASSERT_TRUE(started) << started.error().message;
    sim = std::move(*started);
    client = std::move(*http::make_client({}));
  }
  ConnectionTest test(ProviderKind provider, const std::string& settings, const std::string& secret) {
    ConnectionProbe probe(
        [&](const Connection& connection) {
          return make_provider(connection, *client, clock, metrics,
                               {.backoff = {.first = std::chrono::milliseconds(5), .max = std::chrono::milliseconds(20), .tries_max = 3}});
        },
        clock);
    return *probe.test({.provider = provider, .settings_json = settings, .secret_json = secret});
  }
  static std::string outcomes(const ConnectionTest& tested) {
    std::string text;
    for (const auto& check : tested.checks) text += check.name + " " + check.outcome + "; ";
    return text;
  }
  SystemClock clock;
  Metrics metrics;
  std::unique_ptr<testing::SimProcess> sim;
  std::unique_ptr<http::Client> client;
};

constexpr const char* all_passed = "credentials passed; directory passed; mail passed; settings passed; ";

TEST_F(ConnectionProbeTest, AConnectionThatWorksPassesEveryStep) {
  const auto google = test(ProviderKind::google, sim->google().settings_json, sim->google().secret_json);
  EXPECT_EQ(outcomes(google), all_passed) << google.checks[0].reason << google.checks[2].reason;
  EXPECT_TRUE(google.ok);
  const auto microsoft = test(ProviderKind::microsoft, sim->microsoft().settings_json, sim->microsoft().secret_json);
  EXPECT_EQ(outcomes(microsoft), all_passed) << microsoft.checks[0].reason << microsoft.checks[2].reason;
}

TEST_F(ConnectionProbeTest, AWrongSecretFailsAtTheFirstStepAndSaysSoWithoutIt) {
  const auto tested = test(ProviderKind::microsoft, sim->microsoft().settings_json, R"({"client_secret":"a-wrong-s3cret"})");
  EXPECT_FALSE(tested.ok);
  EXPECT_EQ(outcomes(tested), "credentials failed; directory skipped; mail skipped; settings skipped; ");
  EXPECT_FALSE(tested.checks[0].reason.empty());
  EXPECT_FALSE(tested.checks[0].reason.contains("s3cret")) << tested.checks[0].reason;
}

TEST_F(ConnectionProbeTest, MissingSettingsAreNamedBeforeAnythingIsSent) {
  const auto tested = test(ProviderKind::microsoft, "{}", R"({"client_secret":"x"})");
  EXPECT_FALSE(tested.ok);
  EXPECT_EQ(tested.checks[0].outcome, "failed");
  EXPECT_FALSE(tested.checks[0].reason.empty());
}

TEST(ConnectionProbeLimits, OneOfATenantAndTwoInAllAreTestedAtOnce) {
  SystemClock clock;
  ConnectionProbe* all = nullptr;
  const auto test = [&](const std::string& tenant) { return all->test({.tenant_id = TenantId(tenant)}); };
  // While a's runs, another of a's and one of b's are tried; while b's runs, one of c's.
  const auto throttled = [&](const std::string& tenant) {
    const auto refused = test(tenant);
    EXPECT_FALSE(refused) << tenant;
    if (!refused) EXPECT_EQ(refused.error().kind, ErrorKind::throttled);
    if (!refused) EXPECT_TRUE(refused.error().retry_after);
  };
  int tested = 0;
  ConnectionProbe probe(
      [&](const Connection& connection) -> Result<std::unique_ptr<Provider>> {
        ++tested;
        throttled(connection.tenant_id.str());
        if (connection.tenant_id == TenantId("a")) {
          EXPECT_TRUE(test("b"));
        }
        if (connection.tenant_id == TenantId("b")) throttled("c");
        return fail(ErrorKind::invalid, "enough");
      },
      clock);
  all = &probe;
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(test("a"));
  EXPECT_EQ(tested, 4) << "places are given back";
}

}  // namespace
}  // namespace letterlock
