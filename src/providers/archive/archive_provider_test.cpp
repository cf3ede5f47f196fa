#include "providers/archive/archive_provider.h"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "base/encoding.h"
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
  ArchiveProvider provider(const std::string& path = "", ArchiveOptions options = {}) {
    return {{.paths = {(path.empty() ? folder_ : folder_ / path).string()},
             .mailbox_address = "import@x",
             .named_by_operator = options.folders.empty()},
            clock_,
            metrics_,
            options};
  }
  Result<void> walk(const std::string& path = "", WalkLimits limits = {}, ArchiveOptions options = {}) {
    auto reads = provider(path, std::move(options));
    return store_.walk(reads, {.user_id = UserId("import@x")}, limits);
  }
  std::string reasons() const {
    std::string out;
    for (const auto& [id, reason] : store_.set_aside) out += reason + "\n";
    return out;
  }
  std::set<std::string> bodies() const {
    std::set<std::string> out;
    for (const auto& [id, row] : store_.rows) out.insert(row.message.raw.bytes);
    return out;
  }

  // Each look at it is a second later than the one before.
  class TickingClock final : public Clock {
   public:
    TimePoint now() const override { return TimePoint(std::chrono::seconds(++looks_)); }
    bool wait(Duration, std::stop_token) override { return true; }

   private:
    mutable std::int64_t looks_ = 0;
  };

  const fs::path folder_ = fs::temp_directory_path() / ("letterlock-archive-" + new_uuid());
  TickingClock clock_;
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
  ArchiveProvider provider({.paths = {"/nowhere/at/all"}, .mailbox_address = "import@x", .named_by_operator = true}, clock_, metrics_);
  const auto checked = provider.check({});
  ASSERT_FALSE(checked);
  EXPECT_TRUE(checked.error().message.contains("/nowhere/at/all"));
}

// A folder of mail that somebody else filled: what its links point to is not its mail.
TEST_F(ArchiveProviderTest, FollowsNoLinkAndSaysSo) {
  put("outside/secret", "A: secret\n\n");
  put("outside/box/1.eml", "A: elsewhere\n\n");
  put("mail/1.eml", "A: 1\n\n");
  put("mail/sub/2.eml", "A: 2\n\n");
  fs::create_symlink(folder_ / "outside/secret", folder_ / "mail/3.eml");
  fs::create_symlink("../outside/secret", folder_ / "mail/sub/4.eml");
  fs::create_directory_symlink(folder_ / "outside/box", folder_ / "mail/box");
  fs::create_directory_symlink(".", folder_ / "mail/sub/loop");
  fs::create_symlink("nowhere", folder_ / "mail/sub/dangling");
  ASSERT_TRUE(walk("mail", {.step_messages_max = 2}));
  EXPECT_EQ(bodies(), (std::set<std::string>{"A: 1\n\n", "A: 2\n\n"}));
  EXPECT_EQ(store_.set_aside.size(), 5u) << reasons();
  for (const auto* name : {"3.eml", "sub/4.eml", "box", "sub/loop", "sub/dangling"})
    EXPECT_TRUE(reasons().contains(std::string(name) + ": a symbolic link: links are not followed\n")) << name << "\n" << reasons();
  const auto steps = store_.steps.size();
  ASSERT_TRUE(walk("mail"));
  EXPECT_EQ(store_.steps.size(), steps) << "told once";
}

TEST_F(ArchiveProviderTest, OpensNothingThroughALinkThatCameAfterTheListing) {
  put("outside/1.eml", "A: secret\n\n");
  put("mail/sub/1.eml", "A: 1\n\n");
  const auto path = ArchivePath::open((folder_ / "mail").string(), {.anywhere = true});
  ASSERT_TRUE(path);
  const auto listing = path->list();
  ASSERT_TRUE(listing);
  ASSERT_EQ(listing->files.size(), 1u);
  fs::rename(folder_ / "mail/sub", folder_ / "mail/moved");
  fs::create_directory_symlink(folder_ / "outside", folder_ / "mail/sub");
  const auto opened = path->open_file(listing->files[0]);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().message.contains("symbolic link")) << opened.error().message;
}

TEST_F(ArchiveProviderTest, PassesOverPipesSocketsAndFoldersThatItCannotOpen) {
  put("1.eml", "A: 1\n\n");
  ASSERT_EQ(mkfifo((folder_ / "pipe.eml").c_str(), 0600), 0);
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX};
  (folder_ / "socket").string().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  std::string deep;
  for (int i = 0; i < 70; ++i) deep += "d/";
  put(deep + "2.eml", "A: 2\n\n");
  ASSERT_TRUE(walk());
  EXPECT_EQ(bodies(), std::set<std::string>{"A: 1\n\n"});
  EXPECT_EQ(store_.set_aside.size(), 3u) << reasons();
  EXPECT_TRUE(reasons().contains("pipe.eml: a device, pipe or socket")) << reasons();
  EXPECT_TRUE(reasons().contains("socket: a device, pipe or socket")) << reasons();
  EXPECT_TRUE(reasons().contains("more than 64 levels down")) << reasons();
  const auto pipe = walk("pipe.eml");
  ASSERT_FALSE(pipe) << "named itself, it does not hang either";
  EXPECT_TRUE(pipe.error().message.contains("a device, pipe or socket")) << pipe.error().message;
}

