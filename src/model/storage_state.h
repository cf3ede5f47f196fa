#pragma once

// How the mail store stands: what `storage` measures, tells `api`, and shows.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace letterlock {

// Of the file system that holds the tenants' files.
struct DiskSpace {
  std::int64_t free_bytes = 0;     // to this process's user
  std::int64_t used_bytes = 0;     // by whomever
  std::int64_t reserve_bytes = 0;  // with less free than this no mail is stored
};

struct StorageState {
  DiskSpace disk;
  bool is_writable = true;   // mail can be stored: the reserve is free, and the last write found room
  std::string read_failure;  // why the folder of the tenants' files cannot be read; empty: it can
};

// Codes (Error::code) of what is wrong with the disk or with one tenant's file.
inline constexpr std::string_view disk_full_code = "disk_full";        // unavailable: goes on by itself when there is room
inline constexpr std::string_view io_error_code = "io_error";          // unavailable: the disk or file system failed otherwise
inline constexpr std::string_view damaged_file_code = "damaged_file";  // internal: the file is to be restored from a copy

}  // namespace letterlock
