#include <gtest/gtest.h>

#include <map>
#include <set>

#include "providers/microsoft/microsoft_provider.h"
#include "providers/scripted_client.h"
#include "providers/walk_recorder.h"

namespace letterlock::providers {
namespace {

using namespace std::chrono_literals;

std::string item(const std::string& id, const std::string& more = "") {
  return R"({"id":")" + id + R"(","receivedDateTime":"2026-01-01T00:00:00Z","body":{"contentType":"text","content":"x"})" + more + "}";
}
std::string removed(const std::string& id) { return R"({"id":")" + id + R"(","@removed":{"reason":"deleted"}})"; }

// Answers by the end of the URL's path and query; tests add and replace them.
struct Graph {
  std::map<std::string, http::ClientResponse> answers;  // by a part of the URL; the longest that fits wins
  std::string root = "https://graph.test";

  void page(const std::string& part, const std::string& items, const std::string& next, bool is_last) {
    answers[part] = answer(200, R"({"value":[)" + items + R"(],"@odata.)" + (is_last ? "deltaLink" : "nextLink") + R"(":")" + next + "\"}");
  }
  Result<http::ClientResponse> operator()(const http::ClientRequest& request) {
    if (request.url.contains("/oauth2/")) return answer(200, R"({"access_token":"t","expires_in":3599})");
    const http::ClientResponse* best = nullptr;
    std::size_t length = 0;
    for (const auto& [part, response] : answers)
      if (request.url.contains(part) && part.size() > length) best = &response, length = part.size();
    return best ? *best : answer(404, R"({"error":{"code":"ErrorItemNotFound","message":"gone"}})");
  }
};

class GraphWalkTest : public testing::Test {
 protected:
  void SetUp() override {
    graph_.answers["/mailFolders?"] =
        answer(200, R"({"value":[{"id":"A","childFolderCount":1},{"@odata.type":"#microsoft.graph.mailSearchFolder","id":"S"}]})");
    graph_.answers["/mailFolders/A/childFolders"] = answer(200, R"({"value":[{"id":"B","childFolderCount":0}]})");
    graph_.page("/mailFolders/A/messages/delta?$select", item("1") + "," + item("2"), root("A?$skiptoken=1"), false);
    graph_.page("A?$skiptoken=1", "", root("A?$skiptoken=2"), false);
    graph_.page("A?$skiptoken=2", item("3") + "," + item("1"), root("A?$deltatoken=1"), true);
    graph_.page("/mailFolders/B/messages/delta?$select", item("4"), root("B?$deltatoken=1"), true);
    graph_.page("A?$deltatoken=1", "", root("A?$deltatoken=1"), true);
    graph_.page("B?$deltatoken=1", "", root("B?$deltatoken=1"), true);
  }
  std::string root(const std::string& rest) { return graph_.root + "/v1.0/" + rest; }
  Result<void> walk(WalkLimits limits = {}) {
    MicrosoftProvider provider({.tenant = "t", .client_id = "c", .login_root = "https://login.test", .graph_root = graph_.root},
                               {.client_secret = "s+/="}, client_, clock_, metrics_,
                               ProviderOptions{.backoff = {.first = 1ms, .max = 2ms, .tries_max = 2}});
    return store_.walk(provider, user_, limits);
  }
  GraphCursor cursor(const std::string& folder) {
    return read_graph_cursor(store_.cursors[{.mailbox_id = MailboxId("7"), .source = "graph", .folder_id = FolderId(folder)}].value);
  }

  Graph graph_;
  ScriptedClient client_{[this](const http::ClientRequest& request) { return graph_(request); }};
  ManualClock clock_{*from_rfc3339("2026-11-23T12:00:00Z")};
  Metrics metrics_;
  User user_{.user_id = UserId("7"), .primary_email = "a@x"};
  WalkRecorder store_;
};

TEST_F(GraphWalkTest, ReadsEveryFolderButSearchFolders) {
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.present(), (std::set<std::string>{"1", "2", "3", "4"}));
  EXPECT_EQ(store_.rows["4"].message.folder_id, FolderId("B"));
  EXPECT_TRUE(cursor("A").link.ends_with("$deltatoken=1"));
  EXPECT_EQ(client_.count("/mailFolders/S/"), 0);
  for (const auto& request : client_.requests()) {
    if (request.url.contains("/oauth2/")) {
      EXPECT_TRUE(request.body.contains("client_secret=s%2B%2F%3D")) << "secrets contain + / and =";
      continue;
    }
    const bool has_prefer = std::ranges::any_of(request.headers, [](const auto& header) {
      return header.first == "Prefer" && header.second.contains("IdType=\"ImmutableId\"") && header.second.contains("maxpagesize=50");
    });
    EXPECT_TRUE(has_prefer) << request.url;
    EXPECT_FALSE(request.url.contains("delta") && request.url.contains("$top")) << request.url;
  }
}

TEST_F(GraphWalkTest, KeepsAMovedMessageWhicheverFolderIsReadFirst) {
  ASSERT_TRUE(walk());
  graph_.page("A?$deltatoken=1", removed("1") + "," + item("4"), root("A?$deltatoken=2"), true);
  graph_.page("B?$deltatoken=1", item("1") + "," + removed("4"), root("B?$deltatoken=2"), true);
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.present(), (std::set<std::string>{"1", "2", "3", "4"}));
  EXPECT_EQ(store_.rows["1"].message.folder_id, FolderId("B"));
  EXPECT_EQ(store_.rows["4"].message.folder_id, FolderId("A"));
}

