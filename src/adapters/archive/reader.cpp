#include "adapters/archive/reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

namespace letterlock::archive {
namespace {

constexpr std::size_t block_bytes = 64 << 10;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool has_tar_name(const std::string& name) {
  return name.ends_with(".tar") || name.contains(".tar.") || name.ends_with(".tgz") || name.ends_with(".tzst") || name.ends_with(".tbz2") ||
         name.ends_with(".txz");
}

bool is_compressed_name(const std::string& name) {
  return name.ends_with(".gz") || name.ends_with(".zst") || name.ends_with(".xz") || name.ends_with(".bz2");
}

}  // namespace

bool is_packed(std::string_view file_name) {
  const std::string name = lower(file_name);
  return has_tar_name(name) || is_compressed_name(name) || name.ends_with(".zip");
}

struct Reader::State {
  ~State() {
    if (handle) archive_read_free(handle);
  }

  std::unexpected<Error> damaged(std::string_view code = "") {
    is_broken = code != member_failed_code;
    const char* text = handle ? archive_error_string(handle) : nullptr;
    return broken_error(text ? text : "damaged or cut off", code);
  }
  std::unexpected<Error> broken_error(std::string_view what, std::string_view code) const {
    return fail(Error{.kind = ErrorKind::invalid, .message = "reading " + name + ": " + std::string(what), .code = std::string(code)});
  }

  Result<void> check_stop() const {
    if (options.stop.stop_requested()) return fail(ErrorKind::unavailable, "stopped");
    return {};
  }

  // A zip inflates its members by itself, a compressed file or tar is inflated before members are seen.
  std::int64_t unpacked_bytes() const { return std::max<std::int64_t>(archive_filter_bytes(handle, 0), data_bytes); }

  Result<void> check_unpacked() {
    if (unpacked_bytes() <= unpacked_bytes_allowed) return {};
    is_broken = true;
    return broken_error("its " + std::to_string(file_bytes) + " bytes unpack to more than " + std::to_string(unpacked_bytes_allowed) +
                            ", the most that is read of a file of this size (LETTERLOCK_ARCHIVE_BYTES_MAX, LETTERLOCK_ARCHIVE_RATIO_MAX)",
                        unpacked_too_far_code);
  }

  // libarchive skips in one call, however far that is: what has to be inflated is skipped here, within the bounds.
  Result<void> skip_member() {
    if (!in_member || (!is_compressed && member_size)) return {};
    for (;;) {
      TRY(check_stop());
      const void* block = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(handle, &block, &size, &offset);
      if (status == ARCHIVE_EOF) return {};
      if (status == ARCHIVE_RETRY) continue;
      if (status == ARCHIVE_FATAL) return damaged();
      if (status < ARCHIVE_WARN) return {};  // the member's own trouble; the next header tells whether it is more
      data_bytes += static_cast<std::int64_t>(size);
      TRY(check_unpacked());
    }
  }

  std::string why_refused(archive_entry* entry) const {
    if (archive_entry_filetype(entry) == AE_IFLNK) return "a symbolic link: links are not followed";
    if (archive_entry_hardlink(entry)) return "a link to another member: links are not followed";
    if (archive_entry_filetype(entry) != AE_IFREG) return "a device, pipe or socket";
    if (member_size && *member_size > unpacked_bytes_allowed - unpacked_bytes())
      return "it unpacks to " + std::to_string(*member_size) + " bytes, and of a file of " + std::to_string(file_bytes) +
             " bytes no more than " + std::to_string(unpacked_bytes_allowed) +
             " are read (LETTERLOCK_ARCHIVE_BYTES_MAX, LETTERLOCK_ARCHIVE_RATIO_MAX)";
    return "";
  }

  FileDescriptor file;
  std::string name;
  ReaderOptions options;
  std::int64_t file_bytes = 0;
  std::int64_t unpacked_bytes_allowed = 0;
  struct ::archive* handle = nullptr;  // packed files; none: a plain one
  bool is_compressed = false;          // what lies around all members
  bool is_given = false;               // the plain file's one member
  bool is_broken = false;
  bool in_member = false;
  std::optional<std::int64_t> member_size;
  std::int64_t member_bytes = 0;  // of the present member, read
  std::int64_t data_bytes = 0;    // of all members, read or skipped here
};

Reader::Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(const std::filesystem::path& file, ReaderOptions options) {
  // Not blocking: a pipe would wait for its writer before it could be refused.
  FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!descriptor) return fail(ErrorKind::invalid, "reading " + file.string() + ": " + std::strerror(errno));
  auto opened = open(std::move(descriptor), file.filename().string(), std::move(options));
  if (!opened) return fail(std::move(opened).error());
  opened->state_->name = file.string();
  return opened;
}

