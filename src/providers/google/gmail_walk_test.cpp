#include <gtest/gtest.h>

#include <map>
#include <set>

#include "adapters/crypto/crypto.h"
#include "base/encoding.h"
#include "providers/google/google_provider.h"
#include "providers/scripted_client.h"
#include "providers/walk_recorder.h"

namespace letterlock::providers {
namespace {

using namespace std::chrono_literals;

std::string parameter(const std::string& url, const std::string& name) {
  const auto at = url.find(name + "=");
  if (at == std::string::npos) return "";
  const auto begin = at + name.size() + 1;
  return url.substr(begin, url.find('&', begin) - begin);
}

constexpr std::string_view not_found =
    R"({"error":{"code":404,"message":"Requested entity was not found.","errors":[{"reason":"notFound"}],"status":"NOT_FOUND"}})";

// Answers that a mailbox of listed ids gives; tests change the members.
struct Mailbox {
  std::vector<std::vector<std::string>> pages{{"a", "b", "c"}, {}, {"d", "e"}};
  std::map<std::string, int> get_status;        // other than 200
  std::map<std::string, std::string> get_body;  // of those
  std::map<std::string, int> get_passing;       // so often the answer is get_status's, then the message
  std::map<std::string, std::string> labels;    // JSON array, default INBOX
  std::string profile_history = "100";
  std::map<std::string, std::string> history;  // by page token
  int history_status = 200;
  std::string token_error;

  Result<http::ClientResponse> operator()(const http::ClientRequest& request) {
    const std::string& url = request.url;
    if (url.ends_with("/token"))
      return token_error.empty() ? answer(200, R"({"access_token":"t","expires_in":3599})") : answer(400, token_error);
    if (url.contains("/profile")) return answer(200, R"({"emailAddress":"a@x","historyId":")" + profile_history + "\"}");
    if (url.contains("/history")) {
      if (history_status != 200) return answer(history_status, std::string(not_found));
      return answer(200, history[parameter(url, "pageToken")]);
    }
    if (const auto at = url.find("/messages/"); at != std::string::npos) {
      const std::string id = url.substr(at + 10, url.find('?') - at - 10);
      const auto passing = get_passing.find(id);
      const bool has_passed = passing != get_passing.end() && passing->second-- <= 0;
      if (const auto status = get_status.find(id); status != get_status.end() && !has_passed)
        return answer(status->second, get_body.contains(id)   ? get_body[id]
                                      : status->second == 404 ? std::string(not_found)
                                                              : R"({"error":{"message":"Backend Error"}})");
      const auto own = labels.find(id);
      return answer(200, R"({"id":")" + id + R"(","threadId":"t","internalDate":"1700000000000","labelIds":)" +
                             (own == labels.end() ? R"(["INBOX"])" : own->second) + R"(,"raw":")" +
                             to_base64url("Subject: " + id + "\r\n\r\n") + "\"}");
    }
    if (url.contains("/messages?")) {
      const auto token = parameter(url, "pageToken");
      const std::size_t page = token.empty() ? 0 : std::stoul(token);
      std::string json = R"({"resultSizeEstimate":1)";
      if (!pages[page].empty()) {
        json += R"(,"messages":[)";
        for (std::size_t i = 0; i < pages[page].size(); ++i) json += (i ? "," : "") + (R"({"id":")" + pages[page][i] + "\"}");
        json += "]";
      }
      if (page + 1 < pages.size()) json += R"(,"nextPageToken":")" + std::to_string(page + 1) + "\"";
      return answer(200, json + "}");
    }
    return answer(404, "<html>");
  }
};

const std::string& private_key() {
  static const std::string key = crypto::make_rsa_key(2048)->private_key_pem;
  return key;
}

class GmailWalkTest : public testing::Test {
 protected:
  std::unique_ptr<Provider> provider() {
    return std::make_unique<GoogleProvider>(GoogleSettings{.admin_email = "admin@x"},
                                            GoogleKey{.client_email = "s@x", .private_key = private_key(), .private_key_id = "1"}, client_,
                                            clock_, metrics_, ProviderOptions{.backoff = {.first = 1ms, .max = 2ms, .tries_max = 2}});
  }
  Result<void> walk(WalkLimits limits = {}) {
    auto walked = provider();
    return store_.walk(*walked, user_, limits);
  }
  GmailCursor cursor() { return read_gmail_cursor(store_.cursors.begin()->second.value); }

