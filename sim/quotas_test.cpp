// Quotas: counted by the providers' tables, refused with their words.

#include "sim/quotas.h"

#include <algorithm>

#include "sim/simulator_rig.h"

namespace letterlock::sim {
namespace {

class QuotasTest : public SimulatorTest {
 protected:
  void limit(const char* json) { control("/control/quotas", *Json::parse(json)); }
  static std::string retry_after(const http::Response& response) {
    for (const auto& [name, value] : response.headers)
      if (name == "Retry-After") return value;
    return {};
  }
};

TEST_F(QuotasTest, GmailCountsUnitsPerUserAndMinuteByEitherTable) {
  const auto token = google_token("gmail.readonly", address("google"));
  const auto other = google_token("gmail.readonly", address("google", 1));
  const auto id =
      Json::parse(send(Endpoint::google, "GET", "/gmail/v1/users/me/messages", token).body)->find("messages")->items()[0].text("id");
  const auto gets_until_refused = [&](int most = 4000) {
    for (int gets = 0; gets < most; ++gets) {
      const auto response = send(Endpoint::google, "GET", "/gmail/v1/users/me/messages/" + id + "?format=minimal", token);
      if (response.status == 200) continue;
      EXPECT_EQ(response.status, 403);
      const auto error = *Json::parse(response.body)->find("error");
      EXPECT_TRUE(error.text("message").starts_with("Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'"));
      EXPECT_EQ(error.find("errors")->items()[0].text("reason"), "rateLimitExceeded");
      EXPECT_EQ(error.find("errors")->items()[0].text("domain"), "usageLimits");
      return gets;
    }
    return -1;
  };
  EXPECT_EQ(gets_until_refused(400), -1) << "off by default";
  limit(R"({"table":"new"})");
  EXPECT_EQ(gets_until_refused(), 300);
  EXPECT_EQ(send(Endpoint::google, "GET", "/gmail/v1/users/me/profile", other).status, 200) << "another user has units of its own";
  clock_.advance(std::chrono::seconds(60));
  EXPECT_EQ(gets_until_refused(), 300) << "a new minute";
  limit(R"({"table":"old"})");
  EXPECT_EQ(gets_until_refused(), 3000);
  EXPECT_EQ(gmail_units(GoogleTable::new_projects, "messages.list"), 5u);
  EXPECT_EQ(gmail_units(GoogleTable::old_projects, "history.list"), 2u);
  EXPECT_EQ(gmail_units(GoogleTable::new_projects, "settings.filters"), 1u);
  EXPECT_EQ(gmail_units(GoogleTable::off, "messages.get"), 0u);
}

TEST_F(QuotasTest, TheProjectsQuotaIsSharedByItsUsers) {
  limit(R"({"table":"new","google_project_units_per_minute":10})");
  const auto first = google_token("gmail.readonly", address("google")), second = google_token("gmail.readonly", address("google", 1));
  EXPECT_EQ(send(Endpoint::google, "GET", "/gmail/v1/users/me/messages", first).status, 200);
  EXPECT_EQ(send(Endpoint::google, "GET", "/gmail/v1/users/me/messages", second).status, 200);
  const auto refused = send(Endpoint::google, "GET", "/gmail/v1/users/me/profile", second);
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("'Queries per minute'"), std::string::npos);
  EXPECT_EQ(control("/control/quotas").find("refused")->number("google/project", 0), 1);
}

TEST_F(QuotasTest, GraphLimitsRequestsAndConcurrencyOfAMailbox) {
  limit(R"({"table":"new","graph_mailbox_requests_per_10_minutes":3})");
  const auto token = microsoft_token();
  const auto folders = [&](const std::string& owner) {
    return send(Endpoint::microsoft, "GET", "/v1.0/users/" + owner + "/mailFolders", token);
  };
  const auto owner = address("microsoft");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(folders(owner).status, 200);
  clock_.advance(std::chrono::seconds(100));
  const auto refused = folders(owner);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(Json::parse(refused.body)->find("error")->text("code"), "ApplicationThrottled");
  EXPECT_EQ(retry_after(refused), "500");
  EXPECT_EQ(folders(address("microsoft", 1)).status, 200);
  clock_.advance(std::chrono::seconds(500));
  EXPECT_EQ(folders(owner).status, 200);

  Quotas quotas(clock_);
  quotas.set(*read_quota_limits("new"));
  const http::Request request{.method = "GET"};
  const Call call{.request = request,
                  .provider = "microsoft",
                  .path = {},
                  .target = "",
                  .kind = "messages.delta",
                  .mailbox = "a@b.example",
                  .is_authorized = true};
  {
    const auto one = quotas.enter(call), two = quotas.enter(call), three = quotas.enter(call), four = quotas.enter(call);
    EXPECT_FALSE(four.refusal);
    const auto five = quotas.enter(call);
    ASSERT_TRUE(five.refusal);
    EXPECT_NE(five.refusal->body.find("MailboxConcurrency"), std::string::npos);
  }
  EXPECT_FALSE(quotas.enter(call).refusal) << "those have ended";
}

TEST_F(QuotasTest, ABatchMeetsGmailsConcurrencyLimitInItsLastParts) {
  limit(R"({"table":"new","google_concurrent_per_user":4})");
  const auto token = google_token("gmail.readonly", address("google"));
  std::string body;
  for (int part = 0; part < 7; ++part) body += "--b\r\nContent-Type: application/http\r\n\r\nGET /gmail/v1/users/me/profile\r\n\r\n";
  auto request = inner_request("POST", "/batch");
  request.headers = {{"host", "google.test"}, {"authorization", "Bearer " + token}, {"content-type", "multipart/mixed; boundary=b"}};
  request.body = body + "--b--\r\n";
  const auto answered = sim_->handle(Endpoint::google, request).body;
  const auto count = [&](const std::string& text) {
    int found = 0;
    for (auto at = answered.find(text); at != std::string::npos; at = answered.find(text, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count("HTTP/1.1 200"), 4);
  EXPECT_EQ(count("HTTP/1.1 429"), 3);
  EXPECT_EQ(count("Too many concurrent requests for user."), 6) << "twice in each refusal";
}

TEST_F(QuotasTest, TheDirectoriesHaveLimitsOfTheirOwn) {
  limit(R"({"table":"new","directory_queries_per_minute":1,"graph_directory_units_per_10_seconds":3})");
  const auto admin = google_token("admin.directory.user.readonly", ready_.find("google")->text("admin_email"));
  EXPECT_EQ(send(Endpoint::google, "GET", "/admin/directory/v1/users?customer=my_customer", admin).status, 200);
  const auto refused = send(Endpoint::google, "GET", "/admin/directory/v1/users?customer=my_customer", admin);
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("quotaExceeded"), std::string::npos);
  const auto token = microsoft_token();
  EXPECT_EQ(send(Endpoint::microsoft, "GET", "/v1.0/users", token).status, 200);             // 2 units
  EXPECT_EQ(send(Endpoint::microsoft, "GET", "/v1.0/users?$select=id", token).status, 200);  // 1 unit
  EXPECT_EQ(send(Endpoint::microsoft, "GET", "/v1.0/users?$select=id", token).status, 429);
}

TEST(AnswerCache, KeepsWhatFitsUntilTheMailboxChanges) {
  AnswerCache cache(2000);
  cache.keep("a", 1, {.body = std::string(600, 'a')});
  ASSERT_TRUE(cache.find("a", 1));
  EXPECT_EQ(cache.find("a", 1)->body.size(), 600u);
  EXPECT_FALSE(cache.find("a", 2)) << "the mailbox has changed";
  cache.keep("b", 1, {.body = std::string(600, 'b')});
  EXPECT_FALSE(cache.find("b", 1)) << "2,000 bytes do not hold both";
  cache.keep("a", 2, {.body = std::string(10, 'a')});
  cache.keep("b", 1, {.body = std::string(600, 'b')});
  EXPECT_TRUE(cache.find("b", 1));
}

class PrerenderTest : public SimulatorTest {
 protected:
  void SetUp() override { start({.mailboxes = 3, .messages = 25, .page_size_max = 10, .prerender_bytes_max = 8 << 20}); }
};

TEST_F(PrerenderTest, SendsTheSameBodyAgainAndANewOneAfterAChange) {
  const auto owner = address("google");
  const auto token = google_token("gmail.readonly", owner), other = google_token("gmail.readonly", address("google", 1));
  const auto list = [&](const std::string& who) { return send(Endpoint::google, "GET", "/gmail/v1/users/me/messages", who).body; };
  const auto first = list(token);
  EXPECT_EQ(list(token), first);
  EXPECT_NE(list(other), first) << "'me' is another mailbox for another token";
  const auto id = control("/control/messages",
                          Json::object({{"provider", "google"}, {"address", owner}, {"raw_base64", to_base64("Subject: x\r\n\r\nx")}}))
                      .text("id");
  EXPECT_NE(list(token).find(id), std::string::npos);
  EXPECT_EQ(send(Endpoint::google, "GET", "/gmail/v1/users/me/messages", "forged").status, 401);
}

TEST_F(PrerenderTest, KeepsACompressedFormForThoseWhoTakeIt) {
  const auto token = google_token("gmail.readonly", address("google"));
  const auto list = send(Endpoint::google, "GET", "/gmail/v1/users/me/messages", token).body;
  const auto at = list.find("\"id\"");
  const auto from = list.find('"', list.find(':', at)) + 1;
  const auto target = "/gmail/v1/users/me/messages/" + list.substr(from, list.find('"', from) - from) + "?format=raw";
  const auto plain = send(Endpoint::google, "GET", target, token);
  ASSERT_EQ(plain.status, 200);
  ASSERT_GT(plain.body.size(), 1024u);
  auto request = inner_request("GET", target);
  request.headers = {{"host", "google.test"}, {"authorization", "Bearer " + token}, {"accept-encoding", "deflate, gzip"}};
  const auto packed = sim_->handle(Endpoint::google, request);
  EXPECT_TRUE(std::ranges::contains(packed.headers, std::pair<std::string, std::string>("Content-Encoding", "gzip")));
  EXPECT_TRUE(packed.body.starts_with("\x1f\x8b"));
  EXPECT_EQ(sim_->handle(Endpoint::google, request).body, packed.body);
  EXPECT_EQ(send(Endpoint::google, "GET", target, token).body, plain.body);
}

}  // namespace
}  // namespace letterlock::sim
