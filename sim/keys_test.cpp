#include "sim/keys.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "base/id.h"
#include "sim/simulator.h"

namespace letterlock::sim {
namespace {

class KeysTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // What a simulator tells of its connections.
  std::string told(const std::string& keys_file) {
    SystemClock clock;
    const auto simulator =
        Simulator::create({.mailboxes = 1, .messages = 1, .now = from_unix_micros(1'790'000'000'000'000), .keys_file = keys_file}, clock);
    if (!simulator) return simulator.error().message;
    auto json = (*simulator)->connection_json("http://g", "http://m", "http://c");
    return json.find("google")->dump() + json.find("microsoft")->text("client_secret") + json.find("microsoft")->text("private_key_pem");
  }

  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("letterlock-keys-" + new_uuid());
};

TEST_F(KeysTest, AreTheSameAfterARestartWhereTheyAreKept) {
  const std::string file = folder_ / "keys.json";
  const auto first = told(file);
  ASSERT_TRUE(first.contains("PRIVATE KEY")) << first;
  EXPECT_EQ(told(file), first);
  EXPECT_NE(told(""), first) << "kept nowhere, they are new";
  EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(KeysTest, ADamagedFileIsNamedWithTheRemedyAndKept) {
  const std::string file = folder_ / "keys.json";
  std::ofstream(file) << R"({"google_key_id":"1"})";
  const auto refused = keep_keys(file);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains(file) && refused.error().message.contains("remove it")) << refused.error().message;
  EXPECT_EQ(std::filesystem::file_size(file), 21);
  EXPECT_FALSE(keep_keys(folder_ / "missing" / "keys.json")) << "where nothing can be written";
}

}  // namespace
}  // namespace letterlock::sim
