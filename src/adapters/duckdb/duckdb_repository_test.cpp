#include "adapters/duckdb/duckdb_repository.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <format>
#include <fstream>
#include <random>
#include <thread>

#include "adapters/duckdb/query_stream.h"
#include "duckdb/common/arrow/arrow.hpp"
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
    for (const char* table : {"users", "emails", "message_keys", "recipients", "links", "attachments", "payment_instruments", "email_raw",
                              "cursors", "set_aside", "coverage", "mailbox_settings", "mailbox_settings_readings"})
      EXPECT_EQ(number(repository, std::string("SELECT count(*) FROM ") + table), 0) << table;
  }

  const std::string raw = std::string(1 << 20, 'a') + std::string(1 << 19, 'b');  // of two chunks
  const Folder old_migrations, old_files;
  for (std::size_t i = 0; i + 1 < files.size(); ++i) std::filesystem::copy_file(files[i], old_migrations / files[i].filename().string());
  {
    Repository repository(old_files.str(), old_migrations.str());
    EXPECT_EQ(number(repository, "SELECT max(version) FROM schema_migrations"), static_cast<std::int64_t>(files.size()) - 1);
    Append append{.cursor = {MailboxId("m"), "gmail", {}}, .next_value = "{}"};
    EmailRecord& record = append.emails.emplace_back();
    record.email.mailbox_id = MailboxId("m");
    record.email.provider_message_id = ProviderMessageId("kept");
    record.raw = {.format = "rfc5322", .bytes = raw};
    const auto appended = repository->append(tenant, append);
    ASSERT_TRUE(appended) << appended.error().message;
  }
  Repository upgraded(old_files.str());
  const auto kept = upgraded->get_raw(tenant, MailboxId("m"), ProviderMessageId("kept"));
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->format, "rfc5322");
  EXPECT_TRUE(kept->bytes == raw) << "raw bytes differ after the upgrade";
  EXPECT_EQ(number(upgraded, "SELECT max(version) FROM schema_migrations"), static_cast<std::int64_t>(files.size()));
  EXPECT_EQ(number(upgraded, "SELECT count(*) FROM cursors"), 1);
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
    ASSERT_TRUE(
        repository->save_users(tenant, users, {.complete = true}, {.domains = {"firma.example"}, .vip_user_ids = {"user-100000"}}, at));
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
    ASSERT_TRUE(repository->save_users(tenant, users, {.complete = true}, {.domains = {"firma.example"}}, at + std::chrono::hours(1)));
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
  ASSERT_TRUE(repository->save_users(tenant, std::vector<User>{{.user_id = UserId("u"), .primary_email = "findme@secret.example"}},
                                     {.complete = true}, {}, {}));
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
      "is_freemail('gmail.com'), registrable_domain(NULL) IS NULL, address_in_url('https://x.example/?u=a%40b.example', 'a@b.example'), "
      "message_key('m1', '0-1') = left(sha256('m1' || chr(10) || '0-1'), 32)",
      {});
  ASSERT_TRUE(result) << result.error().message;
  const auto& row = result->rows.at(0);
  EXPECT_EQ(std::get<std::string>(row[0]), "example.co.uk");
  EXPECT_EQ(std::get<std::int64_t>(row[1]), 1);
  EXPECT_TRUE(std::get<bool>(row[2]));
  EXPECT_TRUE(std::get<bool>(row[3]));
  EXPECT_TRUE(std::get<bool>(row[4]));
  EXPECT_EQ(std::get<std::string>(row[5]), "plain");
  EXPECT_TRUE(std::get<bool>(row[6])) << "as migration 0003 made the keys";
}

Append small_append(std::int64_t seen_version, int messages, const std::string& mailbox = "m1") {
  Append append{.cursor = {MailboxId(mailbox), "gmail", {}}, .seen_version = seen_version, .next_value = "{}", .at = from_unix_micros(1)};
  for (int i = 0; i < messages; ++i) {
    EmailRecord& record = append.emails.emplace_back();
    record.email.mailbox_id = append.cursor.mailbox_id;
    record.email.provider_message_id = ProviderMessageId(std::to_string(seen_version) + "-" + std::to_string(i));
    record.email.recipients = {{.kind = "to", .address = "a@x.example"}, {.kind = "cc", .address = "b@x.example"}};
    record.raw = {.format = "rfc5322", .bytes = "Subject: x\r\n\r\n"};
  }
  return append;
}

