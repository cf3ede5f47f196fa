#include "adapters/postgres/migrations.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "adapters/postgres/databases.h"
#include "tests/support/test_database.h"

namespace letterlock::postgres {
namespace {

namespace fs = std::filesystem;

class MigrationsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(database.ok());
    fs::create_directory(folder);
    for (const auto& file : fs::directory_iterator(LETTERLOCK_SOURCE_DIR "/migrations/control")) fs::copy(file.path(), folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  void write(const std::string& name, const std::string& sql) { std::ofstream(folder / name) << sql; }

  testing::TestDatabase database;
  const fs::path folder = fs::temp_directory_path() / ("letterlock-migrations-" + new_uuid());
};

TEST_F(MigrationsTest, RunOnceAndThenHaveNothingToDo) {
  write("9998_more.sql", "CREATE TABLE more (n int); INSERT INTO more VALUES (1);");
  EXPECT_EQ(*migrate(database.url(), folder), 1);
  EXPECT_EQ(*migrate(database.url(), folder), 0);
  EXPECT_EQ(database.cell("SELECT count(*) FROM more"), "1");
}

TEST_F(MigrationsTest, AStatementMayTakeAsLongAsItsTableIsLarge) {
  write("9998_long.sql", "CREATE TABLE seen AS SELECT current_setting('statement_timeout') AS it;");
  EXPECT_EQ(*migrate(database.url(), folder), 1);
  EXPECT_EQ(database.cell("SELECT it FROM seen"), "0");
}

TEST_F(MigrationsTest, OneThatFailsLeavesNothingBehind) {
  write("9998_good.sql", "CREATE TABLE good (n int);");
  write("9999_bad.sql", "CREATE TABLE half (n int); SELECT nonsense;");
  const auto failed = migrate(database.url(), folder);
  ASSERT_FALSE(failed);
  EXPECT_TRUE(failed.error().message.contains("9999_bad.sql")) << failed.error().message;
  EXPECT_EQ(database.cell("SELECT count(*) FROM pg_tables WHERE tablename IN ('good', 'half')"), "0");
}

TEST_F(MigrationsTest, AChangedFileOrOneOfALaterProgramIsRefused) {
  write("9998_more.sql", "SELECT 1;");
  ASSERT_TRUE(migrate(database.url(), folder));
  write("9998_more.sql", "SELECT 2;");
  EXPECT_EQ(migrate(database.url(), folder).error().kind, ErrorKind::invalid);
  fs::remove(folder / "9998_more.sql");
  const auto later = migrate(database.url(), folder);
  ASSERT_FALSE(later);
  EXPECT_TRUE(later.error().message.contains("9998_more.sql")) << later.error().message;
  EXPECT_EQ(migrate(database.url(), folder / "nowhere").error().kind, ErrorKind::invalid);
}

TEST_F(MigrationsTest, ManyProcessesAtOnceApplyEachFileOnce) {
  write("9998_more.sql", "CREATE TABLE more (n int);");
  std::atomic<int> applied = 0, failed = 0;
  {
    std::vector<std::jthread> starters;
    for (int i = 0; i < 6; ++i)
      starters.emplace_back([&] {
        const auto count = migrate(database.url(), folder);
        if (!count) ADD_FAILURE() << count.error().message;
        count ? applied += *count : ++failed;
      });
  }
  EXPECT_EQ(applied, 1);
  EXPECT_EQ(failed, 0);
}

// 0006: what the operator imported is read on, what the console or the API pointed somewhere is not.
TEST_F(MigrationsTest, MarksTheArchivesOfTheOperatorWhenPathsBecomeBounded) {
  for (const auto* sql : {"DROP SCHEMA public CASCADE", "CREATE SCHEMA public", "GRANT USAGE ON SCHEMA public TO PUBLIC"})
    database.sql(sql);
  const std::string bounds = "0006_what_is_kept.sql";
  for (const auto& file : fs::directory_iterator(LETTERLOCK_SOURCE_DIR "/migrations/control"))
    if (file.path().filename() >= bounds) fs::remove(folder / file.path().filename());
  ASSERT_TRUE(migrate(database.url(), folder));
  const std::string tenant = new_uuid(), imported = new_uuid(), changed = new_uuid(), google = new_uuid();
  database.sql("INSERT INTO tenants (tenant_id, name) VALUES ('" + tenant + "', 'firma')");
  for (const auto& [id, provider] : {std::pair(imported, "archive"), std::pair(changed, "archive"), std::pair(google, "google")})
    database.sql("INSERT INTO connections (connection_id, tenant_id, name, provider, settings, secret_wrapped) VALUES ('" + id + "', '" +
                 tenant + "', '" + id + "', '" + provider + "', '{\"paths\":[\"/data\"]}', '')");
  database.sql("INSERT INTO audit_log (tenant_id, actor, action, object) VALUES ('" + tenant + "', 'a', 'connection.change', '" + changed +
               "')");
  fs::copy(fs::path(LETTERLOCK_SOURCE_DIR) / "migrations/control" / bounds, folder);
  const auto done = migrate(database.url(), folder);
  ASSERT_TRUE(done) << done.error().message;
  const auto settings = [&](const std::string& id) {
    return database.cell("SELECT settings FROM connections WHERE connection_id = '" + id + "'");
  };
  EXPECT_EQ(settings(imported), R"({"paths": ["/data"], "named_by_operator": true})");
  EXPECT_EQ(settings(changed), R"({"paths": ["/data"]})");
  EXPECT_EQ(settings(google), R"({"paths": ["/data"]})");
}

// The roles belong to the cluster: databases that are migrated at once meet there.
TEST_F(MigrationsTest, ManyDatabasesOfOneClusterAreMigratedAtOnce) {
  std::vector<std::jthread> starters;
  for (int i = 0; i < 6; ++i) starters.emplace_back([] { EXPECT_TRUE(testing::TestDatabase().ok()); });
}

}  // namespace
}  // namespace letterlock::postgres
