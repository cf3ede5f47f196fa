#include "adapters/flight/flight_storage.h"

#include <atomic>
#include <cmath>
#include <thread>

#include "adapters/flight/test_server.h"
#include "ports/storage_conformance.h"

namespace letterlock {
namespace {

using flight::tenant_a;
using flight::TestServer;

// What `ingestion` and `api` together may do: each call goes with the token of the target that makes it in production.
class BothTargets final : public Storage {
 public:
  explicit BothTargets(const TestServer& server) : ingestion_(server.storage("ingestion")), api_(server.storage("api")) {}

  Result<void> save_users(const TenantId& tenant, std::span<const User> users, const UserListing& listing, const TenantFacts& facts,
                          TimePoint at) override {
    return ingestion_->save_users(tenant, users, listing, facts, at);
  }
  Result<std::vector<User>> get_users(const TenantId& tenant) override { return ingestion_->get_users(tenant); }
  Result<std::vector<StoredCursor>> get_cursors(const TenantId& tenant, const MailboxId& mailbox) override {
    return ingestion_->get_cursors(tenant, mailbox);
  }
  Result<std::optional<TimePoint>> get_last_sync_time(const TenantId& tenant, const MailboxId& mailbox) override {
    return ingestion_->get_last_sync_time(tenant, mailbox);
  }
  Result<AppendResult> append(const TenantId& tenant, const Append& append) override { return ingestion_->append(tenant, append); }
  Result<SettingsChanges> save_mailbox_settings(const TenantId& tenant, const MailboxId& mailbox, std::span<const MailboxSetting> settings,
                                                TimePoint at) override {
    return ingestion_->save_mailbox_settings(tenant, mailbox, settings, at);
  }
  Result<QueryResult> query(const TenantId& tenant, std::string_view sql, const QueryOptions& options) override {
    return api_->query(tenant, sql, options);
  }
  Result<RawMessage> get_raw(const TenantId& tenant, const MailboxId& mailbox, const ProviderMessageId& message) override {
    return api_->get_raw(tenant, mailbox, message);
  }
  Result<Erased> erase_mail(const TenantId& tenant, const Erasure& erasure) override { return api_->erase_mail(tenant, erasure); }
  Result<void> forget(const TenantId& tenant, bool remove) override { return api_->forget(tenant, remove); }

 private:
  std::unique_ptr<FlightStorage> ingestion_, api_;
};

class StorageOverFlight final : public StorageUnderTest {
 public:
  explicit StorageOverFlight(bool tls) : server_({}, tls), storage_(server_) {}
  Storage& storage() override { return storage_; }
  TenantId tenant() const override { return tenant_a; }