TEST_F(GraphWalkTest, TakesTheLastWordOfAPageAboutAMessage) {
  ASSERT_TRUE(walk());
  graph_.page("A?$deltatoken=1", removed("1") + "," + item("1") + "," + item("9") + "," + removed("9"), root("A?$deltatoken=2"), true);
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.present(), (std::set<std::string>{"1", "2", "3", "4"}));
}

TEST_F(GraphWalkTest, MergesAPartialItemInsteadOfOverwriting) {
  ASSERT_TRUE(walk());
  const auto bytes = store_.rows["1"].message.raw.bytes;
  graph_.page("A?$deltatoken=1", R"({"id":"1","isRead":true,"categories":["Red"]})", root("A?$deltatoken=2"), true);
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.rows["1"].message.raw.bytes, bytes);
  EXPECT_EQ(store_.rows["1"].message.labels, std::vector<std::string>{"Red"});
}

TEST_F(GraphWalkTest, FetchesAMovedMessageThatComesAsAPartialItem) {
  ASSERT_TRUE(walk());
  graph_.page("A?$deltatoken=1", removed("1"), root("A?$deltatoken=2"), true);
  graph_.page("B?$deltatoken=1", R"({"id":"1","parentFolderId":"B"})", root("B?$deltatoken=2"), true);
  graph_.answers["/messages/1?$select"] = answer(200, item("1"));
  ASSERT_TRUE(walk());
  EXPECT_TRUE(store_.present().contains("1"));
}

TEST_F(GraphWalkTest, ListsAFolderAnewAndSweepsItWhenItsTokenWasForgotten) {
  ASSERT_TRUE(walk());
  graph_.answers["A?$deltatoken=1"] = answer(410, R"({"error":{"code":"syncStateNotFound","message":"The sync state is not found"}})");
  graph_.page("/mailFolders/A/messages/delta?$select", item("2"), root("A?$skiptoken=2"), false);
  graph_.page("A?$skiptoken=2", item("5"), root("A?$deltatoken=9"), true);
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.present(), (std::set<std::string>{"2", "4", "5"}));
  EXPECT_EQ(cursor("A").generation, 2);
  EXPECT_FALSE(cursor("A").is_sweep);
  EXPECT_EQ(cursor("B").generation, 1);
}

TEST_F(GraphWalkTest, SweepsAFolderThatIsGoneOnce) {
  ASSERT_TRUE(walk());
  graph_.answers["/mailFolders?"] = answer(200, R"({"value":[{"id":"A","childFolderCount":0}]})");
  graph_.page("A?$deltatoken=1", item("4"), root("A?$deltatoken=2"), true);  // moved before its folder was deleted
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.present(), (std::set<std::string>{"1", "2", "3", "4"}));
  EXPECT_TRUE(cursor("B").gone);
  const auto version = store_.cursors.rbegin()->second.version;
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.cursors.rbegin()->second.version, version);
}

TEST_F(GraphWalkTest, RefusesALinkToAnotherOrigin) {
  graph_.page("A?$skiptoken=1", "", "https://graph.test.evil.example/v1.0/x", false);
  const auto walked = walk();
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().kind, ErrorKind::invalid);
  EXPECT_EQ(client_.count("evil"), 0);
}

