#pragma once

// Which files of a path are mail, in the order in which a walk reads them, and how they are opened: no symbolic link is followed below
// the path, and for a path below an allowed folder none between the two.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace letterlock::providers {

// Which paths a connection may name.
struct ArchiveReach {
  std::vector<std::string> folders;  // these and what lies below them; absolute
  bool anywhere = false;             // any: the operator named them
};

struct ArchiveFile {
  std::string relative;  // below the path; the file's own name where the path is a file
  std::string position;  // relative, percent-encoded: sorts and prints the same everywhere
  std::string location;  // what identifies it in message ids: relative, Maildir's flags and new/cur left out
  std::int64_t size_bytes = 0;
  std::string not_read = {};  // why it is passed over (a link, a pipe, a folder that cannot be opened); empty: it is read
};

struct ArchiveListing {
  std::vector<ArchiveFile> files;  // ordered by position
  std::string fingerprint;         // changes when a file comes, goes or changes
};

// One path of a connection, opened. What is renamed or replaced afterwards leads out of it no more than before. One thread.
class ArchivePath {
 public:
  // invalid: the path does not exist, is neither file nor folder, or leads over a link. forbidden: it lies outside the reach.
  static Result<ArchivePath> open(const std::string& path, const ArchiveReach& reach);

  bool is_folder() const { return is_folder_; }
  // invalid: the path cannot be read; whatever is wrong below it becomes an entry that is not read.
  Result<ArchiveListing> list() const;
  // A file of the listing, for reading. invalid: it is gone, or a link or something else by now.
  Result<FileDescriptor> open_file(const ArchiveFile& file) const;

 private:
  ArchivePath(std::string path, FileDescriptor root, bool is_folder)
      : path_(std::move(path)), root_(std::move(root)), is_folder_(is_folder) {}

  std::string path_;
  FileDescriptor root_;
  bool is_folder_;
};

// forbidden: names the path that lies outside the reach, by its text alone, and the remedy.
Result<void> check_reach(const std::vector<std::string>& paths, const ArchiveReach& reach);

// Whether a name inside a folder or archive can be a message or mailbox (.json, .md and their like are not; nor hidden files).
bool is_mail_name(std::string_view path);
// The text with bytes that are not printable ASCII replaced by '?', for reasons shown to people.
std::string printable(std::string_view text);

}  // namespace letterlock::providers
