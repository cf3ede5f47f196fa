#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <optional>
#include <random>
#include <set>

#include "adapters/duckdb/duckdb_repository.h"
#include "adapters/duckdb/small_disk.h"

namespace letterlock {
namespace {

using duckdb_adapter::SmallDisk;

const TenantId tenant("11111111-1111-4111-8111-111111111111"), other("22222222-2222-4222-8222-222222222222");

std::unique_ptr<DuckDBRepository> open_repository(const std::string& folder, Metrics& metrics, Clock& clock, std::int64_t reserve_bytes,
                                                  std::int64_t log_bytes_max = DuckDBOptions().log_bytes_max) {
  auto opened = DuckDBRepository::open({.folder = folder,
                                        .migrations_folder = LETTERLOCK_SOURCE_DIR "/migrations/tenant",
                                        .data_key = [](const TenantId&) -> Result<DataKey> { return DataKey{std::string(32, 'k')}; },
                                        .log_bytes_max = log_bytes_max,
                                        .reserve_bytes = reserve_bytes},
                                       clock, metrics);
  CHECK(opened.has_value());
  return std::move(*opened);
}

// Ten messages of 40 kB that do not compress, each with an id of its own.
Append step(std::int64_t seen_version) {
  static std::mt19937_64 random(7);
  Append append{.cursor = {MailboxId("m"), "gmail", {}}, .seen_version = seen_version, .next_value = "{}", .at = from_unix_micros(1)};
  for (int i = 0; i < 10; ++i) {
    EmailRecord& record = append.emails.emplace_back();
    record.email.mailbox_id = append.cursor.mailbox_id;
    record.email.provider_message_id = ProviderMessageId(std::to_string(seen_version) + "-" + std::to_string(i));
    std::string bytes(40'000, '\0');
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      const auto value = random();
      std::memcpy(bytes.data() + at, &value, 8);
    }
    record.raw = {.format = "rfc5322", .bytes = std::move(bytes)};
  }
  return append;
}

class DiskFull : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = SmallDisk::make(24 << 20);
    if (!made) GTEST_SKIP() << "NOT TESTED: a disk that runs full needs a mount: " << made.error().message;
    disk.emplace(std::move(*made));
  }
  void open(std::int64_t reserve_bytes = 1, std::int64_t log_bytes_max = DuckDBOptions().log_bytes_max) {
    repository.reset();
    repository = open_repository(disk->path() + "/tenants", metrics, clock, reserve_bytes, log_bytes_max);
  }
  std::int64_t stored() {
    const auto rows = repository->query(tenant, "SELECT count(*) || ' ' || count(DISTINCT provider_message_id) FROM emails", {});
    EXPECT_TRUE(rows) << rows.error().message;
    if (!rows) return -1;
    const auto text = std::get<std::string>(rows->rows.at(0).at(0));
    const auto space = text.find(' ');
    EXPECT_EQ(text.substr(0, space), text.substr(space + 1)) << "some are there twice";
    return std::stoll(text);
  }
  // Append until one fails; how many steps were stored.
  std::int64_t fill_with_mail(std::optional<Error>& error) {
    for (std::int64_t version = steps;; ++version) {
      const auto appended = repository->append(tenant, step(version));
      if (!appended) {
        error = appended.error();
        return steps = version;
      }
    }
  }
  std::int64_t cursor_version() {
    const auto cursors = repository->get_cursors(tenant, MailboxId("m"));
    EXPECT_TRUE(cursors) << cursors.error().message;
    return cursors && !cursors->empty() ? cursors->front().version : 0;
  }
  std::string files() {
    std::string text;
    for (const auto& entry : std::filesystem::directory_iterator(disk->path() + "/tenants"))
      text += "\n" + entry.path().extension().string() + " " + std::to_string(entry.file_size());
    return text;
  }
  std::string metric(const std::string& name) {
    const auto text = metrics.exposition();
    const auto at = text.find("\n" + name + " ");
    if (at == std::string::npos) return "none";
    const auto begin = at + name.size() + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
  }

