#include "adapters/archive/reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

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
    if (plain) std::fclose(plain);
  }
  std::unexpected<Error> damaged() const {
    const char* text = handle ? archive_error_string(handle) : nullptr;
    return fail(ErrorKind::invalid, "reading " + file + ": " + (text ? text : "damaged or cut off"));
  }

  std::string file;
  struct ::archive* handle = nullptr;  // packed files
  std::FILE* plain = nullptr;          // all else
  bool plain_given = false;
  bool broken = false;
};

Reader::Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(const std::filesystem::path& file) {
  auto state = std::make_unique<State>();
  state->file = file.string();
  std::error_code code;
  if (!std::filesystem::is_regular_file(file, code)) return fail(ErrorKind::invalid, "reading " + state->file + ": not a file");
  const std::string name = lower(file.filename().string());
  if (!is_packed(name)) {
    state->plain = std::fopen(file.c_str(), "rbe");
    if (!state->plain) return fail(ErrorKind::invalid, "reading " + state->file + ": cannot be opened");
    return Reader(std::move(state));
  }
  state->handle = archive_read_new();
  CHECK(state->handle);
  archive_read_support_filter_all(state->handle);
  if (name.ends_with(".zip")) {
    archive_read_support_format_zip(state->handle);
  } else {
    archive_read_support_format_tar(state->handle);
    if (!has_tar_name(name)) archive_read_support_format_raw(state->handle);
  }
  archive_read_support_format_empty(state->handle);
  if (archive_read_open_filename(state->handle, file.c_str(), block_bytes) != ARCHIVE_OK) return state->damaged();
  return Reader(std::move(state));
}

Result<std::optional<Member>> Reader::next() {
  State& state = *state_;
  if (state.plain) {
    if (state.plain_given) return std::nullopt;
    state.plain_given = true;
    return Member{};
  }
  for (;;) {
    if (state.broken) return state.damaged();
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(state.handle, &entry);
    if (status == ARCHIVE_EOF) return std::nullopt;
    if (status == ARCHIVE_RETRY) continue;
    if (status == ARCHIVE_FATAL || status == ARCHIVE_FAILED) {
      state.broken = true;
      return state.damaged();
    }
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    Member member;
    const bool is_raw = archive_format(state.handle) == ARCHIVE_FORMAT_RAW;
    if (const char* path = archive_entry_pathname(entry); path && !is_raw) member.path = path;
    if (archive_entry_size_is_set(entry)) member.size_bytes = archive_entry_size(entry);
    return member;
  }
}

Result<std::size_t> Reader::read(std::span<char> into) {
  State& state = *state_;
  if (state.plain) {
    const std::size_t count = std::fread(into.data(), 1, into.size(), state.plain);
    if (count == 0 && std::ferror(state.plain)) return fail(ErrorKind::invalid, "reading " + state.file + ": the disk failed");
    return count;
  }
  if (state.broken) return state.damaged();
  for (;;) {
    const la_ssize_t count = archive_read_data(state.handle, into.data(), into.size());
    if (count == ARCHIVE_RETRY) continue;
    if (count < 0) {
      state.broken = true;
      return state.damaged();
    }
    return static_cast<std::size_t>(count);
  }
}

}  // namespace letterlock::archive