Result<Reader> Reader::open(FileDescriptor file, std::string file_name, ReaderOptions options) {
  auto state = std::make_unique<State>();
  state->file = std::move(file);
  state->name = std::move(file_name);
  state->options = std::move(options);
  struct stat facts{};
  if (fstat(state->file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return state->broken_error("not a file", "");
  if (lseek(state->file.get(), 0, SEEK_SET) != 0) return state->broken_error(std::strerror(errno), "");
  state->file_bytes = facts.st_size;
  const auto& limits = state->options;
  const auto by_ratio =
      facts.st_size > limits.unpacked_bytes_max / limits.ratio_max ? limits.unpacked_bytes_max : facts.st_size * limits.ratio_max;
  // What is not compressed gives its own size at most, whatever the bounds are.
  state->unpacked_bytes_allowed =
      std::max<std::int64_t>(facts.st_size, std::min(limits.unpacked_bytes_max, std::max(limits.ratio_free_bytes, by_ratio)));
  const std::string name = lower(state->name);
  if (!is_packed(name)) return Reader(std::move(state));

  state->handle = archive_read_new();
  CHECK(state->handle);
  // Those that libarchive was built with: where it lacks one it answers ARCHIVE_WARN and would start a program of that name.
  for (const auto support : {archive_read_support_filter_gzip, archive_read_support_filter_bzip2, archive_read_support_filter_xz,
                             archive_read_support_filter_zstd})
    if (support(state->handle) != ARCHIVE_OK) return fail(ErrorKind::internal, "libarchive was built without gzip, bzip2, xz or zstd");
  if (name.ends_with(".zip")) {
    archive_read_support_format_zip(state->handle);
  } else {
    archive_read_support_format_tar(state->handle);
    if (!has_tar_name(name)) archive_read_support_format_raw(state->handle);
  }
  archive_read_support_format_empty(state->handle);
  if (archive_read_open_fd(state->handle, state->file.get(), block_bytes) != ARCHIVE_OK) return state->damaged();
  // libarchive's own last filter is the file. A layer within another could unpack without end before a byte comes out.
  const int compressions = archive_filter_count(state->handle) - 1;
  if (compressions > 1) return state->broken_error("compressed " + std::to_string(compressions) + " times; once is read", "");
  state->is_compressed = compressions == 1;
  return Reader(std::move(state));
}

Result<std::optional<Member>> Reader::next() {
  State& state = *state_;
  TRY(state.check_stop());
  if (!state.handle) {
    if (state.is_given) return std::nullopt;
    state.is_given = true;
    return Member{};
  }
  for (;;) {
    if (state.is_broken) return state.damaged();
    TRY(state.skip_member());
    state.in_member = false;
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(state.handle, &entry);
    if (status == ARCHIVE_EOF) return std::nullopt;
    if (status == ARCHIVE_RETRY) continue;
    if (status == ARCHIVE_FATAL || status == ARCHIVE_FAILED) return state.damaged();
    TRY(state.check_stop());
    TRY(state.check_unpacked());
    state.in_member = true;
    state.member_bytes = 0;
    state.member_size.reset();
    if (archive_entry_size_is_set(entry)) state.member_size = archive_entry_size(entry);
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    Member member{.size_bytes = state.member_size, .refused = state.why_refused(entry)};
    const bool is_raw = archive_format(state.handle) == ARCHIVE_FORMAT_RAW;
    if (const char* path = archive_entry_pathname(entry); path && !is_raw) member.path = path;
    return member;
  }
}

Result<std::size_t> Reader::read(std::span<char> into) {
  State& state = *state_;
  TRY(state.check_stop());
  if (!state.handle) {
    for (;;) {
      const auto count = ::read(state.file.get(), into.data(), into.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return state.broken_error(std::strerror(errno), "");
    }
  }
  if (state.is_broken) return state.damaged();
  for (;;) {
    const la_ssize_t count = archive_read_data(state.handle, into.data(), into.size());
    if (count == ARCHIVE_RETRY) continue;
    if (count < 0) return state.damaged(count == ARCHIVE_FATAL ? "" : member_failed_code);
    state.member_bytes += count;
    state.data_bytes += count;
    TRY(state.check_unpacked());
    if (state.member_size && state.member_bytes > *state.member_size)
      return state.broken_error("a member unpacks to more than the " + std::to_string(*state.member_size) + " bytes that it says",
                                member_failed_code);
    return static_cast<std::size_t>(count);
  }
}

}  // namespace letterlock::archive
