#include "adapters/duckdb/duckdb_repository.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "ports/storage_conformance.h"

namespace letterlock {
namespace {

const TenantId tenant("11111111-1111-4111-8111-111111111111");
constexpr std::string_view file_name = "/11111111-1111-4111-8111-111111111111.duckdb";

std::string migrations_folder() { return LETTERLOCK_SOURCE_DIR "/migrations/tenant"; }

// A folder that goes with the test.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("letterlock-duckdb-" + new_uuid())) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }
  std::string str() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

class Repository {
 public:
  explicit Repository(std::string folder, std::string migrations = migrations_folder(), char key = 'k') {
    auto opened = DuckDBRepository::open({.folder = std::move(folder),
                                          .migrations_folder = std::move(migrations),
                                          .data_key = [key](const TenantId&) -> Result<DataKey> { return DataKey{std::string(32, key)}; }},
                                         clock_, metrics_);
    EXPECT_TRUE(opened) << opened.error().message;
    repository_ = std::move(*opened);
  }
  DuckDBRepository* operator->() { return repository_.get(); }
  DuckDBRepository& operator*() { return *repository_; }

 private:
  ManualClock clock_{from_unix_micros(1'700'000'000'000'000)};
  Metrics metrics_;
  std::unique_ptr<DuckDBRepository> repository_;
};

std::int64_t number(Repository& repository, std::string_view sql) {
  const auto result = repository->query(tenant, sql, {});
  EXPECT_TRUE(result) << result.error().message;
  return result ? std::get<std::int64_t>(result->rows.at(0).at(0)) : -1;
}

std::vector<std::filesystem::path> migration_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(migrations_folder())) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

// All migrations, twice, and from the previous version.
TEST(DuckDBRepository, InitSchema) {
  const auto files = migration_files();
  ASSERT_GE(files.size(), 2u);
  const Folder folder;
  for (int round = 0; round < 2; ++round) {
    Repository repository(folder.str());
    const auto initialised = repository->init_schema(tenant);
    ASSERT_TRUE(initialised) << initialised.error().message;
    EXPECT_EQ(number(repository, "SELECT count(*) FROM schema_migrations"), static_cast<std::int64_t>(files.size()));
    for (const char* table :
         {"users", "emails", "message_keys", "recipients", "links", "attachments", "email_raw", "cursors", "set_aside", "coverage"})
      EXPECT_EQ(number(repository, std::string("SELECT count(*) FROM ") + table), 0) << table;
  }

  const Folder old_migrations, old_files;
  for (std::size_t i = 0; i + 1 < files.size(); ++i) std::filesystem::copy_file(files[i], old_migrations / files[i].filename().string());
  {
    Repository repository(old_files.str(), old_migrations.str());
    EXPECT_EQ(number(repository, "SELECT max(version) FROM schema_migrations"), static_cast<std::int64_t>(files.size()) - 1);
    ASSERT_TRUE(repository->save_users(tenant, std::vector<User>{{.user_id = UserId("u"), .primary_email = "u@x.example"}}, true, {}, {}));
  }
  Repository upgraded(old_files.str());
  EXPECT_EQ(number(upgraded, "SELECT max(version) FROM schema_migrations"), static_cast<std::int64_t>(files.size()));
  EXPECT_EQ(number(upgraded, "SELECT count(*) FROM users"), 1);
}

TEST(DuckDBRepository, RefusesAChangedOrNewerMigration) {
  const auto files = migration_files();
  const Folder changed, newer, folder;
  for (const auto& file : files) {
    std::filesystem::copy_file(file, changed / file.filename().string());
    std::filesystem::copy_file(file, newer / file.filename().string());
  }
  std::ofstream(changed / files[0].filename().string(), std::ios::app) << "-- changed\n";
  std::ofstream(newer / "0099_gap.sql") << "SELECT 1;\n";
  ASSERT_TRUE(Repository(folder.str())->init_schema(tenant));
  const auto refused = Repository(folder.str(), changed.str())->init_schema(tenant);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("was changed"), std::string::npos) << refused.error().message;
  const auto gap = Repository(folder.str(), newer.str())->init_schema(tenant);
  ASSERT_FALSE(gap);
  EXPECT_NE(gap.error().message.find("0099_gap.sql"), std::string::npos) << gap.error().message;
  const Folder fewer;
  std::filesystem::copy_file(files[0], fewer / files[0].filename().string());
  const auto unknown = Repository(folder.str(), fewer.str())->init_schema(tenant);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("newer letterlock"), std::string::npos) << unknown.error().message;
}

// 10,000 users with NULLs and Unicode, updates, reopened with the key.
TEST(DuckDBRepository, SaveAndGetUsers) {
  const Folder folder;
  std::vector<User> users;
  for (int i = 0; i < 10'000; ++i) {
    User user{.user_id = UserId("user-" + std::to_string(100'000 + i)), .primary_email = "u" + std::to_string(i) + "@firma.example"};
    if (i % 3 == 0) user.display_name = "Zoë Åström 株式会社 " + std::to_string(i);
    if (i % 5 == 0) user.aliases = {"alias" + std::to_string(i) + "@firma.example", "ä@firma.example"};
    if (i % 7 == 0) user.last_login_at = from_unix_micros(1'600'000'000'000'000 + i);
    if (i % 11 == 0) user.mailbox_state = MailboxState::suspended, user.mailbox_state_reason = "suspended by its admin";
    user.is_admin = i % 100 == 0;
    users.push_back(std::move(user));
  }
  const TimePoint at = from_unix_micros(1'700'000'000'000'000);
  {
    Repository repository(folder.str());
    ASSERT_TRUE(repository->save_users(tenant, users, true, {.domains = {"firma.example"}, .vip_user_ids = {"user-100000"}}, at));
    const auto stored = repository->get_users(tenant);
    ASSERT_TRUE(stored) << stored.error().message;
    EXPECT_EQ(*stored, users);
  }
  // Updates: one renamed, one gone from a complete listing, one new.
  users[0].display_name = "Renamed";
  users[0].aliases.clear();
  const User gone = users.back();
  users.pop_back();
  users.push_back({.user_id = UserId("user-999999"), .primary_email = "new@firma.example"});
  {
    Repository repository(folder.str());
    ASSERT_TRUE(repository->save_users(tenant, users, true, {.domains = {"firma.example"}}, at + std::chrono::hours(1)));
  }
  Repository reopened(folder.str());
  auto stored = reopened->get_users(tenant);
  ASSERT_TRUE(stored) << stored.error().message;
  std::vector<User> expected = users;
  expected.push_back(gone);
  expected.back().deleted_at = at + std::chrono::hours(1);
  std::ranges::sort(expected, {}, &User::user_id);
  EXPECT_EQ(*stored, expected);
  EXPECT_EQ(number(reopened, "SELECT count(*) FROM users WHERE is_vip"), 0);
  EXPECT_EQ(number(reopened, "SELECT count(*) FROM tenant_domains"), 1);

  ASSERT_TRUE(reopened->forget(tenant, false));
  const auto wrong = Repository(folder.str(), migrations_folder(), 'w')->get_users(tenant);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "wrong_key");
  EXPECT_EQ(wrong.error().message.find(folder.str()), std::string::npos) << wrong.error().message;
}

// None → empty; after a commit → that time; after a rollback → unchanged.
TEST(DuckDBRepository, GetLastSyncTime) {
  const Folder folder;
  Repository repository(folder.str());
  const MailboxId mailbox("m1");
  EXPECT_EQ(repository->get_last_sync_time(tenant, mailbox).value(), std::nullopt);
  const TimePoint first = from_unix_micros(1'700'000'000'000'001);
  ASSERT_TRUE(repository->append(tenant, {.cursor = {mailbox, "gmail", {}}, .next_value = "{}", .at = first}));
  EXPECT_EQ(repository->get_last_sync_time(tenant, mailbox).value(), first);
  const auto refused = repository->append(
      tenant, {.cursor = {mailbox, "gmail", {}}, .seen_version = 7, .next_value = "{}", .at = first + std::chrono::hours(1)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_EQ(repository->get_last_sync_time(tenant, mailbox).value(), first);
  EXPECT_EQ(repository->get_last_sync_time(tenant, MailboxId("other")).value(), std::nullopt);
}

TEST(DuckDBRepository, TenantFolderFollowsDuckdbPath) {
  EXPECT_EQ(DuckDBRepository::tenant_folder("/data/tenants"), "/data/tenants");
  EXPECT_EQ(DuckDBRepository::tenant_folder("/data/security.db"), "/data/security.db.d");
  const Folder folder;
  for (const char* name : {"plain", "security.db"}) {
    const std::string place = DuckDBRepository::tenant_folder(folder / name);
    ASSERT_TRUE(Repository(place)->init_schema(tenant));
    EXPECT_TRUE(std::filesystem::exists(place + std::string(file_name))) << place;
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "security.db.d"));
}

TEST(DuckDBRepository, TheFileIsEncryptedAndForgottenOnDemand) {
  const Folder folder;
  Repository repository(folder.str());
  ASSERT_TRUE(
      repository->save_users(tenant, std::vector<User>{{.user_id = UserId("u"), .primary_email = "findme@secret.example"}}, true, {}, {}));
  ASSERT_TRUE(repository->forget(tenant, false));
  std::ifstream file(folder.str() + std::string(file_name), std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  EXPECT_FALSE(bytes.empty());
  EXPECT_EQ(bytes.find("findme"), std::string::npos);
  EXPECT_EQ(number(repository, "SELECT count(*) FROM users"), 1);
  ASSERT_TRUE(repository->forget(tenant, true));
  EXPECT_FALSE(std::filesystem::exists(folder.str() + std::string(file_name)));
}

TEST(DuckDBRepository, ClosesTheLeastRecentlyUsedFiles) {
  const Folder folder;
  ManualClock clock(from_unix_micros(0));
  Metrics metrics;
  auto repository = DuckDBRepository::open({.folder = folder.str(),
                                            .migrations_folder = migrations_folder(),
                                            .data_key = [](const TenantId&) -> Result<DataKey> { return DataKey{std::string(32, 'k')}; },
                                            .open_tenants_max = 2},
                                           clock, metrics);
  ASSERT_TRUE(repository);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE((*repository)->init_schema(TenantId("11111111-1111-4111-8111-11111111111" + std::to_string(i))));
    clock.advance(std::chrono::seconds(1));
  }
  ASSERT_TRUE((*repository)->init_schema(TenantId("11111111-1111-4111-8111-111111111114")));
  EXPECT_NE(metrics.exposition().find("letterlock_storage_files_opened_total 5"), std::string::npos) << metrics.exposition();
  ASSERT_TRUE((*repository)->init_schema(TenantId("11111111-1111-4111-8111-111111111110")));
  EXPECT_NE(metrics.exposition().find("letterlock_storage_files_opened_total 6"), std::string::npos) << metrics.exposition();
}

TEST(DuckDBRepository, KnowsTheFunctionsThatSqlLacks) {
  const Folder folder;
  Repository repository(folder.str());
  const auto result = repository->query(
      tenant,
      "SELECT registrable_domain('mail.example.co.uk'), edit_distance('acme', 'amce', 3), lookalike_reason('acme.com', 'acme.com') IS "
      "NULL, "
      "is_freemail('gmail.com'), registrable_domain(NULL) IS NULL, address_in_url('https://x.example/?u=a%40b.example', 'a@b.example')",
      {});
  ASSERT_TRUE(result) << result.error().message;
  const auto& row = result->rows.at(0);
  EXPECT_EQ(std::get<std::string>(row[0]), "example.co.uk");
  EXPECT_EQ(std::get<std::int64_t>(row[1]), 1);
  EXPECT_TRUE(std::get<bool>(row[2]));
  EXPECT_TRUE(std::get<bool>(row[3]));
  EXPECT_TRUE(std::get<bool>(row[4]));
  EXPECT_EQ(std::get<std::string>(row[5]), "plain");
}

// ports/storage_conformance.h against the repository in this process.
class LocalStorage final : public StorageUnderTest {
 public:
  Storage& storage() override { return *repository_; }
  TenantId tenant() const override { return letterlock::tenant; }

 private:
  Folder folder_;
  Repository repository_{folder_.str()};
};

INSTANTIATE_TEST_SUITE_P(DuckDB, StorageConformance, testing::Values(StorageFactory{[] { return std::make_unique<LocalStorage>(); }}));

}  // namespace
}  // namespace letterlock
