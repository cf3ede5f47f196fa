#include "providers/archive/archive_files.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/encoding.h"

namespace letterlock::providers {
namespace {

namespace fs = std::filesystem;

// A Maildir renames new/ID to cur/ID:2,FLAGS when the message is read.
std::string location_of(const fs::path& relative) {
  const auto folder = relative.parent_path().filename();
  if (folder != "new" && folder != "cur") return relative.generic_string();
  const std::string name = relative.filename().string();
  return (relative.parent_path().parent_path() / name.substr(0, name.find(":2,"))).generic_string();
}

bool is_maildir_tmp(const fs::path& folder) {
  std::error_code code;
  const auto maildir = folder.parent_path();
  return folder.filename() == "tmp" && (fs::is_directory(maildir / "cur", code) || fs::is_directory(maildir / "new", code));
}

void add(ArchiveListing& listing, Sha256& fingerprint, const fs::path& path, const fs::path& relative) {
  std::error_code code;
  const auto size = fs::file_size(path, code);
  const auto time = fs::last_write_time(path, code);
  ArchiveFile file{.path = path, .position = url_encode(relative.generic_string()), .location = location_of(relative)};
  if (!code) file.size_bytes = static_cast<std::int64_t>(size);
  fingerprint.update(file.position + "\n" + std::to_string(file.size_bytes) + "\n" + std::to_string(time.time_since_epoch().count()) +
                     "\n");
  listing.files.push_back(std::move(file));
}

}  // namespace

bool is_mail_name(std::string_view path) {
  static constexpr std::array<std::string_view, 22> others{".json", ".jsonl", ".md", ".csv", ".tsv", ".xml",    ".yaml", ".yml",
                                                           ".toml", ".sql",   ".db", ".idx", ".msf", ".html",   ".pdf",  ".png",
                                                           ".jpg",  ".py",    ".sh", ".log", ".ini", ".parquet"};
  std::string name(path.substr(path.find_last_of('/') == std::string_view::npos ? 0 : path.find_last_of('/') + 1));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name.empty() || name.starts_with('.')) return false;
  return std::ranges::none_of(others, [&](std::string_view ending) { return name.ends_with(ending); });
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  return out;
}

Result<ArchiveListing> list_archive(const fs::path& path) {
  ArchiveListing listing;
  Sha256 fingerprint;
  std::error_code code;
  if (fs::is_regular_file(path, code)) {
    add(listing, fingerprint, path, path.filename());
  } else if (fs::is_directory(path, code)) {
    std::vector<fs::path> found;
    fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, code);
    if (code) return fail(ErrorKind::invalid, "reading " + path.string() + ": " + code.message());
    for (; at != fs::recursive_directory_iterator(); at.increment(code)) {
      if (code) return fail(ErrorKind::invalid, "reading " + path.string() + ": " + code.message());
      const std::string name = at->path().filename().string();
      std::error_code ignored;
      if (at->is_directory(ignored)) {
        // Maildir++ folders begin with a dot; other hidden folders (.git) hold no mail.
        if (is_maildir_tmp(at->path()) || (name.starts_with('.') && !fs::is_directory(at->path() / "cur", ignored)))
          at.disable_recursion_pending();
      } else if (at->is_regular_file(ignored) && is_mail_name(name)) {
        found.push_back(at->path());
      }
    }
    std::ranges::sort(found, {}, [&](const fs::path& file) { return url_encode(file.lexically_relative(path).generic_string()); });
    for (const auto& file : found) add(listing, fingerprint, file, file.lexically_relative(path));
  } else {
    return fail(ErrorKind::invalid, "reading " + path.string() + ": no such file or folder");
  }
  listing.fingerprint = fingerprint.finish_hex();
  return listing;
}

}  // namespace letterlock::providers
