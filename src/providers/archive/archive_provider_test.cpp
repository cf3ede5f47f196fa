#include "providers/archive/archive_provider.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/id.h"
#include "providers/walk_recorder.h"

namespace letterlock::providers {
namespace {

namespace fs = std::filesystem;

class ArchiveProviderTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  void put(const std::string& name, const std::string& bytes) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  void run(const std::string& command) { ASSERT_EQ(std::system(("cd '" + folder_.string() + "' && " + command).c_str()), 0) << command; }
  Result<void> walk(const std::string& path = "", WalkLimits limits = {}) {
    ArchiveProvider provider({.paths = {(path.empty() ? folder_ : folder_ / path).string()}, .mailbox_address = "import@x"}, metrics_);
    return store_.walk(provider, {.user_id = UserId("import@x")}, limits);
  }
  std::set<std::string> bodies() const {
    std::set<std::string> out;
    for (const auto& [id, row] : store_.rows) out.insert(row.message.raw.bytes);
    return out;
  }

  const fs::path folder_ = fs::temp_directory_path() / ("letterlock-archive-" + new_uuid());
  Metrics metrics_;
  WalkRecorder store_;
};

TEST_F(ArchiveProviderTest, ReadsFoldersMboxesMaildirsAndPackedFilesAlike) {
  put("1.eml", "A: 1\n\n");
  put("box.mbox", "From a Mon Jan 1 00:00:00 2024\nA: 2\n\n\nFrom b Mon Jan 1 00:00:00 2024\nA: 3\n\n\n");
  put("Maildir/new/1700.M1.host", "A: 4\n\n");
  put("Maildir/tmp/1700.M2.host", "A: unfinished\n\n");
  put("manifest.json", "{}");
  put("t/5.eml", "A: 5\n\n");
  put("t/6.mbox", "From a Mon Jan 1 00:00:00 2024\nA: 6\n\n\n");
  put("t/notes.md", "no mail");
  run("tar cf - t | zstd -q > packed.tar.zst && rm -r t");
  put("7.eml", "A: 7\n\n");
  run("gzip 7.eml");
  ASSERT_TRUE(walk());
  EXPECT_EQ(bodies(), (std::set<std::string>{"A: 1\n\n", "A: 2\n\n", "A: 3\n\n", "A: 4\n\n", "A: 5\n\n", "A: 6\n\n", "A: 7\n\n"}));
  EXPECT_TRUE(store_.set_aside.empty());
  EXPECT_TRUE(store_.steps.back().caught_up);
}

TEST_F(ArchiveProviderTest, GoesOnWhereASliceStopped) {
  for (const char c : std::string("abcdefg")) put(std::string("t/") + c + ".eml", std::string("A: ") + c + "\n\n");
  run("tar czf m.tgz t && rm -r t");
  store_.steps_max = 2;
  ASSERT_TRUE(walk("m.tgz", {.step_messages_max = 2}));
  EXPECT_EQ(store_.rows.size(), 4u);
  store_.steps_max = 1000;
  const auto before = store_.steps.size();
  ASSERT_TRUE(walk("m.tgz", {.step_messages_max = 2}));
  EXPECT_EQ(store_.rows.size(), 7u);
  std::size_t again = 0;
  for (std::size_t i = before; i < store_.steps.size(); ++i) again += store_.steps[i].messages.size();
  EXPECT_EQ(again, 3u);
}

TEST_F(ArchiveProviderTest, ReadsAPathOnceAndAgainWhenItChanged) {
  put("1.eml", "A: 1\n\n");
  ASSERT_TRUE(walk());
  const auto steps = store_.steps.size();
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.steps.size(), steps);
  put("2.eml", "A: 2\n\n");
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.rows.size(), 2u);
}

TEST_F(ArchiveProviderTest, KeepsAMaildirMessagesIdWhenItIsRead) {
  put("M/new/17.host", "A: 1\n\n");
  fs::create_directories(folder_ / "M/cur");
  ASSERT_TRUE(walk());
  fs::rename(folder_ / "M/new/17.host", folder_ / "M/cur/17.host:2,S");
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.rows.size(), 1u);
}

TEST_F(ArchiveProviderTest, AccountsForEveryMessageEvenForTheSameBytes) {
  put("a.eml", "A: 1\n\n");
  put("b.eml", "A: 1\n\n");
  put("c.mbox", "From a Mon Jan 1 00:00:00 2024\nA: 1\n\n\nFrom b Mon Jan 1 00:00:00 2024\nA: 1\n\n\n");
  put("d.eml", "");
  put("e.eml", "A: " + std::string(100, 'x'));
  ASSERT_TRUE(walk("", {.message_bytes_max = 50}));
  EXPECT_EQ(store_.rows.size(), 4u);
  EXPECT_EQ(store_.set_aside.size(), 2u);
}

TEST_F(ArchiveProviderTest, StoresWhatCanBeReadOfADamagedFileAndNamesIt) {
  std::string noise;
  for (int i = 0; i < 20'000; ++i) noise += new_uuid();
  put("t/1.eml", "A: 1\n\n");
  put("t/2.eml", "A: 2\n\n" + noise);
  run("tar cf - t/1.eml t/2.eml | gzip > cut.tar.gz && rm -r t && truncate -s 200000 cut.tar.gz");
  put("bad.tar.zst", "this is no archive at all");
  put("z.eml", "A: 3\n\n");
  ASSERT_TRUE(walk());
  EXPECT_TRUE(bodies().contains("A: 1\n\n"));
  EXPECT_TRUE(bodies().contains("A: 3\n\n"));
  EXPECT_EQ(store_.rows.size(), 3u) << "the beginning of the cut message is kept too";
  ASSERT_EQ(store_.set_aside.size(), 2u);
  std::string reasons;
  for (const auto& [id, reason] : store_.set_aside) reasons += reason + "\n";
  EXPECT_TRUE(reasons.contains("cut.tar.gz")) << reasons;
  EXPECT_TRUE(reasons.contains("bad.tar.zst")) << reasons;
}

TEST_F(ArchiveProviderTest, SaysWhichPathIsMissing) {
  ArchiveProvider provider({.paths = {"/nowhere/at/all"}, .mailbox_address = "import@x"}, metrics_);
  const auto checked = provider.check({});
  ASSERT_FALSE(checked);
  EXPECT_TRUE(checked.error().message.contains("/nowhere/at/all"));
}

}  // namespace
}  // namespace letterlock::providers