  Mailbox mailbox_;
  ScriptedClient client_{[this](const http::ClientRequest& request) { return mailbox_(request); }};
  ManualClock clock_{*from_rfc3339("2026-11-23T12:00:00Z")};
  Metrics metrics_;
  User user_{.user_id = UserId("7"), .primary_email = "a@x"};
  WalkRecorder store_;
  const std::string no_news_ = R"({"historyId":"105"})";
  void SetUp() override { mailbox_.history[""] = no_news_; }
};

TEST_F(GmailWalkTest, ListsTheWholeMailboxThenFollowsItsHistory) {
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.present(), (std::set<std::string>{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(store_.rows["a"].message.raw.bytes, "Subject: a\r\n\r\n");
  EXPECT_EQ(store_.rows["a"].message.received_at, from_rfc3339("2023-11-14T22:13:20Z"));
  EXPECT_EQ(cursor().mode, "live");
  EXPECT_EQ(cursor().history_id, "105");
  EXPECT_TRUE(store_.steps.back().caught_up);
  int profile = -1, list = -1;
  const auto requests = client_.requests();
  for (int i = 0; i < std::ssize(requests); ++i) {
    if (requests[i].url.contains("/profile")) profile = i;
    if (requests[i].url.contains("/messages?") && list < 0) list = i;
  }
  EXPECT_LT(profile, list);  // or mail that arrives while listing is missed
}

TEST_F(GmailWalkTest, LeavesOutDraftsAndChatsAndWhatIsGone) {
  mailbox_.labels = {{"a", R"(["DRAFT"])"}, {"b", R"(["CHAT"])"}};
  mailbox_.get_status = {{"c", 404}};
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.present(), (std::set<std::string>{"d", "e"}));
  EXPECT_TRUE(store_.set_aside.empty());
}

TEST_F(GmailWalkTest, GoesOnExactlyWhereASliceStopped) {
  store_.steps_max = 1;
  ASSERT_TRUE(walk({.step_messages_max = 2}));
  EXPECT_EQ(store_.present(), (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(cursor().pending, std::vector<std::string>{"c"});
  store_.steps_max = 1000;
  ASSERT_TRUE(walk({.step_messages_max = 2}));
  EXPECT_EQ(store_.present().size(), 5u);
  EXPECT_EQ(client_.count("/messages/a?") + client_.count("/messages/b?"), 2) << "what was stored is not fetched again";
  EXPECT_EQ(client_.count("/profile"), 1);
}

TEST_F(GmailWalkTest, TakesTheFirstPagesHistoryIdAfterTheLastPage) {
  ASSERT_TRUE(walk());
  store_.steps.clear();
  mailbox_.labels["f"] = R"(["INBOX"])";
  mailbox_.history = {
      {"", R"({"historyId":"120","nextPageToken":"p2"})"},
      {"p2", R"({"historyId":"130","nextPageToken":"p3","history":[{"messagesAdded":[{"message":{"id":"f","labelIds":["INBOX"]}},
             {"message":{"id":"g","labelIds":["DRAFT"]}}]},{"messagesDeleted":[{"message":{"id":"a"}}]}]})"},
      {"p3", R"({"historyId":"140","history":[{"labelsAdded":[{"message":{"id":"b","labelIds":["INBOX","TRASH"]},"labelIds":["TRASH"]}]},
             {"labelsRemoved":[{"message":{"id":"c"},"labelIds":["INBOX"]}]}]})"}};
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.present(), (std::set<std::string>{"b", "c", "d", "e", "f"}));
  EXPECT_EQ(store_.rows["b"].message.labels, (std::vector<std::string>{"INBOX", "TRASH"}));
  EXPECT_TRUE(store_.rows["c"].message.labels.empty());
  EXPECT_FALSE(store_.rows.contains("g"));
  EXPECT_EQ(cursor().history_id, "120");
  ASSERT_EQ(store_.steps.size(), 2u);
  EXPECT_EQ(read_gmail_cursor(store_.steps[0].next_value).history_id, "105") << "not before every page is stored";
  EXPECT_EQ(client_.count("startHistoryId=105"), 3);
}

TEST_F(GmailWalkTest, ListsAnewAndSweepsWhenTheHistoryWasForgotten) {
  ASSERT_TRUE(walk());
  mailbox_.pages = {{"b", "x"}};
  mailbox_.profile_history = "500";
  mailbox_.history[""] = R"({"historyId":"501"})";
  mailbox_.history_status = 404;
  store_.steps_max = static_cast<int>(store_.steps.size()) + 1;
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.present(), (std::set<std::string>{"b", "x"}));
  EXPECT_EQ(cursor().generation, 2);
  mailbox_.history_status = 200;
  store_.steps_max = 1000;
  ASSERT_TRUE(walk());
  EXPECT_EQ(cursor().history_id, "501");
}

