#pragma once

// The files of a .tar.zst, for tests over the shared corpora. By the zstd command: a reader other than the product's.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace letterlock::testing {

inline std::string read_command(const std::string& command) {
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return out;
  std::vector<char> block(1 << 20);
  for (std::size_t got; (got = fread(block.data(), 1, block.size(), pipe)) > 0;) out.append(block.data(), got);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return out;
}

// Call `use` with name and content of each plain file of a .tar.zst.
inline void each_file(const std::filesystem::path& archive, const std::function<void(const std::string&, std::string_view)>& use) {
  const std::string tar = read_command("zstd -dcq '" + archive.string() + "'");
  for (std::size_t at = 0; at + 512 <= tar.size() && tar[at] != '\0';) {
    const std::string name(tar.c_str() + at);
    const auto size = std::strtoull(std::string(tar, at + 124, 12).c_str(), nullptr, 8);
    const char type = tar[at + 156];
    ASSERT_LE(at + 512 + size, tar.size()) << archive;
    if (type == '0' || type == '\0') use(name.substr(0, 100), std::string_view(tar).substr(at + 512, size));
    at += 512 + (size + 511) / 512 * 512;
  }
}

}  // namespace letterlock::testing
