// Mailbox settings as both providers serve them.

#include "sim/settings_json.h"

#include "sim/google_state.h"
#include "sim/simulator_rig.h"

namespace letterlock::sim {
namespace {

using SettingsTest = SimulatorTest;

Json hiding_settings() {
  return *Json::parse(R"({"rules":[{"name":"..","from_contains":["cfo@northgate.example"],"subject_contains":["Invoice","bank details"],
    "move_to":"rssfeeds","marks_read":true,"stops":true},{"name":"fwd","body_contains":["payment"],"forward_to":"drop@free.example"},
    {"name":"bin","subject_contains":["phish"],"deletes":true}]})");
}

TEST_F(SettingsTest, GmailServesFiltersForwardingAndDelegatesWithTheReadingScope) {
  const auto owner = address("google");
  const auto token = google_token("gmail.readonly", owner);
  const auto get = [&](const std::string& path) {
    const auto response = send(Endpoint::google, "GET", "/gmail/v1/users/me/settings/" + path, token);
    EXPECT_EQ(response.status, 200) << path << response.body;
    return *Json::parse(response.body);
  };
  control("/control/settings", Json::object({{"provider", "google"}, {"address", owner}, {"settings", Json::object()}}));
  EXPECT_EQ(get("filters").dump(), "{}") << "keys are absent, not empty";
  EXPECT_EQ(get("delegates").dump(), "{}");
  EXPECT_EQ(get("forwardingAddresses").dump(), "{}");
  EXPECT_EQ(get("autoForwarding").dump(), R"({"enabled":false})");

  auto settings = hiding_settings();
  settings.set("auto_forward_to", "drop@free.example").set("forwarding_addresses", Json::array({"drop@free.example"}));
  settings.set("delegates", Json::array({"helper@northgate.example"}));
  control("/control/settings", Json::object({{"provider", "google"}, {"address", owner}, {"settings", settings}}));
  EXPECT_EQ(get("autoForwarding").dump(), R"({"enabled":true,"emailAddress":"drop@free.example","disposition":"leaveInInbox"})");
  EXPECT_EQ(get("forwardingAddresses").dump(),
            R"({"forwardingAddresses":[{"forwardingEmail":"drop@free.example","verificationStatus":"accepted"}]})");
  EXPECT_EQ(get("delegates").dump(), R"({"delegates":[{"delegateEmail":"helper@northgate.example","verificationStatus":"accepted"}]})");
  const auto filters = get("filters").find("filter")->items();
  ASSERT_EQ(filters.size(), 3u);
  EXPECT_EQ(filters[0].find("criteria")->dump(), R"({"from":"cfo@northgate.example","subject":"Invoice OR \"bank details\""})");
  EXPECT_EQ(filters[1].find("action")->text("forward"), "drop@free.example");
  EXPECT_EQ(filters[2].find("action")->dump(), R"({"addLabelIds":["TRASH"]})");
  const auto label = filters[0].find("action")->find("addLabelIds")->items()[0].string();
  const auto labels = Json::parse(send(Endpoint::google, "GET", "/gmail/v1/users/me/labels", token).body)->find("labels")->items();
  EXPECT_TRUE(std::ranges::any_of(labels, [&](const Json& one) { return one.text("id") == label && one.text("name") == "rssfeeds"; }));
  EXPECT_EQ(get("filters/" + filters[1].text("id")).dump(), filters[1].dump());
  EXPECT_EQ(send(Endpoint::google, "GET", "/gmail/v1/users/me/settings/filters", google_token("gmail.metadata", owner)).status, 403);
}

