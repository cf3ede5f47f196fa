#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "adapters/duckdb/duckdb_repository.h"
#include "base/encoding.h"

namespace letterlock {
namespace {

namespace fs = std::filesystem;

const TenantId tenant("11111111-1111-4111-8111-111111111111"), neighbour("22222222-2222-4222-8222-222222222222");

Append some_mail(std::int64_t seen_version, int messages) {
  Append append{.cursor = {MailboxId("m"), "gmail", {}}, .seen_version = seen_version, .next_value = "{}", .at = from_unix_micros(1)};
  for (int i = 0; i < messages; ++i) {
    EmailRecord& record = append.emails.emplace_back();
    record.email.mailbox_id = append.cursor.mailbox_id;
    record.email.provider_message_id = ProviderMessageId(std::to_string(seen_version) + "-" + std::to_string(i));
    record.raw = {.format = "rfc5322", .bytes = "Subject: x\r\n\r\n" + new_uuid() + new_uuid()};
  }
  return append;
}

class TenantFile : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directory(folder); }
  void TearDown() override {
    repository.reset();
    fs::remove_all(folder);
  }
  void open() {
    repository.reset();
    auto opened = DuckDBRepository::open({.folder = folder.string(),
                                          .migrations_folder = LETTERLOCK_SOURCE_DIR "/migrations/tenant",
                                          .data_key = [](const TenantId&) -> Result<DataKey> { return DataKey{std::string(32, 'k')}; }},
                                         clock, metrics);
    ASSERT_TRUE(opened) << opened.error().message;
    repository = std::move(*opened);
  }
  fs::path file() const { return folder / (tenant.str() + ".duckdb"); }
  static void overwrite(const fs::path& path, std::size_t at, std::size_t count) {
    std::fstream out(path, std::ios::in | std::ios::out | std::ios::binary);
    out.seekp(static_cast<std::streamoff>(at));
    out << std::string(count, '\x5a');
    ASSERT_TRUE(out.flush());
  }
  // Everything that is stored, so that every block is read.
  Result<QueryResult> read_all() {
    return repository->query(tenant,
                             "SELECT (SELECT count(*) FROM emails WHERE body_text IS NOT NULL AND subject IS NOT NULL), (SELECT "
                             "sum(octet_length(bytes)) FROM email_raw)",
                             {});
  }
  static std::string mode_of(const fs::path& path) {
    struct ::stat found{};
    return ::stat(path.c_str(), &found) == 0 ? std::format("{:o}", found.st_mode & 0777) : "not there";
  }

  const fs::path folder = fs::temp_directory_path() / ("letterlock-file-" + new_uuid());
  ManualClock clock{from_unix_micros(1'700'000'000'000'000)};
  Metrics metrics;
  std::unique_ptr<DuckDBRepository> repository;
};

TEST_F(TenantFile, ThatIsDamagedIsToldWithItsRemedyAndIsItsTenantsAlone) {
  open();
  ASSERT_TRUE(repository->append(tenant, some_mail(0, 5'000)));
  ASSERT_TRUE(repository->append(neighbour, some_mail(0, 3)));
  ASSERT_TRUE(repository->forget(tenant, false));  // folded into the file
  ASSERT_TRUE(repository->append(tenant, some_mail(1, 500)));
  const auto good = folder / "good.duckdb", good_log = folder / "good.duckdb.wal";
  fs::copy_file(file(), good);
  fs::copy_file(file().string() + ".wal", good_log);
  ASSERT_TRUE(repository->forget(tenant, false));
  const auto size = fs::file_size(good);
  const std::vector<std::pair<std::string, std::function<void()>>> damages = {
      {"cut to half", [&] { fs::resize_file(file(), size / 2); }},
      {"cut to nothing", [&] { fs::resize_file(file(), 0); }},
      {"cut inside its header", [&] { fs::resize_file(file(), 100); }},
      {"cut behind its headers", [&] { fs::resize_file(file(), 13'000); }},
      {"the first bytes", [&] { overwrite(file(), 0, 8); }},
      {"the whole header", [&] { overwrite(file(), 0, 4'096); }},
      {"both database headers", [&] { overwrite(file(), 4'096, 8'192); }},
      {"some bytes of each block",
       [&] {
         for (std::size_t at = 20'000; at + 16 < size; at += 100'000) overwrite(file(), at, 16);
       }},
      {"the log", [&] { overwrite(file().string() + ".wal", 1'000, 100); }},
      {"another file", [&] { std::ofstream(file(), std::ios::trunc) << std::string(100'000, 'x'); }},
  };
  for (const auto& [what, damage] : damages) {
    SCOPED_TRACE(what);
    fs::copy_file(good, file(), fs::copy_options::overwrite_existing);
    fs::copy_file(good_log, file().string() + ".wal", fs::copy_options::overwrite_existing);
    damage();
    const auto read = read_all();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, "damaged_file") << read.error().message;
    EXPECT_EQ(read.error().kind, ErrorKind::internal);
    EXPECT_TRUE(read.error().message.contains("restores " + tenant.str() + ".duckdb from a copy")) << read.error().message;
    EXPECT_FALSE(read.error().message.contains(folder.string())) << read.error().message;
    EXPECT_TRUE(repository->query(neighbour, "SELECT count(*) FROM emails", {}));
    EXPECT_TRUE(repository->append(neighbour, some_mail(0, 1)).error().code == "cursor_moved") << "the neighbour's file answers";

    // The copy that belongs there, without a restart of the process.
    const auto forgotten = repository->forget(tenant, false);
    ASSERT_TRUE(forgotten) << forgotten.error().message;
    fs::copy_file(good, file(), fs::copy_options::overwrite_existing);
    fs::copy_file(good_log, file().string() + ".wal", fs::copy_options::overwrite_existing);
    const auto again = read_all();
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(std::get<std::int64_t>(again->rows.at(0).at(0)), 5'500);
    ASSERT_TRUE(repository->forget(tenant, false));
  }
}

TEST_F(TenantFile, IsReadableByItsUserAloneWithItsLogAndWhatSpills) {
  open();
  ASSERT_TRUE(repository->append(tenant, some_mail(0, 10)));
  EXPECT_EQ(mode_of(folder), "700");
  EXPECT_EQ(mode_of(file()), "600");
  EXPECT_EQ(mode_of(file().string() + ".wal"), "600");
  EXPECT_EQ(mode_of(file().string() + ".lock"), "600");

  // Files of before.
  repository.reset();
  fs::permissions(folder, fs::perms(0755));
  fs::permissions(file(), fs::perms(0644));
  fs::permissions(file().string() + ".lock", fs::perms(0644));
  open();
  ASSERT_TRUE(repository->append(tenant, some_mail(1, 10)));
  EXPECT_EQ(mode_of(folder), "700");
  EXPECT_EQ(mode_of(file()), "600");
  EXPECT_EQ(mode_of(file().string() + ".wal"), "600");
}

}  // namespace
}  // namespace letterlock
