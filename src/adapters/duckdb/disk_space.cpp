#include "adapters/duckdb/disk_space.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace letterlock::duckdb_adapter {
namespace {

constexpr std::int64_t default_reserve_divisor = 20;            // 5 %
constexpr std::int64_t default_reserve_bytes_max = 10LL << 30;  // 10 GiB

}  // namespace

Result<DiskSpace> measure_disk(const std::string& folder, std::int64_t reserve_bytes) {
  struct ::statvfs found{};
  if (::statvfs(folder.c_str(), &found) != 0)
    return fail(Error{.kind = ErrorKind::unavailable,
                      .message = std::string("the disk of the mail store cannot be measured: ") + std::strerror(errno),
                      .code = "io_error"});
  const auto block = static_cast<std::int64_t>(found.f_frsize);
  const auto total = static_cast<std::int64_t>(found.f_blocks) * block;
  return DiskSpace{
      .free_bytes = static_cast<std::int64_t>(found.f_bavail) * block,
      .used_bytes = total - static_cast<std::int64_t>(found.f_bfree) * block,
      .reserve_bytes = reserve_bytes > 0 ? reserve_bytes : std::min(total / default_reserve_divisor, default_reserve_bytes_max)};
}

}  // namespace letterlock::duckdb_adapter