TEST_F(SettingsTest, GraphServesTheInboxsRulesAndKeepsARulesIdWhenItIsEdited) {
  const auto owner = address("microsoft");
  const auto token = microsoft_token();
  const auto rules = [&] {
    const auto response = send(Endpoint::microsoft, "GET", "/v1.0/users/" + owner + "/mailFolders/inbox/messageRules", token);
    EXPECT_EQ(response.status, 200) << response.body;
    return Json::parse(response.body)->find("value")->items();
  };
  auto settings = hiding_settings();
  control("/control/settings", Json::object({{"provider", "microsoft"}, {"address", owner}, {"settings", settings}}));
  const auto first = rules();
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0].text("displayName"), "..");
  EXPECT_EQ(first[0].number("sequence", 0), 1);
  EXPECT_EQ(first[0].find("conditions")->dump(),
            R"({"senderContains":["cfo@northgate.example"],"subjectContains":["Invoice","bank details"]})");
  const auto folder = first[0].find("actions")->text("moveToFolder");
  const auto named = send(Endpoint::microsoft, "GET", "/v1.0/users/" + owner + "/mailFolders/" + url_encode(folder), token);
  EXPECT_EQ(Json::parse(named.body)->text("displayName"), "RSS Feeds") << "the rule names a folder that is there";
  EXPECT_EQ(first[1].find("actions")->find("forwardTo")->items()[0].find("emailAddress")->text("address"), "drop@free.example");
  EXPECT_TRUE(first[2].find("actions")->find("delete")->truthy());

  auto edited = *Json::parse(R"({"rules":[{"name":"..","subject_contains":["wire"],"move_to":"rssfeeds"}]})");
  control("/control/settings", Json::object({{"provider", "microsoft"}, {"address", owner}, {"settings", edited}}));
  ASSERT_EQ(rules().size(), 1u);
  EXPECT_EQ(rules()[0].text("id"), first[0].text("id"));
  EXPECT_EQ(send(Endpoint::microsoft, "GET", "/v1.0/users/" + owner + "/mailFolders/archive/messageRules", token).status, 404);

  const auto replies = [&] {
    const auto answer = send(Endpoint::microsoft, "GET", "/v1.0/users/" + owner + "/mailboxSettings", token);
    EXPECT_EQ(answer.status, 200);
    return *Json::parse(answer.body)->find("automaticRepliesSetting");
  };
  EXPECT_EQ(replies().text("status"), "disabled");
  edited.set("automatic_reply", "I am away.");
  control("/control/settings", Json::object({{"provider", "microsoft"}, {"address", owner}, {"settings", edited}}));
  EXPECT_EQ(replies().text("status"), "alwaysEnabled");
  EXPECT_EQ(replies().text("externalReplyMessage"), "I am away.");
}

TEST_F(SettingsTest, ControlTellsTheTruthAsRowsAndRefusesFieldsItDoesNotKnow) {
  const auto owner = address("microsoft");
  control("/control/settings", Json::object({{"provider", "microsoft"}, {"address", owner}, {"settings", hiding_settings()}}));
  const auto mailbox = control("/control/settings?provider=microsoft").find("mailboxes")->items()[0];
  EXPECT_EQ(mailbox.text("address"), owner);
  EXPECT_EQ(mailbox.find("settings")->find("rules")->items().size(), 3u);
  const auto rows = mailbox.find("rows")->items();
  ASSERT_EQ(rows.size(), 4u) << "three rules and the automatic reply";
  const auto hiding = *std::ranges::find(rows, "..", [](const Json& row) { return row.text("name"); });
  EXPECT_EQ(hiding.find("words")->dump(), R"(["bank details","invoice"])");
  EXPECT_EQ(hiding.text("move_to"), "rss feeds");
  auto request = inner_request("POST", "/control/settings");
  request.body = R"({"provider":"google","address":")" + address("google") + R"(","settings":{"rules":[{"forwards":"x"}]}})";
  const auto refused = sim_->handle(Endpoint::control, request);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("rules[].forwards"), std::string::npos) << refused.body;
}

TEST(SettingsBook, AppliesAChangeWhenItIsDueAndAPastOneAtOnce) {
  const auto now = *from_rfc3339("2026-11-23T12:00:00Z");
  Company company{.domain = "a.example", .people = {{.given = "Ann", .family = "A", .address = "ann@a.example"}}};
  CompanyMail mail{.company = company};
  mail.settings = {{.mailbox = 0, .at = now + std::chrono::hours(2), .settings = {.delegates = {"late@a.example"}}},
                   {.mailbox = 0, .at = now - std::chrono::hours(2), .settings = {.delegates = {"early@a.example"}}}};
  GoogleState state(mail, now);
  const auto& user = state.users()[0];
  EXPECT_EQ(state.settings(user, now).delegates, std::vector<std::string>{"early@a.example"});
  EXPECT_EQ(state.settings(user, now + std::chrono::hours(2)).delegates, std::vector<std::string>{"late@a.example"});
  EXPECT_TRUE(state.settings(user, now - std::chrono::hours(3)).delegates.empty());
}

}  // namespace
}  // namespace letterlock::sim
