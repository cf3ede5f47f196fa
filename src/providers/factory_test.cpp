#include "providers/factory.h"

#include <gtest/gtest.h>

#include "tests/support/inside_urls.h"

namespace letterlock {
namespace {

TEST(Servers, AreTheProvidersOwnByDefaultAndEachIsCheckedByItsName) {
  for (const auto provider : {ProviderKind::google, ProviderKind::microsoft}) {
    const auto servers = servers_of(provider, "{}");
    ASSERT_TRUE(servers);
    EXPECT_EQ(servers->size(), provider == ProviderKind::google ? 3U : 2U);
    EXPECT_TRUE(check_servers(provider, "{}", false));
    for (const auto& server : *servers) {
      const auto settings = R"({")" + std::string(server.name) + R"(":"http://10.0.0.7"})";
      const auto refused = check_servers(provider, settings, false);
      ASSERT_FALSE(refused) << server.name;
      EXPECT_TRUE(refused.error().message.contains(server.name)) << refused.error().message;
      EXPECT_TRUE(check_servers(provider, settings, true)) << server.name;
    }
  }
  EXPECT_FALSE(check_servers(ProviderKind::google, R"({"token_url":5})", true));
  EXPECT_TRUE(check_servers(ProviderKind::archive, R"({"path":"/mail"})", false));
}

TEST(Servers, OfEverySettingThatNamesOneAreRefusedInside) {
  for (const auto provider : {ProviderKind::google, ProviderKind::microsoft})
    for (const auto& server : servers_of(provider, "{}").value())
      for (const auto& [what, host, by_name] : ::letterlock::testing::inside_urls()) {
        if (!by_name) continue;
        const auto settings = R"({")" + std::string(server.name) + R"(":"https://)" + host + R"(:8443"})";
        const auto refused = check_servers(provider, settings, false);
        ASSERT_FALSE(refused) << server.name << ": " << what;
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
        EXPECT_TRUE(refused.error().message.contains(server.name)) << refused.error().message;
      }
}

}  // namespace
}  // namespace letterlock
