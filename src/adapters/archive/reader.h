#pragma once

// Streams the members of a file: of a tar or zip (compressed or not), or the one content of a plain or compressed file.
// Owned by one caller, used on one thread. Holds libarchive's read buffers only, whatever the file's size.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace letterlock::archive {

struct Member {
  std::string path;                        // inside the archive; empty for the content of a plain or compressed file
  std::optional<std::int64_t> size_bytes;  // where the archive says it
};

class Reader {
 public:
  // The name decides: .tar and .tar.*, .tgz, .zip hold members; .gz, .zst, .xz, .bz2 are unpacked (a tar inside is found);
  // all else is read as it is. invalid: not a file, unreadable, not what its name says.
  static Result<Reader> open(const std::filesystem::path& file);

  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  // The next regular file; nullopt at the end. Bytes of the present member that were not read are skipped.
  // invalid: damaged or cut off here; nothing more can be read.
  Result<std::optional<Member>> next();
  // Bytes of the present member; 0 at its end. invalid as above.
  Result<std::size_t> read(std::span<char> into);

 private:
  struct State;
  explicit Reader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Whether the name is one of an archive or compressed file (see open).
bool is_packed(std::string_view file_name);

}  // namespace letterlock::archive