TEST_F(GraphWalkTest, LeavesDraftsOutUntilTheyAreSent) {
  graph_.page("/mailFolders/B/messages/delta?$select", item("4", R"(,"isDraft":true)"), root("B?$deltatoken=1"), true);
  ASSERT_TRUE(walk());
  EXPECT_FALSE(store_.present().contains("4"));
  graph_.page("B?$deltatoken=1", R"({"id":"4","isDraft":false})", root("B?$deltatoken=2"), true);
  graph_.answers["/messages/4?$select"] = answer(200, item("4", R"(,"isDraft":false)"));
  ASSERT_TRUE(walk());
  EXPECT_TRUE(store_.present().contains("4"));
}

TEST_F(GraphWalkTest, MergesSeveralEntriesForOneMessage) {
  ASSERT_TRUE(walk());
  graph_.page("A?$deltatoken=1",
              R"({"id":"1","categories":["Red"]},{"id":"1","isRead":true},)" + item("2", R"(,"categories":["Old"])") +
                  R"(,{"id":"2","categories":["Blue"]},)" + item("5", R"(,"isDraft":true)") + R"(,{"id":"5","isDraft":false})",
              root("A?$deltatoken=2"), true);
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.rows["1"].message.labels, std::vector<std::string>{"Red"});
  EXPECT_EQ(store_.rows["2"].message.labels, std::vector<std::string>{"Blue"});
  EXPECT_TRUE(store_.present().contains("5")) << "it was sent within the page";
}

// A -> B -> A between two readings: Graph says "removed" and never that it is back (docs#21752).
TEST_F(GraphWalkTest, KeepsAMessageThatLeftItsFolderAndCameBack) {
  ASSERT_TRUE(walk());
  graph_.page("A?$deltatoken=1", removed("1"), root("A?$deltatoken=2"), true);
  graph_.answers["/messages/1?$select=id,parentFolderId"] = answer(200, R"({"id":"1","parentFolderId":"A"})");
  ASSERT_TRUE(walk());
  EXPECT_TRUE(store_.present().contains("1"));
  EXPECT_EQ(store_.rows["1"].message.folder_id, FolderId("A"));
}

TEST_F(GraphWalkTest, FollowsAMessageThatMovedAfterItsNewFolderWasRead) {
  ASSERT_TRUE(walk());
  graph_.page("A?$deltatoken=1", removed("1"), root("A?$deltatoken=2"), true);
  graph_.answers["/messages/1?$select=id,parentFolderId"] = answer(200, R"({"id":"1","parentFolderId":"B"})");
  ASSERT_TRUE(walk());
  EXPECT_TRUE(store_.present().contains("1"));
  EXPECT_EQ(store_.rows["1"].message.folder_id, FolderId("B"));
}

TEST_F(GraphWalkTest, TakesWhatLiesInNoListedFolderForRemoved) {
  ASSERT_TRUE(walk());
  graph_.page("A?$deltatoken=1", removed("1") + "," + removed("2"), root("A?$deltatoken=2"), true);
  graph_.answers["/messages/1?$select=id,parentFolderId"] = answer(200, R"({"id":"1","parentFolderId":"dumpster"})");
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.present(), (std::set<std::string>{"3", "4"}));
}

TEST_F(GraphWalkTest, DoesNotRemoveWhatItCannotAskAbout) {
  ASSERT_TRUE(walk());
  const auto before = cursor("A").link;
  graph_.page("A?$deltatoken=1", removed("1"), root("A?$deltatoken=2"), true);
  graph_.answers["/messages/1?$select=id,parentFolderId"] = answer(503, "");
  EXPECT_FALSE(walk());
  EXPECT_TRUE(store_.present().contains("1"));
  EXPECT_EQ(cursor("A").link, before);
}

TEST_F(GraphWalkTest, SetsACorruptMessageAsideByItself) {
  const std::string corrupt = R"({"error":{"code":"ErrorCorruptData","message":"Data is corrupt."}})";
  graph_.answers["A?$skiptoken=2"] = answer(500, corrupt);
  graph_.page("/mailFolders/A/messages/delta?$select=id,internetMessageId", item("1") + "," + item("2"), root("A?$skiptoken=2"), false);
  graph_.page("/mailFolders/A/messages/delta?$select=id", R"({"id":"1"},{"id":"2"},{"id":"3"},{"id":"bad"})", root("A?$deltatoken=ids"),
              true);
  for (const char* id : {"1", "2", "3"}) graph_.answers[std::string("/messages/") + id + "?$select"] = answer(200, item(id));
  graph_.answers["/messages/bad?$select"] = answer(500, corrupt);
  const auto walked = walk();
  ASSERT_TRUE(walked) << walked.error().message;
  EXPECT_EQ(store_.present(), (std::set<std::string>{"1", "2", "3", "4"}));
  ASSERT_TRUE(store_.set_aside.contains("bad"));
  EXPECT_TRUE(store_.set_aside["bad"].contains("500")) << store_.set_aside["bad"];
  // Later rounds give ids alone, and new mail is fetched.
  graph_.page("A?$deltatoken=ids", R"({"id":"6"})", root("A?$deltatoken=ids2"), true);
  graph_.answers["/messages/6?$select"] = answer(200, item("6"));
  ASSERT_TRUE(walk());
  EXPECT_TRUE(store_.present().contains("6"));
  EXPECT_TRUE(cursor("A").ids_only);
}

