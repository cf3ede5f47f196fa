#pragma once

// Which files of a path are mail, in the order in which a walk reads them. Pure but for the file system.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace letterlock::providers {

struct ArchiveFile {
  std::filesystem::path path;
  std::string position;  // relative path, percent-encoded: sorts and prints the same everywhere
  std::string location;  // what identifies it in message ids: the relative path, Maildir's flags and new/cur left out
  std::int64_t size_bytes = 0;
};

struct ArchiveListing {
  std::vector<ArchiveFile> files;  // ordered by position
  std::string fingerprint;         // changes when a file comes, goes or changes
};

// invalid: the path does not exist or cannot be read.
Result<ArchiveListing> list_archive(const std::filesystem::path& path);
// Whether a name inside a folder or archive can be a message or mailbox (.json, .md and their like are not; nor hidden files).
bool is_mail_name(std::string_view path);
// The text with bytes that are not printable ASCII replaced by '?', for reasons shown to people.
std::string printable(std::string_view text);

}  // namespace letterlock::providers