  std::optional<SmallDisk> disk;
  ManualClock clock{from_unix_micros(1'700'000'000'000'000)};
  Metrics metrics;
  std::unique_ptr<DuckDBRepository> repository;
  std::int64_t steps = 0;
};

TEST_F(DiskFull, AnAppendWithoutRoomIsToldAsThatAndNothingIsLostOrDoubled) {
  open();
  std::optional<Error> error;
  fill_with_mail(error);
  ASSERT_GT(steps, 10);
  EXPECT_EQ(error->kind, ErrorKind::unavailable) << error->message;
  EXPECT_EQ(error->code, "disk_full") << error->message;
  EXPECT_TRUE(error->message.contains("the disk that holds the mail store is full")) << error->message;
  EXPECT_EQ(stored(), steps * 10);
  ASSERT_TRUE(repository->state());
  EXPECT_FALSE(repository->state()->is_writable);
  EXPECT_EQ(repository->state()->read_failure, "");
  EXPECT_EQ(metric("letterlock_storage_writable"), "0");

  // Again, without room: the same, and the mail that is there can be read.
  EXPECT_EQ(repository->append(tenant, step(steps)).error().code, "disk_full");
  EXPECT_EQ(repository->get_raw(tenant, MailboxId("m"), ProviderMessageId("0-0"))->bytes.size(), 40'000u);

  disk->resize(200 << 20);
  EXPECT_EQ(cursor_version(), steps);
  for (int i = 0; i < 5; ++i, ++steps) {
    const auto appended = repository->append(tenant, step(steps));
    ASSERT_TRUE(appended) << appended.error().message;
  }
  EXPECT_EQ(stored(), steps * 10);
  EXPECT_TRUE(repository->state()->is_writable);
  EXPECT_EQ(metric("letterlock_storage_writable"), "1");
}

TEST_F(DiskFull, ACheckpointWithoutRoomCostsTheInstanceAndNotTheMail) {
  open(1, 1 << 20);
  std::optional<Error> error;
  fill_with_mail(error);
  EXPECT_EQ(error->code, "disk_full") << error->message;
  const auto kept = cursor_version();  // the instance is gone: the file is opened anew
  EXPECT_GE(kept, steps);
  EXPECT_LE(kept, steps + 1) << "the failed append is there whole, or not at all";
  EXPECT_EQ(stored(), kept * 10);
  EXPECT_EQ(repository->append(tenant, step(kept)).error().code, "disk_full");
  EXPECT_EQ(stored(), kept * 10);
  disk->resize(200 << 20);
  for (auto version = cursor_version(); version < kept + 5; ++version) {
    const auto appended = repository->append(tenant, step(version));
    ASSERT_TRUE(appended) << appended.error().message << files();
  }
  EXPECT_EQ(stored(), (kept + 5) * 10);
}

TEST_F(DiskFull, BelowTheReserveNothingIsStoredAndReadsGoOn) {
  open(8 << 20);
  for (; steps < 3; ++steps) ASSERT_TRUE(repository->append(tenant, step(steps)));
  EXPECT_EQ(metric("letterlock_storage_disk_bytes{state=\"reserve\"}"), std::to_string(8 << 20));
  EXPECT_EQ(metric("letterlock_storage_writable"), "1");
  disk->fill((8 << 20) - 4096);
  const auto free = disk->free_bytes();
  for (const auto& code :
       {repository->append(tenant, step(steps)).error().code, repository->save_users(tenant, {}, {}, {}, {}).error().code,
        repository->save_mailbox_settings(tenant, MailboxId("m"), {}, {}).error().code, repository->init_schema(other).error().code})
    EXPECT_EQ(code, "disk_full");
  EXPECT_EQ(disk->free_bytes(), free) << "a refused write takes no room";
  EXPECT_EQ(stored(), 30);
  EXPECT_FALSE(repository->state()->is_writable);
  EXPECT_EQ(metric("letterlock_storage_disk_bytes{state=\"free\"}"), std::to_string(free));

  disk->make_room();
  EXPECT_TRUE(repository->state()->is_writable);
  const auto appended = repository->append(tenant, step(steps));
  ASSERT_TRUE(appended) << appended.error().message;
  EXPECT_EQ(stored(), 40);
}

TEST_F(DiskFull, AFileOpensAndIsReadWithNoByteFree) {
  open();
  for (; steps < 3; ++steps) ASSERT_TRUE(repository->append(tenant, step(steps)));
  disk->fill();
  ASSERT_EQ(disk->free_bytes(), 0);
  open();  // closed without room for a checkpoint: the log stays and is replayed
  EXPECT_TRUE(std::filesystem::exists(disk->path() + "/tenants/" + tenant.str() + ".duckdb.wal"));
  EXPECT_EQ(stored(), 30);
  EXPECT_EQ(repository->get_raw(tenant, MailboxId("m"), ProviderMessageId("2-9"))->bytes.size(), 40'000u);
  disk->make_room();
  const auto appended = repository->append(tenant, step(steps));
  ASSERT_TRUE(appended) << appended.error().message << files();
  open();
  EXPECT_FALSE(std::filesystem::exists(disk->path() + "/tenants/" + tenant.str() + ".duckdb.wal")) << "closed with room: folded";
  disk->fill();
  open();
  EXPECT_EQ(stored(), 40);
}

// A reserve that no disk has, so that this runs where nothing can be mounted.
TEST(DiskSpace, BelowTheReserveIsToldBeforeAnythingIsWritten) {
  const auto folder = std::filesystem::temp_directory_path() / ("letterlock-reserve-" + new_uuid());
  ManualClock clock{TimePoint{}};
  Metrics metrics;
  const auto repository = open_repository(folder, metrics, clock, std::int64_t{1} << 60);
  const auto refused = repository->append(tenant, step(0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(refused.error().code, "disk_full");
  EXPECT_TRUE(std::filesystem::is_empty(folder)) << "no file for a new tenant";
  EXPECT_FALSE(repository->state()->is_writable);
  std::filesystem::remove_all(folder);
}

// What the reserve is by default.
TEST(DiskSpace, TheReserveIsATwentiethOfTheDiskAndAtMostTenGibibytes) {
  const auto folder = std::filesystem::temp_directory_path() / ("letterlock-reserve-" + new_uuid());
  ManualClock clock{TimePoint{}};
  Metrics metrics;
  {
    const auto repository = open_repository(folder, metrics, clock, 0);
    const auto state = repository->state();
    ASSERT_TRUE(state);
    const auto total = std::filesystem::space(folder).capacity;
    EXPECT_EQ(state->disk.reserve_bytes, std::min<std::int64_t>(static_cast<std::int64_t>(total) / 20, 10LL << 30));
    EXPECT_GT(state->disk.used_bytes, 0);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace letterlock
