// Retention from the setting to the file: a real PostgreSQL, a real tenant's file.

#include "targets/api/retention_runner.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/api_rig.h"

namespace letterlock::api {
namespace {

using testing::ApiRig;
using testing::must;

class RetentionRunnerTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(rig.rig.database.ok()); }
  int set(const std::string& as, const std::string& days) {
    return rig.ask({.method = "PUT", .path = "/retention", .as = as, .body = R"({"retention_days":)" + days + "}"}).status;
  }
  std::string shown() { return rig.ask({.path = "/retention", .as = "viewer"}).body; }
  http::Response message() { return rig.ask({.path = "/alerts/" + rig.alert.str() + "/message", .as = "analyst"}); }
  std::int64_t mails() {
    return std::get<std::int64_t>(must(rig.repository->query(rig.tenant, "SELECT count(*) FROM emails", {})).rows.at(0).at(0));
  }
  void analysed_up_to(int seq) { rig.rig.database.sql("UPDATE watermarks SET ingest_seq = " + std::to_string(seq)); }

  ApiRig rig;
  RetentionRunner runner{rig.services.retention, *rig.repository, rig.rig.clock, rig.metrics, {.messages_max = 1}};
};

TEST_F(RetentionRunnerTest, DeletesOldMailAndTheAlertSaysThatItIsGone) {
  EXPECT_EQ(set("viewer", "30"), 403);
  EXPECT_EQ(set("admin", "30"), 403);
  EXPECT_NE(set(rig.api_key(Role::owner, {"connections:write", "connections:read"}), "30"), 200) << "no key deletes a company's mail";
  for (const auto* wrong : {"0", "36501", "\"30\"", "1.5"}) EXPECT_EQ(set("owner", wrong), 400) << wrong;
  EXPECT_EQ(rig.ask({.method = "PUT", .path = "/retention", .as = "owner", .body = "{}"}).status, 400) << "nothing is no setting";
  EXPECT_FALSE(must(runner.run_once({})));
  ASSERT_EQ(message().status, 200);
  ASSERT_EQ(mails(), 2);

  EXPECT_EQ(set("owner", "30"), 200);
  EXPECT_EQ(shown(), R"({"retention_days":30,"messages_erased":0,"problem":""})");
  analysed_up_to(1);
  rig.rig.clock.advance(std::chrono::days(29));
  EXPECT_TRUE(must(runner.run_once({})));
  EXPECT_EQ(mails(), 2) << "younger";
  rig.rig.clock.advance(std::chrono::days(2));
  EXPECT_TRUE(must(runner.run_once({})));
  EXPECT_EQ(mails(), 1) << "the other one was not analysed yet";
  EXPECT_TRUE(shown().contains(R"("messages_erased":1,)")) << shown();
  EXPECT_TRUE(shown().contains(R"("checked_at")")) << shown();

  const auto gone = message();
  EXPECT_EQ(gone.status, 404);
  EXPECT_TRUE(gone.body.contains("problems/message_erased")) << gone.body;
  EXPECT_TRUE(gone.body.contains("older than what this company keeps")) << gone.body;
  EXPECT_EQ(rig.ask({.path = "/alerts/" + rig.alert.str() + "/similar_messages", .as = "analyst"}).status, 404) << "not: none is like it";
  const auto alert = rig.ask({.path = "/alerts/" + rig.alert.str(), .as = "viewer"});
  EXPECT_EQ(alert.status, 200);
  EXPECT_TRUE(alert.body.contains(R"("provider_message_id":"m1")")) << alert.body;
  EXPECT_EQ(rig.rig.database.cell("SELECT string_agg(object, ', ') FROM audit_log WHERE action = 'retention.change'"), "30 days");

  analysed_up_to(9);
  rig.rig.clock.advance(std::chrono::hours(1));
  EXPECT_TRUE(must(runner.run_once({})));
  EXPECT_EQ(mails(), 0);
  EXPECT_EQ(set("owner", "null"), 200);
  rig.rig.clock.advance(std::chrono::hours(2));
  EXPECT_FALSE(must(runner.run_once({})));
}

TEST_F(RetentionRunnerTest, SaysWhyOldMailCouldNotBeDeleted) {
  EXPECT_EQ(set("owner", "30"), 200);
  must(rig.repository->forget(rig.tenant, false));
  for (const auto& file : std::filesystem::directory_iterator(rig.folder))
    if (file.path().filename().string().starts_with(rig.tenant.str()) && !file.path().string().ends_with(".lock"))
      std::ofstream(file.path(), std::ios::binary | std::ios::trunc) << std::string(100'000, 'x');
  EXPECT_TRUE(must(runner.run_once({})));
  EXPECT_FALSE(shown().contains(R"("problem":"")")) << shown();
  EXPECT_FALSE(must(runner.run_once({}))) << "again in ten minutes";
}

}  // namespace
}  // namespace letterlock::api