// An Arrow array or schema, released when it goes.
template <class T>
struct Released : T {
  Released() : T{} {}
  ~Released() {
    if (this->release) this->release(this);
  }
  Released(const Released&) = delete;
};

TEST(DuckDBRepository, ForgettingClosesOpenStreamsBeforeTheFileIsOpenedAgain) {
  const Folder folder;
  Repository repository(folder.str());
  ASSERT_TRUE(repository->append(tenant, small_append(0, 3)));
  auto idle = repository->open_stream(tenant, "SELECT range, 'some text ' || range FROM range(1000000)", {});
  ASSERT_TRUE(idle) << idle.error().message;
  Released<ArrowSchema> schema;
  ASSERT_TRUE((*idle)->schema(&schema));
  Released<ArrowArray> first;
  ASSERT_TRUE((*idle)->next(&first).value());

  // A second reader is computing, in a call of its own, when the tenant is forgotten.
  auto computing =
      repository->open_stream(tenant, "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE (a.range * b.range) % 7 = 1", {});
  ASSERT_TRUE(computing) << computing.error().message;
  std::string code;
  std::thread reader([&] {
    Released<ArrowArray> batch;
    const auto more = (*computing)->next(&batch);
    code = more ? "rows" : more.error().code;
  });
  const auto forgotten = repository->forget(tenant, false);
  reader.join();
  ASSERT_TRUE(forgotten) << forgotten.error().message;
  EXPECT_EQ(code, "cancelled");

  EXPECT_EQ(number(repository, "SELECT count(*) FROM emails"), 3);  // opened anew
  EXPECT_EQ(first.length, 16'384);                                  // what was handed out stays
  Released<ArrowArray> next;
  const auto more = (*idle)->next(&next);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(more.error().code, "cancelled");
}

TEST(DuckDBRepository, ForgettingWaitsForAppendsAndNothingIsLost) {
  const Folder folder;
  Repository repository(folder.str());
  std::thread writer([&] {
    for (int i = 0; i < 30; ++i) EXPECT_TRUE(repository->append(tenant, small_append(i, 5)));
  });
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(repository->forget(tenant, false));
  writer.join();
  EXPECT_EQ(number(repository, "SELECT count(DISTINCT provider_message_id) FROM emails"), 150);
}

TEST(DuckDBRepository, AFileThatIsOpenElsewhereIsRefusedWithTheRemedy) {
  const Folder folder;
  {
    Repository first(folder.str());
    ASSERT_TRUE(first->init_schema(tenant));
    const auto same_process = Repository(folder.str())->init_schema(tenant);
    ASSERT_FALSE(same_process);
    EXPECT_EQ(same_process.error().kind, ErrorKind::unavailable);
  }
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    Repository holder(folder.str());
    const char byte = holder->init_schema(tenant) ? 'y' : 'n';
    if (write(ready[1], &byte, 1) == 1) pause();
    _exit(1);
  }
  char byte = 0;
  EXPECT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  const auto locked = Repository(folder.str())->init_schema(tenant);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().kind, ErrorKind::unavailable);
  EXPECT_NE(locked.error().message.find("one `storage` per folder"), std::string::npos) << locked.error().message;
  EXPECT_NE(locked.error().message.find(std::to_string(child)), std::string::npos) << locked.error().message;
  EXPECT_EQ(locked.error().message.find(folder.str()), std::string::npos) << locked.error().message;
  EXPECT_TRUE(Repository(folder.str())->init_schema(tenant));
}

