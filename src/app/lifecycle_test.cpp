#include "app/lifecycle.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/id.h"

namespace letterlock {
namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ReadyFile, ExistsWholeWhileTheProcessServesAndIsGoneAfterwards) {
  const auto path = std::filesystem::temp_directory_path() / ("letterlock-ready-" + new_uuid());
  {
    const auto ready = ReadyFile::write(path.string(), {.target = "api", .http_port = 8080});
    ASSERT_TRUE(ready) << ready.error().message;
    EXPECT_EQ(contents(path),
              "{\"target\":\"api\",\"pid\":" + std::to_string(getpid()) + ",\"http_port\":8080,\"internal_port\":0,\"flight_port\":0}\n");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ReadyFile, NamesTheFolderThatIsNotThere) {
  const auto ready = ReadyFile::write("/nowhere/ready.json", {.target = "api"});
  ASSERT_FALSE(ready);
  EXPECT_TRUE(ready.error().message.contains("/nowhere/ready.json")) << ready.error().message;
}

TEST(Signals, SigtermAsksForAStop) {
  EXPECT_EXIT(
      {
        block_signals();
        std::stop_source stop;
        {
          const Signals signals(stop);
          kill(getpid(), SIGTERM);
          wait_for(stop.get_token());
        }
        _exit(7);
      },
      testing::ExitedWithCode(7), "stopping");
}

TEST(Signals, ASecondSignalEndsTheProcessAtOnce) {
  EXPECT_EXIT(
      {
        block_signals();
        std::stop_source stop;
        const Signals signals(stop);
        kill(getpid(), SIGTERM);
        wait_for(stop.get_token());
        kill(getpid(), SIGINT);
        for (;;) pause();
      },
      testing::ExitedWithCode(128 + SIGINT), "stopping");
}

TEST(StopDeadline, EndsAProcessThatDoesNotStop) {
  EXPECT_EXIT(
      {
        const StopDeadline deadline(std::chrono::seconds(0));
        for (;;) pause();
      },
      testing::ExitedWithCode(3), "took too long");
}

}  // namespace
}  // namespace letterlock
