#include "sim/simulator.h"

#include <map>

#include "sim/mime_reader.h"
#include "sim/organisation.h"
#include "sim/simulator_rig.h"

namespace letterlock::sim {
namespace {

const TimePoint now = *from_rfc3339("2026-11-23T12:00:00Z");

TEST_F(SimulatorTest, GoogleRefusesGrantsWithTheDocumentedWords) {
  const auto admin = ready_.find("google")->text("admin_email");
  const std::string gmail = "https://www.googleapis.com/auth/gmail.readonly";
  const auto error_of = [](const http::Response& response) {
    return Json::parse(response.body)->text("error") + "/" + Json::parse(response.body)->text("error_description");
  };
  EXPECT_EQ(grant(gmail, admin).status, 200);
  EXPECT_EQ(error_of(grant(gmail, "nobody@elsewhere.example")), "invalid_grant/Invalid email or User ID");
  EXPECT_EQ(grant(gmail + " https://www.googleapis.com/auth/drive", admin).status, 401);
  EXPECT_TRUE(error_of(grant(gmail, admin, 7200)).starts_with("invalid_grant/Invalid JWT: Token must be a short-lived token"));
}

TEST_F(SimulatorTest, GoogleEnforcesScopesSubjectsAndExpiry) {
  const auto admin = ready_.find("google")->text("admin_email");
  const auto other = address("google", 1);
  const auto gmail = google_token("gmail.readonly", other);
  EXPECT_EQ(send(Endpoint::google, "GET", "/admin/directory/v1/users?customer=my_customer", gmail).status, 403);
  EXPECT_EQ(
      send(Endpoint::google, "GET", "/admin/directory/v1/users?customer=my_customer", google_token("admin.directory.user.readonly", other))
          .status,
      403);
  EXPECT_EQ(
      send(Endpoint::google, "GET", "/admin/directory/v1/users?customer=my_customer", google_token("admin.directory.user.readonly", admin))
          .status,
      200);
  EXPECT_EQ(send(Endpoint::google, "GET", "/gmail/v1/users/" + url_encode(admin) + "/profile", gmail).status, 403);
  EXPECT_EQ(send(Endpoint::google, "GET", "/gmail/v1/users/" + url_encode(other) + "/profile", gmail).status, 200);
  EXPECT_EQ(send(Endpoint::google, "GET", "/gmail/v1/users/me/messages?q=invoice", google_token("gmail.metadata", other)).status, 403);
  clock_.advance(std::chrono::seconds(3600));
  EXPECT_EQ(send(Endpoint::google, "GET", "/gmail/v1/users/me/profile", gmail).status, 401);
}

TEST_F(SimulatorTest, GoogleHistoryTellsWhatChangedUntilItExpires) {
  const auto owner = address("google");
  const auto token = google_token("gmail.readonly", owner);
  const auto get = [&](const std::string& path) { return send(Endpoint::google, "GET", "/gmail/v1/users/me" + path, token); };
  const auto start = Json::parse(get("/profile").body)->text("historyId");
  const auto id =
      control("/control/messages",
              Json::object({{"provider", "google"}, {"address", owner}, {"raw_base64", to_base64("Subject: new\r\n\r\nhello")}}))
          .text("id");
  control("/control/labels",
          Json::object({{"address", owner}, {"id", id}, {"add", Json::array({"TRASH"})}, {"remove", Json::array({"INBOX"})}}));
  control("/control/delete", Json::object({{"provider", "google"}, {"address", owner}, {"id", id}}));

  std::string kinds, page;
  int pages = 0;
  do {
    const auto body = *Json::parse(get("/history?maxResults=1&startHistoryId=" + start + (page.empty() ? "" : "&pageToken=" + page)).body);
    if (const auto* history = body.find("history"))
      for (const auto& record : history->items()) kinds += record.members()[2].first + " ";
    page = body.text("nextPageToken");
    ++pages;
  } while (!page.empty());
  EXPECT_EQ(kinds, "messagesAdded labelsAdded labelsRemoved messagesDeleted ");
  EXPECT_EQ(pages, 4);
  EXPECT_EQ(get("/messages/" + id + "?format=raw").status, 404);

  control("/control/expire-cursors", Json::object({{"provider", "google"}}));
  EXPECT_EQ(get("/history?startHistoryId=" + start).status, 404);
  EXPECT_EQ(get("/history?startHistoryId=" + Json::parse(get("/profile").body)->text("historyId")).status, 200);
}

TEST_F(SimulatorTest, GraphDeltaComesInPagesAndReportsMovesReadsAndRemovals) {
  const auto token = microsoft_token();
  const auto owner = address("microsoft");
  const std::string prefer = "odata.maxpagesize=5, IdType=\"ImmutableId\"";
  const auto walk = [&](std::string url) {
    std::vector<Json> items;
    for (;;) {
      const auto response = send(Endpoint::microsoft, "GET", url, token, "", prefer);
      EXPECT_EQ(response.status, 200) << response.body;
      const auto body = *Json::parse(response.body);
      for (const auto& item : body.find("value")->items()) items.push_back(item);
      EXPECT_LE(body.find("value")->items().size(), 5u);
      const auto next = body.text("@odata.nextLink");
      url = (next.empty() ? body.text("@odata.deltaLink") : next).substr(std::string("http://microsoft.test").size());
      if (next.empty()) return std::pair(items, url);
    }
  };
  const auto root = "/v1.0/users/" + url_encode(owner) + "/mailFolders/";
  auto [inbox, inbox_link] = walk(root + "inbox/messages/delta?$select=subject,isRead");
  auto [archive, archive_link] = walk(root + "archive/messages/delta");
  ASSERT_GT(inbox.size(), 5u);
  EXPECT_FALSE(inbox[0].find("body")) << "$select is kept in the token";

  const auto moved = inbox[0].text("id"), read = inbox[1].text("id"), gone = inbox[2].text("id");
  control("/control/move", Json::object({{"provider", "microsoft"}, {"address", owner}, {"id", moved}, {"folder", "archive"}}));
  control("/control/read", Json::object({{"provider", "microsoft"}, {"address", owner}, {"id", read}, {"read", true}}));
  control("/control/delete", Json::object({{"provider", "microsoft"}, {"address", owner}, {"id", gone}}));
  auto [changes, next_link] = walk(inbox_link);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_TRUE(changes[0].text("id") == moved && changes[0].find("@removed"));
  EXPECT_TRUE(changes[1].text("id") == read && changes[1].find("isRead")->truthy() && !changes[1].find("subject")) << "a partial object";
  EXPECT_TRUE(changes[2].text("id") == gone && changes[2].find("@removed"));
  auto [arrived, unused] = walk(archive_link);
  ASSERT_EQ(arrived.size(), 1u);
  EXPECT_EQ(arrived[0].text("id"), moved) << "immutable ids survive a move";
  EXPECT_TRUE(walk(next_link).first.empty());

  control("/control/expire-cursors", Json::object({{"provider", "microsoft"}}));
  const auto expired = send(Endpoint::microsoft, "GET", next_link, token, "", prefer);
  EXPECT_EQ(expired.status, 410);
  EXPECT_EQ(Json::parse(expired.body)->find("error")->text("code"), "SyncStateNotFound");
}

TEST_F(SimulatorTest, MicrosoftRefusesWithTheDocumentedCodes) {
  const auto* microsoft = ready_.find("microsoft");
  const auto code = [&](const std::string& tenant, const std::string& form) {
    return Json::parse(
               send(Endpoint::microsoft, "POST", "/" + tenant + "/oauth2/v2.0/token", "", "grant_type=client_credentials&" + form).body)
        ->find("error_codes")
        ->items()[0]
        .integer();
  };
  const auto tenant = microsoft->text("tenant"), client = "client_id=" + microsoft->text("client_id");
  const std::string scope = "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";
  EXPECT_EQ(code("another", client + scope + "&client_secret=x"), 90002);
  EXPECT_EQ(code(tenant, "client_id=other&client_secret=x" + scope), 700016);
  EXPECT_EQ(code(tenant, client + scope + "&client_secret=wrong"), 7000215);
  EXPECT_EQ(code(tenant, client + "&client_secret=x&scope=User.Read"), 1002012);
  EXPECT_EQ(send(Endpoint::microsoft, "GET", "/v1.0/users", "forged").status, 401);
  const auto token = microsoft_token();
  EXPECT_EQ(send(Endpoint::microsoft, "GET", "/v1.0/users/nobody@x.example", token).status, 404);
  EXPECT_EQ(send(Endpoint::microsoft, "GET", "/v1.0/users?$top=1000", token).status, 400);
}

TEST_F(SimulatorTest, LetsMailArriveWithoutTouchingWhatIsThere) {
  start({.mailboxes = 12, .messages = 25});
  const auto held = [&] {
    std::map<std::string, std::string> messages;  // id to bytes
    for (const auto* provider : {"google", "microsoft"}) {
      const auto truth = control(std::string("/control/truth?provider=") + provider);
      for (const auto& mailbox : truth.find("mailboxes")->items())
        for (const auto& message : mailbox.find("messages")->items()) messages.emplace(message.text("id"), message.text("sha256"));
    }
    return messages;
  };
  auto known = held();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 80; ++i) {
      clock_.advance(std::chrono::seconds(8));
      sim_->arrive();
    }
    const auto later = held();
    EXPECT_GE(later.size(), known.size() + 80);
    for (const auto& [id, bytes] : known) ASSERT_EQ(later.at(id), bytes) << id;
    known = later;
  }
}

TEST(Organisation, IsTheSameForTheSameSeedAndTime) {
  const OrganisationOptions options{.provider = ProviderKind::microsoft, .seed = 7, .mailboxes = 4, .messages = 30, .now = now};
  const auto first = make_organisation(options), second = make_organisation(options);
  ASSERT_EQ(first.deliveries.size(), second.deliveries.size());
  for (std::size_t i = 0; i < first.deliveries.size(); ++i) ASSERT_EQ(first.deliveries[i].raw->read(), second.deliveries[i].raw->read());
  auto other = options;
  other.seed = 8;
  EXPECT_NE(make_organisation(other).deliveries[0].raw->read(), first.deliveries[0].raw->read());
}

}  // namespace
}  // namespace letterlock::sim