TEST(DuckDBRepository, ADataKeyHas32Bytes) {
  for (const std::size_t bytes : {0, 16, 31, 33}) {
    const Folder folder;
    ManualClock clock(from_unix_micros(0));
    Metrics metrics;
    const auto repository =
        DuckDBRepository::open({.folder = folder.str(),
                                .migrations_folder = migrations_folder(),
                                .data_key = [bytes](const TenantId&) -> Result<DataKey> { return DataKey{std::string(bytes, 'k')}; }},
                               clock, metrics);
    ASSERT_TRUE(repository);
    const auto refused = (*repository)->init_schema(tenant);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_NE(refused.error().message.find("data key has " + std::to_string(bytes) + " bytes"), std::string::npos)
        << refused.error().message;
  }
}

TEST(DuckDBRepository, UsersCanBeUpdatedWhileAnOlderReaderIsOpen) {
  const Folder folder;
  Repository repository(folder.str());
  std::vector<User> users{{.user_id = UserId("u1"), .primary_email = "a@x.example", .aliases = {"first@x.example"}}};
  ASSERT_TRUE(repository->save_users(tenant, users, {.complete = true}, {.domains = {"x.example"}, .vip_user_ids = {"u1"}}, {}));
  auto reader = repository->open_stream(tenant, "SELECT user_id, range FROM users, range(1000000)", {});
  ASSERT_TRUE(reader) << reader.error().message;
  Released<ArrowArray> batch;
  ASSERT_TRUE((*reader)->next(&batch).value());
  for (int round = 0; round < 3; ++round) {
    users[0].aliases = {"round" + std::to_string(round) + "@x.example"};
    const auto saved = repository->save_users(tenant, users, {.complete = true}, {.domains = {"x.example"}, .vip_user_ids = {}}, {});
    ASSERT_TRUE(saved) << saved.error().message;
  }
  EXPECT_EQ(repository->get_users(tenant).value(), users);
}

// Statements that were found to be allowed are known by their text; what is refused never becomes known, and more texts than are kept do no
// harm.
TEST(DuckDBRepository, RefusesAStatementHoweverManyItAllowed) {
  const Folder folder;
  Repository repository(folder.str());
  for (int i = 0; i < 600; ++i) {
    const auto allowed = repository->query(tenant, std::format("SELECT count(*) + {} FROM emails", i % 400), {});
    ASSERT_TRUE(allowed) << allowed.error().message;
    ASSERT_EQ(std::get<std::int64_t>(allowed->rows.at(0).at(0)), i % 400);
    if (i % 100 != 0) continue;
    const auto refused = repository->query(tenant, "SELECT * FROM duckdb_settings()", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::forbidden);
  }
}

TEST(DuckDBRepository, ASlowReaderIsNotTimedOutButASlowQueryIs) {
  const Folder folder;
  Repository repository(folder.str());
  const auto timeout = std::chrono::milliseconds(300);
  auto slow_reader = repository->open_stream(tenant, "SELECT range FROM range(200000)", {.timeout = timeout});
  ASSERT_TRUE(slow_reader) << slow_reader.error().message;
  std::int64_t rows = 0;
  for (int waits = 0;; ++waits) {
    Released<ArrowArray> batch;
    const auto more = (*slow_reader)->next(&batch);
    ASSERT_TRUE(more) << more.error().message;
    if (!*more) break;
    rows += batch.length;
    // The client is away for longer than the time-out.
    for (const auto until = std::chrono::steady_clock::now() + timeout; waits < 2 && std::chrono::steady_clock::now() < until;)
      std::this_thread::yield();
  }
  EXPECT_EQ(rows, 200'000);

  auto slow_query = repository->open_stream(
      tenant, "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE (a.range * b.range) % 7 = 1", {.timeout = timeout});
  ASSERT_TRUE(slow_query) << slow_query.error().message;
  Released<ArrowArray> batch;
  const auto late = (*slow_query)->next(&batch);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "timeout");
}

TEST(DuckDBRepository, ACancelBeforeTheFirstRowsIsNotLost) {
  const Folder folder;
  Repository repository(folder.str());
  auto stream = repository->open_stream(tenant, "SELECT range FROM range(10)", {});
  ASSERT_TRUE(stream) << stream.error().message;
  (*stream)->cancel();
  for (int i = 0; i < 2; ++i) {
    Released<ArrowArray> batch;
    const auto more = (*stream)->next(&batch);
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, "cancelled");
  }
}

