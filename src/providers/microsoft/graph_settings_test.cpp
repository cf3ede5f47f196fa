#include "providers/microsoft/graph_settings.h"

#include <gtest/gtest.h>

#include "providers/microsoft/microsoft_provider.h"
#include "providers/scripted_client.h"

namespace letterlock::providers {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view rules = R"({"value":[
  {"@odata.etag":"1","id":"R1","displayName":" Tidy ","sequence":3,"isEnabled":true,"hasError":false,
   "conditions":{"subjectContains":["Invoice"],"bodyOrSubjectContains":["Rechnung","invoice"],"senderContains":["bank"],
                 "fromAddresses":[{"emailAddress":{"name":"B","address":"Boss@x.example"}}]},
   "actions":{"moveToFolder":"F9","markAsRead":true,"delete":false,"stopProcessingRules":true,
              "forwardTo":[{"emailAddress":{"address":"X@evil.example"}}],"redirectTo":[{"emailAddress":{"address":"y@evil.example"}}]}},
  {"id":"R2","displayName":"","isEnabled":false,"conditions":null,"actions":{"permanentDelete":true,"moveToFolder":null}}]})";

TEST(GraphSettings, BecomeMailboxSettings) {
  auto read = read_graph_rules(rules);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->settings.size(), 2u);
  name_folders(read->settings, {{"F9", "rss feeds"}});
  auto first = read->settings[0];
  EXPECT_FALSE(first.definition.contains("sequence")) << "it changes when another rule comes";
  EXPECT_FALSE(first.definition.contains("etag"));
  EXPECT_TRUE(first.definition.contains("stopProcessingRules"));
  first.definition.clear();
  EXPECT_EQ(first, (MailboxSetting{.kind = "rule",
                                   .setting_id = "R1",
                                   .name = " Tidy ",
                                   .forward_to = {"x@evil.example", "y@evil.example"},
                                   .move_to = "rss feeds",
                                   .marks_read = true,
                                   .words = {"invoice", "rechnung"},
                                   .senders = {"bank", "boss@x.example"}}));
  EXPECT_FALSE(read->settings[1].is_enabled);
  EXPECT_TRUE(read->settings[1].deletes);
  EXPECT_EQ(read->settings[1].move_to, "");
  EXPECT_FALSE(read_graph_rules("{}"));
}

TEST(GraphSettings, AutomaticRepliesAreOneSettingThatIsOnOrOff) {
  const auto on = read_graph_mailbox_settings(
      R"({"timeZone":"UTC","automaticRepliesSetting":{"status":"scheduled","externalAudience":"all","externalReplyMessage":"Away"}})");
  ASSERT_TRUE(on) << on.error().message;
  EXPECT_EQ(on->kind, "automatic_reply");
  EXPECT_TRUE(on->is_enabled);
  EXPECT_EQ(on->definition, R"({"externalAudience":"all","externalReplyMessage":"Away","status":"scheduled"})");
  const auto off = read_graph_mailbox_settings(R"({"automaticRepliesSetting":{"status":"disabled"}})");
  ASSERT_TRUE(off) << off.error().message;
  EXPECT_FALSE(off->is_enabled);
  EXPECT_FALSE(read_graph_mailbox_settings("{}"));
  EXPECT_FALSE(read_graph_mailbox_settings(R"({"automaticRepliesSetting":null})"));
}

class GraphReadSettings : public testing::Test {
 protected:
  Result<std::optional<std::vector<MailboxSetting>>> read() {
    MicrosoftProvider provider({.tenant = "t", .client_id = "c", .login_root = "https://login.test", .graph_root = "https://graph.test"},
                               {.client_secret = "s"}, client_, clock_, metrics_,
                               ProviderOptions{.backoff = {.first = 1ms, .max = 2ms, .tries_max = 2}});
    return provider.read_settings({.user_id = UserId("7"), .primary_email = "a@x"}, {});
  }

  http::ClientResponse rules_ = answer(200, std::string(rules));
  http::ClientResponse mailbox_settings_ = answer(200, R"({"automaticRepliesSetting":{"status":"alwaysEnabled"}})");
  ScriptedClient client_{[this](const http::ClientRequest& request) -> Result<http::ClientResponse> {
    if (request.url.contains("/oauth2/")) return answer(200, R"({"access_token":"t","expires_in":3599})");
    if (request.url.ends_with("/messageRules")) return rules_;
    if (request.url.ends_with("/mailboxSettings")) return mailbox_settings_;
    if (request.url.contains("/mailFolders/F9?")) return answer(200, R"({"id":"F9","displayName":"RSS Feeds"})");
    if (request.url.contains("/mailFolders/archive?")) return answer(200, R"({"id":"F1","displayName":"Archiv"})");
    return answer(404, R"({"error":{"code":"ErrorItemNotFound","message":"gone"}})");
  }};
  ManualClock clock_{*from_rfc3339("2026-11-23T12:00:00Z")};
  Metrics metrics_;
};

TEST_F(GraphReadSettings, NamesTheFoldersThatRulesMoveTo) {
  auto settings = read();
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ((**settings)[0].move_to, "rss feeds");
  EXPECT_EQ(settings->value().back().kind, "automatic_reply");
  rules_.body.replace(rules_.body.find("F9"), 2, "F1");
  settings = read();
  ASSERT_TRUE(settings);
  EXPECT_EQ((**settings)[0].move_to, "archive") << "by its well-known name, whatever the mailbox's language";
  rules_.body.replace(rules_.body.find("F1"), 2, "F0");
  EXPECT_EQ((**read())[0].move_to, "unknown folder");
}

TEST_F(GraphReadSettings, SaysWhichPermissionIsMissing) {
  rules_ = answer(403, R"({"error":{"code":"ErrorAccessDenied","message":"Access is denied."}})");
  const auto refused = read();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "settings_forbidden");
  EXPECT_TRUE(refused.error().message.contains("MailboxSettings.Read")) << refused.error().message;
  rules_ = answer(200, std::string(rules));
  mailbox_settings_ = answer(403, R"({"error":{"code":"ErrorAccessDenied","message":"Access is denied."}})");
  ASSERT_FALSE(read());
  EXPECT_EQ(read().error().code, "settings_forbidden");
}

}  // namespace
}  // namespace letterlock::providers
