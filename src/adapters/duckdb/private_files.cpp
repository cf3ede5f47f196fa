#include "adapters/duckdb/private_files.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "duckdb/common/local_file_system.hpp"
#include "duckdb/common/virtual_file_system.hpp"

namespace letterlock::duckdb_adapter {
namespace {

class PrivateFileSystem final : public duckdb::LocalFileSystem {
 public:
  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(const std::string& path, duckdb::FileOpenFlags flags,
                                                  duckdb::optional_ptr<duckdb::FileOpener> opener) override {
    // The flag also refuses a file that is there; such a one was made here, or changed as its tenant's file was opened.
    if (flags.OpenForWriting() && !FileExists(path, opener)) flags |= duckdb::FileOpenFlags::FILE_FLAGS_PRIVATE;
    return LocalFileSystem::OpenFile(path, flags, opener);
  }
};

}  // namespace

duckdb::unique_ptr<duckdb::FileSystem> make_private_file_system() {
  return duckdb::make_uniq<duckdb::VirtualFileSystem>(duckdb::make_uniq<PrivateFileSystem>());
}

Result<void> make_private(const std::string& path) {
  struct ::stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return fail(ErrorKind::unavailable, std::string("its mode cannot be read: ") + std::strerror(errno));
  }
  if ((found.st_mode & 077) == 0) return {};
  if (::chmod(path.c_str(), found.st_mode & 0700) == 0) return {};
  return fail(ErrorKind::unavailable, std::string("others may read it, and that cannot be changed: ") + std::strerror(errno));
}

}  // namespace letterlock::duckdb_adapter