TEST_F(ArchiveProviderTest, ReadsBelowTheAllowedFoldersAlone) {
  put("allowed/mail/1.eml", "A: 1\n\n");
  put("allowed-not/1.eml", "A: secret\n\n");
  put("keys/master.key", "A: key\n\n");
  fs::create_directory_symlink(folder_ / "keys", folder_ / "allowed/out");
  const ArchiveOptions options{.folders = {(folder_ / "other").string(), (folder_ / "allowed").string() + "/"}};
  EXPECT_TRUE(walk("allowed/mail", {}, options));
  EXPECT_TRUE(walk("allowed/mail/1.eml", {}, options));
  EXPECT_TRUE(walk("allowed/./mail//", {}, options));
  for (const auto* path : {"keys/master.key", "allowed-not", "allowed/../keys", "allowed/mail/../../keys/master.key"}) {
    const auto walked = walk(path, {}, options);
    ASSERT_FALSE(walked) << path;
    EXPECT_EQ(walked.error().kind, ErrorKind::forbidden) << path;
    EXPECT_TRUE(walked.error().message.contains("LETTERLOCK_ARCHIVE_FOLDERS")) << walked.error().message;
    EXPECT_FALSE(provider(path, options).check({})) << path;
  }
  for (const auto* path : {"allowed/out", "allowed/out/master.key"}) {
    const auto walked = walk(path, {}, options);
    ASSERT_FALSE(walked) << path;
    EXPECT_TRUE(walked.error().message.contains("symbolic link")) << walked.error().message;
  }
  EXPECT_FALSE(bodies().contains("A: key\n\n"));
  ArchiveProvider none({.paths = {(folder_ / "allowed").string()}, .mailbox_address = "import@x"}, clock_, metrics_);
  EXPECT_FALSE(none.check({})) << "no folder is allowed";
  ArchiveProvider relative({.paths = {"allowed"}, .mailbox_address = "import@x"}, clock_, metrics_, options);
  EXPECT_FALSE(relative.check({})) << "below no folder";
}

// libarchive unpacks lrzip by starting the program of that name.
TEST_F(ArchiveProviderTest, StartsNoProgramToUnpack) {
  put("bin/lrzip", "#!/bin/sh\necho started >'" + (folder_ / "started").string() + "'\n");
  fs::permissions(folder_ / "bin/lrzip", fs::perms::owner_all);
  const std::string before = std::getenv("PATH");
  setenv("PATH", ((folder_ / "bin").string() + ":" + before).c_str(), 1);
  put("mail/1.tar.gz", "LRZI" + std::string("\0\6", 2) + std::string(200, 'x'));
  put("mail/2.eml", "A: 2\n\n");
  const auto walked = walk("mail");
  setenv("PATH", before.c_str(), 1);
  ASSERT_TRUE(walked);
  EXPECT_FALSE(fs::exists(folder_ / "started"));
  EXPECT_TRUE(reasons().contains("1.tar.gz")) << reasons();
  EXPECT_EQ(bodies(), std::set<std::string>{"A: 2\n\n"});
}

// 100 MiB of one byte in some hundred kilobytes, in each place where they have to be inflated.
TEST_F(ArchiveProviderTest, RefusesBombsWithTheReasonAndReadsTheirNeighbours) {
  put("a.eml", "A: a\n\n");
  run("tr '\\0' x </dev/zero | head -c 104857600 >same && mkdir t mail && mv a.eml mail/ && "
      "gzip -c same >mail/b1.gz && python3 -c \"import bz2; open('mail/b2.mbox.bz2', 'wb').write(bz2.compress(open('same', "
      "'rb').read()))\" && zstd -qc same >mail/b3.eml.zst && "
      "(printf 'From a Mon Jan 1 00:00:00 2024\\nA: before\\n\\n\\nFrom b Mon Jan 1 00:00:00 2024\\n'; cat same) | gzip -c "
      ">mail/b4.mbox.gz && "
      "printf 'A: first\\n\\n' >t/1.eml && cp same t/2.json && printf 'A: behind\\n\\n' >t/3.eml && "
      "tar cf - t/1.eml t/2.json t/3.eml | gzip -c >mail/b5.tar.gz && "
      "gzip -c same | gzip -c >mail/b6.gz && "
      "truncate -s 100G t/sparse.eml && tar cSf - t/sparse.eml t/1.eml | gzip -c >mail/b7.tgz && "
      "cp same t/2.eml && python3 -m zipfile -c mail/b8.zip t/1.eml t/2.eml t/3.eml && rm -r t same");
  put("mail/c.eml", "A: c\n\n");
  ASSERT_TRUE(walk("mail"));
  EXPECT_EQ(bodies(), (std::set<std::string>{"A: a\n\n", "A: before\n\n", "A: first\n\n", "A: behind\n\n", "A: c\n\n"}));
  for (const auto* name : {"b1.gz", "b2.mbox.bz2", "b3.eml.zst", "b4.mbox.gz", "b5.tar.gz", "b7.tgz", "b8.zip!2.eml"})
    EXPECT_TRUE(std::ranges::any_of(
        store_.set_aside,
        [&](const auto& one) { return one.second.contains(name) && one.second.contains("LETTERLOCK_ARCHIVE_RATIO_MAX"); }))
        << name << "\n"
        << reasons();
  EXPECT_TRUE(reasons().contains("b6.gz: compressed 2 times")) << reasons();
}

