#include "app/cli.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/id.h"

namespace letterlock {
namespace {

struct Ran {
  int status = 0;
  std::string errors;
};

// The command line as main gives it, with an environment of its own.
Ran run(std::vector<std::string> arguments, std::vector<std::string> environment) {
  arguments.insert(arguments.begin(), "letterlock");
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
  };
  auto argv = pointers(arguments), environ = pointers(environment);
  testing::internal::CaptureStderr();
  const int status = run_command_line(static_cast<int>(arguments.size()), argv.data(), environ.data());
  return {.status = status, .errors = testing::internal::GetCapturedStderr()};
}

TEST(CommandLine, RefusesToServeWithAnUnknownSettingAndNamesIt) {
  const auto ran = run({"serve"}, {"LETTERLOCK_DATABSE_URL=postgresql://u@h/d"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.errors, "letterlock: unknown setting LETTERLOCK_DATABSE_URL in the environment; letterlock config lists them\n");
}

TEST(CommandLine, RefusesToServeWithAWrongValueAndNamesItsSetting) {
  const auto ran = run({"serve", "--target=storage"}, {"LETTERLOCK_STOP_SECONDS_MAX=soon"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.errors, "letterlock: LETTERLOCK_STOP_SECONDS_MAX: \"soon\" is no number from 1 to 600\n");
}

TEST(CommandLine, NamesFileAndLineOfAWrongSetting) {
  const auto path = std::filesystem::temp_directory_path() / ("letterlock-settings-" + new_uuid());
  std::ofstream(path) << "# ours\nLETTERLOCK_LOG_LEVEL=info\nLETTERLOCK_COLOUR=red\n";
  const std::string expected = "letterlock: " + path.string() + ":3: unknown setting LETTERLOCK_COLOUR; letterlock config lists them\n";
  const auto by_option = run({"--config", path.string(), "scheduler", "--once"}, {});
  const auto by_name = run({"migrate"}, {"LETTERLOCK_CONFIG_FILE=" + path.string()});
  std::filesystem::remove(path);
  EXPECT_EQ(by_option.status, 2);
  EXPECT_EQ(by_option.errors, expected);
  EXPECT_EQ(by_name.status, 2);
  EXPECT_EQ(by_name.errors, expected);
}

TEST(CommandLine, NamesTheSettingThatATargetLacks) {
  const auto ran = run({"serve", "--target=scheduler"}, {"LETTERLOCK_DATABASE_URL=postgresql://u@h/d"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_TRUE(ran.errors.contains("LETTERLOCK_AMQP_URL is not set")) << ran.errors;
}

}  // namespace
}  // namespace letterlock
