#include "targets/storage/endpoint_file.h"

#include <filesystem>
#include <fstream>

namespace letterlock {
namespace {

std::filesystem::path file_in(const std::string& folder) { return std::filesystem::path(folder) / "endpoint"; }

}  // namespace

Result<void> write_endpoint_file(const std::string& folder, const std::string& url) {
  auto beside = file_in(folder);
  beside += ".writing";
  {
    std::ofstream out(beside, std::ios::trunc);
    out << url << "\n";
    if (!out.flush()) return fail(ErrorKind::invalid, "cannot write " + beside.string());
  }
  std::error_code error;
  std::filesystem::rename(beside, file_in(folder), error);
  if (error) return fail(ErrorKind::invalid, "cannot write " + file_in(folder).string() + ": " + error.message());
  return {};
}

Result<std::string> read_endpoint_file(const std::string& folder) {
  std::ifstream in(file_in(folder));
  std::string url;
  if (!std::getline(in, url) || url.empty()) return fail(ErrorKind::not_found, "no storage serves " + folder);
  return url;
}

void remove_endpoint_file(const std::string& folder) {
  std::error_code ignored;
  std::filesystem::remove(file_in(folder), ignored);
}

}  // namespace letterlock