TEST(DuckDBRepository, ReadsDuringAppendsSeeWholeAppends) {
  const Folder folder;
  Repository repository(folder.str());
  ASSERT_TRUE(repository->init_schema(tenant));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(repository->append(tenant, small_append(i, 7)));
    done = true;
  });
  int reads = 0;
  while (!done || reads == 0) {
    ++reads;
    const auto seen =
        repository->query(tenant,
                          "SELECT (SELECT count(*) FROM emails), (SELECT count(*) FROM recipients), (SELECT count(*) FROM email_raw), "
                          "(SELECT coalesce(max(version), 0) FROM cursors)",
                          {});
    ASSERT_TRUE(seen) << seen.error().message;
    const auto& row = seen->rows.at(0);
    const std::int64_t emails = std::get<std::int64_t>(row[0]);
    EXPECT_EQ(emails, 7 * std::get<std::int64_t>(row[3]));
    EXPECT_EQ(std::get<std::int64_t>(row[1]), 2 * emails);
    EXPECT_EQ(std::get<std::int64_t>(row[2]), emails);
  }
  writer.join();
  EXPECT_EQ(number(repository, "SELECT count(*) FROM emails"), 140);
}

TEST(DuckDBRepository, SeveralTenantsAreWrittenAtOnce) {
  const Folder folder;
  Repository repository(folder.str());
  const auto tenant_of = [](int i) { return TenantId("22222222-2222-4222-8222-22222222222" + std::to_string(i)); };
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i)
    writers.emplace_back([&, i] {
      for (int round = 0; round < 5; ++round) {
        const auto appended = repository->append(tenant_of(i), small_append(round, 10 + i));
        EXPECT_TRUE(appended) << appended.error().message;
      }
    });
  for (auto& writer : writers) writer.join();
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(std::get<std::int64_t>(repository->query(tenant_of(i), "SELECT count(*) FROM emails", {})->rows.at(0).at(0)), 5 * (10 + i));
}

TEST(DuckDBRepository, AKilledWriterLeavesWholeAppends) {
  const Folder folder;
  std::minstd_rand random(7);
  std::int64_t version = 0;
  for (int round = 0; round < 10; ++round) {
    int progress[2];
    ASSERT_EQ(pipe(progress), 0);
    const pid_t child = fork();
    if (child == 0) {
      Repository writer(folder.str());
      for (std::int64_t i = version;; ++i) {
        const auto appended = writer->append(tenant, small_append(i, 20));
        const char byte = appended ? 'y' : 'n';
        if (write(progress[1], &byte, 1) != 1) _exit(1);
      }
    }
    close(progress[1]);
    // Some appends, then some part of the next.
    char byte = 0;
    const auto before = static_cast<std::int64_t>(random() % 4 + 1);
    for (std::int64_t i = 0; i < before; ++i) {
      ASSERT_EQ(read(progress[0], &byte, 1), 1);
      ASSERT_EQ(byte, 'y');
    }
    for (const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 30'000);
         std::chrono::steady_clock::now() < until;)
      std::this_thread::yield();
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(progress[0]);

    Repository survivor(folder.str());
    const std::int64_t now = number(survivor, "SELECT version FROM cursors");
    EXPECT_GE(now, version + before);  // what was answered is there
    version = now;
    EXPECT_EQ(number(survivor, "SELECT count(*) FROM emails"), 20 * version);
    EXPECT_EQ(number(survivor, "SELECT count(DISTINCT (mailbox_id, provider_message_id)) FROM emails"), 20 * version);
    EXPECT_EQ(number(survivor, "SELECT count(*) FROM message_keys"), 20 * version);
    EXPECT_EQ(number(survivor, "SELECT count(*) FROM recipients"), 40 * version);
    EXPECT_EQ(number(survivor, "SELECT count(*) FROM email_raw"), 20 * version);
    EXPECT_EQ(number(survivor, "SELECT count(*) FROM coverage"), version);
    EXPECT_EQ(number(survivor, "SELECT max(ingest_seq) FROM emails"), 20 * version);
  }
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
