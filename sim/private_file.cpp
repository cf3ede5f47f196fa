#include "sim/private_file.h"

#include <filesystem>
#include <fstream>

namespace letterlock::sim {

bool write_private_file(const std::string& file, const std::string& text) {
  const auto partial = file + ".partial";
  {
    std::ofstream out(partial, std::ios::binary | std::ios::trunc);
    out << text << '\n';
    if (!out.flush()) return false;
  }
  std::error_code error;
  std::filesystem::permissions(partial, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  std::filesystem::rename(partial, file, error);
  return !error;
}

}  // namespace letterlock::sim
