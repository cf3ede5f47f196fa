#pragma once

// The archive connection's settings and cursor, as JSON.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace letterlock::providers {

struct ArchiveSettings {
  std::vector<std::string> paths;
  std::string mailbox_address;
  std::vector<std::string> domains;
  bool named_by_operator = false;  // on the command line: the paths may lie anywhere; refused from people and API keys
};

struct ArchiveCursor {
  std::string file;  // the file being read: its relative path, percent-encoded
  bool file_done = false;
  std::int64_t member = 0;  // messages of that file that are stored or set aside
  bool done = false;        // the whole path was read as its fingerprint describes it
  std::string fingerprint;  // of names, sizes and times when this round began
};

Result<ArchiveSettings> read_archive_settings(std::string_view json);
ArchiveCursor read_archive_cursor(std::string_view json);  // an unreadable value starts anew: ids make a second reading harmless
std::string write_archive_cursor(const ArchiveCursor& cursor);

}  // namespace letterlock::providers