TEST_F(GraphWalkTest, FetchesTheContentsOfOrdinaryPdfsAlone) {
  graph_.page("/mailFolders/B/messages/delta?$select", item("4", R"(,"hasAttachments":true)"), root("B?$deltatoken=1"), true);
  std::string list;
  for (int i = 0; i < 7; ++i) list += R"({"id":"p)" + std::to_string(i) + R"(","name":"a.pdf","size":1000},)";
  graph_.answers["/messages/4/attachments?"] =
      answer(200, R"({"value":[{"id":"big","name":"b.pdf","size":3000000},{"id":"text","name":"c.txt","size":10},)"
                  R"({"@odata.type":"#microsoft.graph.itemAttachment","id":"item","name":"d.pdf","size":10},)" +
                      list + R"({"id":"last","size":1}]})");
  graph_.answers["/messages/4/attachments/p"] = answer(200, R"({"id":"p","name":"a.pdf","contentBytes":"JVBERg=="})");
  graph_.answers["/messages/4/attachments/p1"] = answer(500, "{}");  // a poisonous one
  ASSERT_TRUE(walk());
  EXPECT_EQ(client_.count("/attachments/p0"), 1);
  EXPECT_EQ(client_.count("/attachments/p4"), 1);
  EXPECT_EQ(client_.count("/attachments/p5"), 0) << "five a message";
  for (const char* id : {"big", "text", "item", "last"}) EXPECT_EQ(client_.count(std::string("/attachments/") + id), 0) << id;
  const auto& json = store_.rows["4"].message.raw.bytes;
  EXPECT_TRUE(json.contains("JVBERg==")) << json;
  EXPECT_TRUE(json.contains(R"({"id":"p1","name":"a.pdf","size":1000})")) << json;
}

TEST_F(GraphWalkTest, PutsAttachmentsIntoTheMessage) {
  graph_.page("/mailFolders/B/messages/delta?$select", item("4", R"(,"hasAttachments":true)"), root("B?$deltatoken=1"), true);
  graph_.answers["/messages/4/attachments"] = answer(200, R"({"value":[{"id":"x","name":"a.pdf","size":3}]})");
  ASSERT_TRUE(walk());
  EXPECT_TRUE(store_.rows["4"].message.raw.bytes.ends_with(R"(,"attachments":[{"id":"x","name":"a.pdf","size":3}]})"));
}

TEST_F(GraphWalkTest, CutsALargePageIntoStepsThatCanBeReadAgain) {
  store_.steps_max = 1;
  ASSERT_TRUE(walk({.step_bytes_max = 50}));
  EXPECT_EQ(store_.present(), std::set<std::string>{"1"});
  EXPECT_EQ(cursor("A").link, "") << "the page is not finished";
  store_.steps_max = 1000;
  ASSERT_TRUE(walk({.step_bytes_max = 50}));
  EXPECT_EQ(store_.present(), (std::set<std::string>{"1", "2", "3", "4"}));
}

TEST_F(GraphWalkTest, TellsAMissingMailboxFromAMissingPermission) {
  graph_.answers["/mailFolders?"] = answer(404, R"({"error":{"code":"MailboxNotEnabledForRESTAPI","message":"inactive"}})");
  EXPECT_EQ(walk().error().code, "no_mailbox");
  graph_.answers["/mailFolders?"] = answer(403, R"({"error":{"code":"Authorization_RequestDenied","message":"no"}})");
  EXPECT_EQ(walk().error().kind, ErrorKind::forbidden);
  EXPECT_TRUE(walk().error().code.empty());
  graph_.answers["/mailFolders?"] = answer(403, R"({"error":{"code":"ErrorAccessDenied","message":"no"}})");
  EXPECT_EQ(walk().error().code, "mailbox_failed");
  graph_.answers["/mailFolders?"] = answer(200, "<html>hello</html>");
  EXPECT_EQ(walk().error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace letterlock::providers
