#pragma once

// Streams the members of a file: of a tar or zip (compressed or not), or the one content of a plain or compressed file.
// Owned by one caller, used on one thread. Holds libarchive's read buffers only, whatever the file's size.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace letterlock::archive {

// What a file may unpack to: less than bytes_max and, beyond ratio_free_bytes, less than ratio_max times its own size. A file that is
// not compressed may always be read to its end.
struct ReaderOptions {
  std::int64_t unpacked_bytes_max = std::int64_t{256} << 30;
  std::int64_t ratio_max = 200;
  std::int64_t ratio_free_bytes = std::int64_t{64} << 20;
  std::stop_token stop;
};

struct Member {
  std::string path;                        // inside the archive; empty for the content of a plain or compressed file
  std::optional<std::int64_t> size_bytes;  // where the archive says it
  std::string refused;                     // why its content is not read (a link, a device, too large); empty: it is
};

// Codes of errors of kind invalid.
inline constexpr std::string_view member_failed_code = "member_failed";  // of one member; next() goes on behind it
inline constexpr std::string_view unpacked_too_far_code = "unpacked_too_far";

class Reader {
 public:
  // The name decides: .tar and .tar.*, .tgz, .zip hold members; .gz, .zst, .xz, .bz2 are unpacked (a tar inside is found);
  // all else is read as it is. gzip, bzip2, xz and zstd, once; no other compression. Follows symbolic links.
  // invalid: not a file, unreadable, not what its name says.
  static Result<Reader> open(const std::filesystem::path& file, ReaderOptions options = {});
  // As above, of an open file, which is read from its beginning. name: its file name, without folders.
  static Result<Reader> open(FileDescriptor file, std::string name, ReaderOptions options = {});

  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  // The next member but folders; nullopt at the end. Bytes of the present member that were not read are skipped.
  // invalid: damaged, cut off, or unpacked beyond the options' bounds (code unpacked_too_far) here; nothing more can be read.
  // unavailable: stopped.
  Result<std::optional<Member>> next();
  // Bytes of the present member; 0 at its end. Errors as above; with code member_failed next() can go on.
  Result<std::size_t> read(std::span<char> into);

 private:
  struct State;
  explicit Reader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Whether the name is one of an archive or compressed file (see open).
bool is_packed(std::string_view file_name);

}  // namespace letterlock::archive