TEST_F(ArchiveProviderTest, SaysThatAnArchiveHoldsNothing) {
  run("tar czf empty.tgz --files-from /dev/null && head -c 100000 /dev/zero | gzip -c >zero.gz");
  put("1.eml", "A: 1\n\n");
  ASSERT_TRUE(walk());
  EXPECT_EQ(store_.set_aside.size(), 2u);
  EXPECT_TRUE(reasons().contains("empty.tgz: holds no file")) << reasons();
  EXPECT_TRUE(reasons().contains("zero.gz: holds no file")) << reasons();
}

// A zip's own word about a member's size is held to.
TEST_F(ArchiveProviderTest, StopsAtTheSizeThatAMemberSays) {
  run("printf 'A: 1\\n\\n' >1.eml && head -c 30000000 /dev/zero >2.eml && python3 -m zipfile -c m.zip 1.eml 2.eml && rm 1.eml 2.eml && "
      "python3 -c \"import struct; d = open('m.zip', 'rb').read(); "
      "open('m.zip', 'wb').write(d.replace(struct.pack('<I', 30000000), struct.pack('<I', 3000)))\"");
  put("z.eml", "A: 2\n\n");
  ASSERT_TRUE(walk());
  EXPECT_TRUE(bodies().contains("A: 1\n\n"));
  EXPECT_TRUE(bodies().contains("A: 2\n\n"));
  EXPECT_TRUE(reasons().contains("m.zip")) << reasons();
}

TEST_F(ArchiveProviderTest, ReadsNoLinkInsideAnArchive) {
  run("mkdir t && printf 'A: 1\\n\\n' >t/1.eml && ln -s /etc/passwd t/2.eml && ln t/1.eml t/3.eml && mkfifo t/4.eml && tar czf m.tgz t && "
      "rm -r t");
  ASSERT_TRUE(walk());
  EXPECT_EQ(bodies(), std::set<std::string>{"A: 1\n\n"});
  EXPECT_EQ(store_.set_aside.size(), 3u) << reasons();
  EXPECT_TRUE(reasons().contains("m.tgz!t/2.eml: a symbolic link: links are not followed")) << reasons();
  EXPECT_TRUE(reasons().contains("a link to another member")) << reasons();
  EXPECT_TRUE(reasons().contains("m.tgz!t/4.eml: a device, pipe or socket")) << reasons();
}

TEST_F(ArchiveProviderTest, CountsEqualMessagesInLinearTime) {
  constexpr int count = 20'000;
  const std::string body = "A: the same\n\n" + std::string(2'000, 'x') + "\n";
  std::string box;
  for (int i = 0; i < count; ++i) box += "From a Mon Jan 1 00:00:00 2024\n" + body + "\n";
  put("m.mbox", box);
  const auto begun = std::clock();
  ASSERT_TRUE(walk());
  const auto seconds = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
  EXPECT_EQ(store_.rows.size(), static_cast<std::size_t>(count));
  EXPECT_LT(seconds, 20) << "under the sanitizers some 2";
  // The ids are those that installations have stored.
  EXPECT_TRUE(store_.rows.contains(sha256_hex(std::string("m.mbox") + '\0' + body)));
  for (const auto* again : {"1", "2", "19999"})
    EXPECT_TRUE(store_.rows.contains(sha256_hex(std::string("m.mbox") + '\0' + body + '\0' + again))) << again;
}

// The slice does not pay for what earlier slices took (ingestion::Service gives it the time back).
TEST_F(ArchiveProviderTest, SaysHowLongItTookToComeToItsPlace) {
  std::string box;
  for (const char c : std::string("abcdef")) box += std::string("From a Mon Jan 1 00:00:00 2024\nA: ") + c + "\n\n\n";
  put("m.mbox", box);
  run("gzip m.mbox");
  store_.steps_max = 1;
  ASSERT_TRUE(walk("m.mbox.gz", {.step_messages_max = 2}));
  EXPECT_EQ(store_.steps.back().reread_for.count(), 0) << "nothing was before it";
  store_.steps_max = 3;
  ASSERT_TRUE(walk("m.mbox.gz", {.step_messages_max = 2}));
  EXPECT_EQ(store_.steps[1].reread_for, std::chrono::seconds(1));
  EXPECT_EQ(store_.steps[2].reread_for.count(), 0) << "told once";
}

}  // namespace
}  // namespace letterlock::providers
