#include "adapters/postgres/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/test_database.h"

namespace letterlock::postgres {
namespace {

class PoolTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(database.ok()); }
  Result<Rows> run(Pool& pool, const std::string& sql, const std::vector<Param>& params = {}, const std::string& tenant = "") {
    return pool.compute<Rows>(tenant, [&](Transaction& transaction) { return transaction.run(sql, params); });
  }
  testing::TestDatabase database;
  Pool pool{{.url = database.url(), .connections_max = 4}};
};

TEST_F(PoolTest, ValuesComeBackAsTheyWent) {
  const auto at = from_unix_micros(1'700'000'000'123'456);
  const std::string bytes("\0\xff\\x'\n", 6);
  const std::vector<std::string> texts{"", "a,b", "\"quoted\"", "back\\slash", "{}", "NULL", "Grüße, 株式会社 🙂"};
  const auto rows =
      run(pool,
          "SELECT $1::timestamptz, $2::bytea, $3::bigint, $4::float8, $5::boolean, $6::text, $7::text, "
          "array_to_string($8::text[], '|')",
          {at, to_bytea(bytes), std::int64_t{-9'007'199'254'740'993}, 0.1, true, std::nullopt, "Grüße, 株式会社 🙂", to_text_array(texts)});
  ASSERT_TRUE(rows) << rows.error().message;
  const Row& row = rows->front();
  EXPECT_EQ(row.time(0), at);
  EXPECT_EQ(row.bytes(1), bytes);
  EXPECT_EQ(row.integer(2), -9'007'199'254'740'993);
  EXPECT_EQ(row.number(3), 0.1);
  EXPECT_TRUE(row.boolean(4));
  EXPECT_TRUE(row.is_null(5));
  EXPECT_EQ(row.text(6), "Grüße, 株式会社 🙂");
  EXPECT_EQ(row.text(7), "|a,b|\"quoted\"|back\\slash|{}|NULL|Grüße, 株式会社 🙂");
}

TEST_F(PoolTest, TimesOfEveryPrecisionAreRead) {
  for (const auto* time : {"2026-11-23T21:11:20.000000Z", "2026-11-23T21:11:20.500000Z", "1970-01-01T00:00:00.000001Z"})
    EXPECT_EQ(run(pool, "SELECT $1::timestamptz", {time})->front().time(0), from_rfc3339(time)) << time;
  EXPECT_EQ(run(pool, "SELECT NULL::timestamptz")->front().time(0), std::nullopt);
}

TEST_F(PoolTest, AnErrorOfTheBodyRollsBack) {
  database.sql("CREATE TABLE things (name text PRIMARY KEY)");
  const auto refused = pool.transact("", [](Transaction& transaction) -> Result<void> {
    TRY(transaction.run("INSERT INTO things VALUES ('a')"));
    return fail(ErrorKind::invalid, "changed my mind");
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "changed my mind");
  EXPECT_EQ(database.cell("SELECT count(*) FROM things"), "0");
}

TEST_F(PoolTest, ErrorsSayWhatToDoAndQuoteNoValues) {
  database.sql("CREATE TABLE things (name text PRIMARY KEY CHECK (name <> 'bad'))");
  database.sql("INSERT INTO things VALUES ('s3cret')");
  const auto taken = run(pool, "INSERT INTO things VALUES ($1)", {"s3cret"});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, ErrorKind::conflict);
  EXPECT_EQ(taken.error().code, "unique");
  EXPECT_FALSE(taken.error().message.contains("s3cret")) << taken.error().message;
  EXPECT_EQ(run(pool, "INSERT INTO things VALUES ('bad')").error().kind, ErrorKind::invalid);
  EXPECT_EQ(run(pool, "SELECT $1::uuid", {"no uuid"}).error().kind, ErrorKind::invalid);
  EXPECT_EQ(run(pool, "SELECT nonsense").error().kind, ErrorKind::internal);
  EXPECT_TRUE(pool.check()) << "the connection is good after an error";
}

TEST_F(PoolTest, TheTenantIsSetForOneTransactionAlone) {
  Pool one({.url = database.url(), .connections_max = 1});
  const auto tenant = new_uuid();
  EXPECT_EQ(run(one, "SELECT current_tenant()", {}, tenant)->front().text(0), tenant);
  EXPECT_TRUE(run(one, "SELECT current_tenant()")->front().is_null(0));
}

TEST_F(PoolTest, ADeadlockIsRunAgainUntilBothSucceed) {
  database.sql("CREATE TABLE counters (id int PRIMARY KEY, n int)");
  database.sql("INSERT INTO counters VALUES (1, 0), (2, 0)");
  std::atomic<int> holding = 0, runs = 0;
  const auto both = [&](const char* first, const char* second) {
    return pool.transact("", [&, tries = 0](Transaction& transaction) mutable -> Result<void> {
      ++runs;
      TRY(transaction.run("UPDATE counters SET n = n + 1 WHERE id = $1::int", {first}));
      if (++tries == 1) {  // on the first try each waits until both hold a row
        ++holding;
        while (holding < 2) std::this_thread::yield();
      }
      TRY(transaction.run("UPDATE counters SET n = n + 1 WHERE id = $1::int", {second}));
      return {};
    });
  };
  Result<void> there, back;
  {
    std::jthread a([&] { there = both("1", "2"); });
    std::jthread b([&] { back = both("2", "1"); });
  }
  EXPECT_TRUE(there) << there.error().message;
  EXPECT_TRUE(back) << back.error().message;
  EXPECT_GE(runs, 3) << "one of the two, or each in turn, was chosen as victim and ran again";
  EXPECT_EQ(database.cell("SELECT string_agg(n::text, ' ') FROM counters"), "2 2");
}

TEST_F(PoolTest, ALostConnectionIsReplacedUnseen) {
  Pool one({.url = database.url(), .connections_max = 1});
  const auto pid = run(one, "SELECT pg_backend_pid()")->front().text(0);
  EXPECT_EQ(database.cell("SELECT pg_terminate_backend(" + pid + ", 10000)"), "t");
  const auto after = run(one, "SELECT pg_backend_pid()");
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_NE(after->front().text(0), pid);
}

TEST_F(PoolTest, AConnectionLostInTheMiddleIsUnavailableAndTheNextOneWorks) {
  Pool one({.url = database.url(), .connections_max = 1});
  const auto cut = one.transact("", [&](Transaction& transaction) -> Result<void> {
    const auto pid = TRY(transaction.run("SELECT pg_backend_pid()")).front().text(0);
    database.cell("SELECT pg_terminate_backend(" + pid + ", 10000)");
    TRY(transaction.run("SELECT 1"));
    return {};
  });
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, ErrorKind::unavailable) << cut.error().message;
  EXPECT_TRUE(one.check());
}

TEST_F(PoolTest, AStatementIsPreparedOnceAndAnewWhenItsColumnsChanged) {
  Pool one({.url = database.url(), .connections_max = 1});
  const auto kept = [&] { return run(one, "SELECT count(*) FROM pg_prepared_statements")->front().integer(0); };
  database.sql("CREATE TABLE things (name text)");
  database.sql("INSERT INTO things VALUES ('7')");
  const auto before = kept();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run(one, "SELECT * FROM things WHERE name = $1", {"7"}));
  EXPECT_EQ(kept(), before + 1);
  database.sql("ALTER TABLE things ADD COLUMN size int DEFAULT 3");
  const auto after = run(one, "SELECT * FROM things WHERE name = $1", {"7"});
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->front().size(), 2U);
}

TEST_F(PoolTest, OneConnectionKeepsABoundedNumberOfStatements) {
  Pool one({.url = database.url(), .connections_max = 1});
  for (int i = 0; i < 600; ++i) ASSERT_EQ(run(one, "SELECT " + std::to_string(i))->front().integer(0), i);
  EXPECT_LE(run(one, "SELECT count(*) FROM pg_prepared_statements")->front().integer(0), 256);
}

TEST_F(PoolTest, WhoFindsNoFreeConnectionInTimeIsTold) {
  Pool one({.url = database.url(), .connections_max = 1, .wait_max = std::chrono::milliseconds(20)});
  const auto outer = one.transact("", [&](Transaction&) -> Result<void> {
    const auto inner = one.check();
    EXPECT_EQ(inner.has_value() ? ErrorKind::internal : inner.error().kind, ErrorKind::unavailable);
    return {};
  });
  EXPECT_TRUE(outer);
  EXPECT_TRUE(one.check());
}

TEST_F(PoolTest, AStatementThatTakesTooLongIsEnded) {
  Pool hasty({.url = database.url(), .statement_max = std::chrono::milliseconds(50)});
  const auto ended = run(hasty, "SELECT pg_sleep(30)");
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::unavailable) << ended.error().message;
}

TEST(PoolWithoutServer, SaysThatItCannotBeReached) {
  Pool nowhere({.url = "postgresql://nobody:s3cret@127.0.0.1:1/none"});
  const auto checked = nowhere.check();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::unavailable) << checked.error().message;
  EXPECT_FALSE(checked.error().message.contains("s3cret"));
}

}  // namespace
}  // namespace letterlock::postgres