TEST_F(GmailWalkTest, DoesNotListForEverWhenEveryHistoryIdIsForgotten) {
  mailbox_.history_status = 404;
  const auto walked = walk();
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().code, "mailbox_failed");
}

TEST_F(GmailWalkTest, SetsAPoisonousMessageAsideAndKeepsItsNeighbours) {
  mailbox_.get_status = {{"b", 500}, {"d", 400}};
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.present(), (std::set<std::string>{"a", "c", "e"}));
  EXPECT_EQ(store_.set_aside.size(), 2u);
  EXPECT_TRUE(store_.set_aside["b"].contains("500"));
}

// "Precondition check failed." comes and goes on a small share of gets (OpenArchiver#441).
TEST_F(GmailWalkTest, TriesAPassingPreconditionAgainAndSetsAsideWhereItStays) {
  const std::string body =
      R"({"error":{"code":400,"message":"Precondition check failed.","errors":[{"reason":"failedPrecondition"}],"status":"FAILED_PRECONDITION"}})";
  mailbox_.get_status = {{"b", 400}, {"d", 400}};
  mailbox_.get_body = {{"b", body}, {"d", body}};
  mailbox_.get_passing = {{"d", 1}};
  const auto walked = walk();
  ASSERT_TRUE(walked) << walked.error().message;
  EXPECT_EQ(store_.present(), (std::set<std::string>{"a", "c", "d", "e"}));
  EXPECT_TRUE(store_.set_aside["b"].contains("Precondition check failed")) << store_.set_aside["b"];
  EXPECT_GE(client_.count("/messages/b?"), 2);
}

TEST_F(GmailWalkTest, FetchesADraftThatWasSent) {
  mailbox_.labels = {{"a", R"(["DRAFT"])"}};
  ASSERT_TRUE(walk());
  EXPECT_FALSE(store_.present().contains("a"));
  mailbox_.labels = {{"a", R"(["SENT"])"}};
  mailbox_.history[""] =
      R"({"history":[{"id":"101","labelsRemoved":[{"message":{"id":"a","labelIds":["SENT"]},"labelIds":["DRAFT"]}]}],"historyId":"101"})";
  ASSERT_TRUE(walk());
  EXPECT_TRUE(store_.present().contains("a"));
}

TEST_F(GmailWalkTest, SetsNothingAsideWhenTheProviderIsDown) {
  for (const auto* id : {"a", "b", "c", "d", "e"}) mailbox_.get_status[id] = 503;
  const auto walked = walk();
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(store_.steps.empty());
}

TEST_F(GmailWalkTest, SetsNothingAsideWhereTheMailboxItselfIsBroken) {
  mailbox_.pages = {{}};
  for (char id = 'a'; id <= 'l'; ++id) {  // two more than unreadable messages in a row are set aside
    mailbox_.pages[0].emplace_back(1, id);
    if (id > 'a') mailbox_.get_status[std::string(1, id)] = 400;
  }
  const auto walked = walk();
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().code, "mailbox_failed");
  EXPECT_TRUE(store_.set_aside.empty());
}

TEST_F(GmailWalkTest, KeepsWhatItFetchedBeforeItWasThrottled) {
  mailbox_.get_status["c"] = 429;
  const auto walked = walk();
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().kind, ErrorKind::throttled);
  EXPECT_EQ(store_.present(), (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(cursor().pending, std::vector<std::string>{"c"});
  mailbox_.get_status.clear();
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.present().size(), 5u);
  EXPECT_EQ(client_.count("/messages/a?"), 1);
}

TEST_F(GmailWalkTest, SetsAMessageAsideThatIsTooLarge) {
  ASSERT_TRUE(walk({.message_bytes_max = 5}));
  EXPECT_TRUE(store_.present().empty());
  EXPECT_EQ(store_.set_aside.size(), 5u);
}

TEST_F(GmailWalkTest, TellsAMissingMailboxFromAMissingDelegation) {
  mailbox_.token_error = R"({"error":"invalid_grant","error_description":"Invalid email or User ID"})";
  EXPECT_EQ(walk().error().code, "no_mailbox");
  mailbox_.token_error = R"({"error":"unauthorized_client","error_description":"Client is unauthorized to retrieve access tokens"})";
  EXPECT_EQ(walk().error().kind, ErrorKind::unauthenticated);
  EXPECT_TRUE(walk().error().code.empty());
  mailbox_.token_error = "<html>hello</html>";
  EXPECT_EQ(walk().error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace letterlock::providers