 private:
  TestServer server_;
  BothTargets storage_;
};

INSTANTIATE_TEST_SUITE_P(Flight, StorageConformance,
                         testing::Values(StorageFactory{[] { return std::make_unique<StorageOverFlight>(false); }}));
INSTANTIATE_TEST_SUITE_P(FlightWithTls, StorageConformance,
                         testing::Values(StorageFactory{[] { return std::make_unique<StorageOverFlight>(true); }}));

TEST(FlightStorage, AFullDiskIsToldByItsCode) {
  const TestServer server({}, false, std::int64_t{1} << 60);  // a reserve that no disk has
  const auto refused = server.storage("ingestion")->append(tenant_a, {.cursor = {MailboxId("m"), "gmail", {}}, .next_value = "{}"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(refused.error().code, "disk_full");
  EXPECT_TRUE(refused.error().message.contains("the disk that holds the mail store is full")) << refused.error().message;
}

TEST(FlightStorage, ADamagedFileIsToldByItsCode) {
  TestServer server;
  const auto storage = server.storage("ingestion");
  ASSERT_TRUE(storage->append(tenant_a, {.cursor = {MailboxId("m"), "gmail", {}}, .next_value = "{}"}));
  ASSERT_TRUE(server.repository().forget(tenant_a, false));
  std::filesystem::resize_file(server.path("tenants/" + tenant_a.str() + ".duckdb"), 5'000);
  const auto refused = storage->get_users(tenant_a);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::internal);
  EXPECT_EQ(refused.error().code, "damaged_file");
  EXPECT_TRUE(refused.error().message.contains("restores " + tenant_a.str() + ".duckdb")) << refused.error().message;
}

// Both implementations of ports/storage.h give the same cells and the same column types.
TEST(FlightStorage, EveryTypeReadsAsInTheProcessThatOwnsTheFile) {
  TestServer server;
  const auto remote = server.storage("analysis");
  for (const char* expression : {"NULL",
                                 "true",
                                 "1::TINYINT",
                                 "-2::SMALLINT",
                                 "3::INTEGER",
                                 "9007199254740993::BIGINT",
                                 "255::UTINYINT",
                                 "65535::USMALLINT",
                                 "4294967295::UINTEGER",
                                 "5::UBIGINT",
                                 "18446744073709551615::UBIGINT",
                                 "6::HUGEINT",
                                 "sum(7)",
                                 "170141183460469231731687303715884105727::HUGEINT",
                                 "1.25::DECIMAL(10,2)",
                                 "4::DECIMAL(4,0)",
                                 "0.1::FLOAT",
                                 "0.1::DOUBLE",
                                 "'nan'::DOUBLE",
                                 "'Grüße 株式会社 🙂'",
                                 "''",
                                 "'\\x00\\xFFa'::BLOB",
                                 "DATE '2026-11-23'",
                                 "TIME '12:34:56.789'",
                                 "TIMESTAMP '2026-11-23 12:34:56.789012'",
                                 "TIMESTAMPTZ '1969-12-31 23:59:59.999999+00'",

                                 "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::UUID",
                                 "[1, NULL, 3]",
                                 "[]::VARCHAR[]",
                                 "['a\"b\\', NULL, 'ü\n']",
                                 "[[1], [], NULL]",
                                 "{'a': 1, 'b': [{'c': 'x'}], 'd': NULL::DATE}",

                                 "[TIMESTAMPTZ '2026-11-23 00:00:00+00']",
                                 "[1.5::DOUBLE, 0.1]",
                                 "[true]",
                                 "[1.50::DECIMAL(4,2)]",
                                 "'{\"a\": [1]}'::JSON",
                                 "'b'::ENUM('a', 'b')",
                                 "[18446744073709551615::UBIGINT]",
                                 "[DATE '2026-11-23']",
                                 "(SELECT array_agg(i) FROM range(3) t(i))"}) {
    const std::string sql = std::string("SELECT ") + expression + " AS cell";
    const auto local = server.repository().query(tenant_a, sql, {});
    const auto wire = remote->query(tenant_a, sql, {});
    ASSERT_TRUE(local) << sql << ": " << local.error().message;
    ASSERT_TRUE(wire) << sql << ": " << wire.error().message;
    ASSERT_EQ(wire->rows.size(), 1u) << sql;
    EXPECT_EQ(wire->columns.at(0).name, local->columns.at(0).name) << sql;
    // Arrow carries these three as text, and does not tell them apart from it.
    const std::string& type = local->columns.at(0).type;
    EXPECT_EQ(wire->columns.at(0).type, type == "UUID" || type == "JSON" || type.starts_with("ENUM") ? "VARCHAR" : type) << sql;
    const Value& here = local->rows.at(0).at(0);
    const Value& there = wire->rows.at(0).at(0);
    EXPECT_EQ(there.index(), here.index()) << sql;
    if (std::holds_alternative<double>(here) && std::isnan(std::get<double>(here))) continue;
    EXPECT_TRUE(there == here) << sql << ": "
                               << testing::PrintToString(std::holds_alternative<std::string>(there) ? std::get<std::string>(there) : "")
                               << " instead of "
                               << testing::PrintToString(std::holds_alternative<std::string>(here) ? std::get<std::string>(here) : "");
  }
}

// Errors keep kind and code, and tell nobody where the files lie.
TEST(FlightStorage, FailsLikeTheProcessThatOwnsTheFile) {
  TestServer server;
  const auto remote = server.storage("ingestion");
  for (const char* sql : {"SELEC", "SELECT nothing FROM emails", "SELECT * FROM missing", "DELETE FROM emails", "SELECT 1; SELECT 2", "",
                          "SELECT * FROM read_csv('/etc/passwd')", "SELECT $who", "ATTACH ':memory:' AS other", "SELECT 'x'::INTEGER",
                          "SELECT error('a message of mine')", "SELECT * FROM duckdb_databases()", "COPY emails TO 'out.csv'"}) {
    const auto here = server.repository().query(tenant_a, sql, {});
    const auto there = remote->query(tenant_a, sql, {});
    ASSERT_EQ(there.has_value(), here.has_value()) << sql;
    if (here) continue;
    EXPECT_EQ(to_string(there.error().kind), to_string(here.error().kind)) << sql << ": " << there.error().message;
    EXPECT_EQ(there.error().code, here.error().code) << sql;
    EXPECT_NE(there.error().message.find(here.error().message), std::string::npos) << sql << ": " << there.error().message;
    EXPECT_EQ(there.error().message.find(server.folder().string()), std::string::npos) << there.error().message;
    EXPECT_EQ(there.error().message.find(LETTERLOCK_SOURCE_DIR), std::string::npos) << there.error().message;
  }
}

TEST(FlightStorage, NamesWhatIsWrongWithAServerItCannotReach) {
  EXPECT_EQ(FlightStorage::connect({.url = "no url", .token = {}}).error().kind, ErrorKind::invalid);
  EXPECT_EQ(FlightStorage::connect({.url = "grpc+tls://localhost:1", .ca_file = "/nowhere", .token = {}}).error().kind, ErrorKind::invalid);
  TestServer server;
  const auto storage = server.storage("analysis");
  ASSERT_TRUE(storage->get_users(tenant_a));
  server.server().stop(std::chrono::seconds(5));
  const auto gone = storage->query(tenant_a, "SELECT 1", {.timeout = std::chrono::seconds(5)});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::unavailable) << gone.error().message;

  auto unsigned_storage = FlightStorage::connect({.url = "grpc://127.0.0.1:1", .token = [](const TenantId&) {
                                                    return Result<std::string>(fail(ErrorKind::unauthenticated, "no token"));
                                                  }});
  ASSERT_TRUE(unsigned_storage);
  EXPECT_EQ((*unsigned_storage)->get_users(tenant_a).error().kind, ErrorKind::unauthenticated);
}

// A certificate that the client does not know ends the talk before any token is sent.
TEST(FlightStorage, TrustsOnlyTheGivenAuthority) {
  TestServer server({}, true), stranger({}, true);
  auto storage =
      FlightStorage::connect({.url = server.url(), .ca_file = stranger.path("certificate.pem"), .token = [&](const TenantId& tenant) {
                                return Result<std::string>(server.token("ingestion", tenant.str()));
                              }});
  ASSERT_TRUE(storage);
  const auto refused = (*storage)->query(tenant_a, "SELECT 1", {.timeout = std::chrono::seconds(5)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable) << refused.error().message;
  EXPECT_EQ(server.metric("letterlock_flight_calls_refused_total{kind=\"unauthenticated\"}"), 0);
}

// Many threads share one channel.
TEST(FlightStorage, ServesManyThreadsOverOneChannel) {
  TestServer server;
  const auto storage = server.storage("ingestion");
  ASSERT_TRUE(storage->get_users(tenant_a));
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i)
      threads.emplace_back([&, i] {
        for (int round = 0; round < 5; ++round) {
          const MailboxId mailbox("mailbox-" + std::to_string(i));
          const auto appended = storage->append(tenant_a, {.cursor = {mailbox, "gmail", {}}, .seen_version = round, .next_value = "{}"});
          const auto read =
              storage->query(tenant_a, "SELECT version FROM cursors WHERE mailbox_id = $m", {.parameters = {{"m", mailbox.str()}}});
          if (appended && read && read->rows.size() == 1 && read->rows[0][0] == Value{std::int64_t{round + 1}}) ++right;
        }
      });
  }
  EXPECT_EQ(right, 30);
}

}  // namespace
}  // namespace letterlock
