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

// The roles belong to the cluster: databases that are migrated at once meet there.
TEST_F(MigrationsTest, ManyDatabasesOfOneClusterAreMigratedAtOnce) {
  std::vector<std::jthread> starters;
  for (int i = 0; i < 6; ++i) starters.emplace_back([] { EXPECT_TRUE(testing::TestDatabase().ok()); });
}

}  // namespace
}  // namespace letterlock::postgres
