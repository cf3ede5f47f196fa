#include "providers/archive/archive_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/encoding.h"

namespace letterlock::providers {
namespace {

namespace fs = std::filesystem;

constexpr int depth_max = 64;  // folders within folders; each holds a descriptor open while it is listed
constexpr std::string_view is_a_link = "a symbolic link: links are not followed";

// A Maildir renames new/ID to cur/ID:2,FLAGS when the message is read.
std::string location_of(const fs::path& relative) {
  const auto folder = relative.parent_path().filename();
  if (folder != "new" && folder != "cur") return relative.generic_string();
  const std::string name = relative.filename().string();
  return (relative.parent_path().parent_path() / name.substr(0, name.find(":2,"))).generic_string();
}

struct Opened {
  FileDescriptor descriptor;
  struct stat facts{};
};

std::unexpected<Error> refused(std::string_view what) { return fail(ErrorKind::invalid, std::string(what)); }

// What this process lacks for a while says nothing about the file.
std::unexpected<Error> failed(int error) {
  const bool is_passing = error == EMFILE || error == ENFILE || error == ENOMEM;
  return fail(is_passing ? ErrorKind::unavailable : ErrorKind::invalid, std::strerror(error));
}

// A file or folder, of which `name` is the last component or, followed, a path. Looked at before it is opened: opening a device may do
// something; and not blocking: a pipe would wait for its writer.
Result<Opened> open_at(int folder, const std::string& name, bool follow_links) {
  Opened opened;
  if (fstatat(folder, name.c_str(), &opened.facts, follow_links ? 0 : AT_SYMLINK_NOFOLLOW) != 0) return failed(errno);
  const auto is_readable = [&] { return S_ISREG(opened.facts.st_mode) || S_ISDIR(opened.facts.st_mode); };
  if (S_ISLNK(opened.facts.st_mode)) return refused(is_a_link);
  if (!is_readable()) return refused("a device, pipe or socket");
  const int descriptor = openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follow_links ? 0 : O_NOFOLLOW));
  if (descriptor < 0) return errno == ELOOP ? refused(is_a_link) : failed(errno);
  opened.descriptor = FileDescriptor(descriptor);
  if (fstat(opened.descriptor.get(), &opened.facts) != 0) return failed(errno);
  if (!is_readable()) return refused("a device, pipe or socket");
  return opened;
}

// Component by component, none of them a link.
Result<Opened> open_below(int folder, const fs::path& relative) {
  std::optional<Opened> at;
  for (const auto& part : relative) {
    if (part.empty() || part == ".") continue;
    auto next = open_at(at ? at->descriptor.get() : folder, part.string(), false);
    if (!next) return fail(std::move(next).error().during(part.string()));
    at = std::move(*next);
  }
  if (!at) return refused("no name");
  return std::move(*at);
}

bool is_folder_at(int folder, const std::string& name) {
  struct stat facts{};
  return fstatat(folder, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(facts.st_mode);
}

// The names in a folder. An error is no empty folder.
Result<std::vector<std::string>> names_in(int folder) {
  FileDescriptor own(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!own) return failed(errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(own.get()), closedir);
  if (!stream) return failed(errno);
  own.release();  // the stream's now
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(stream.get());
    if (!entry && errno != 0) return failed(errno);
    if (!entry) return names;
    const std::string_view name(entry->d_name);
    if (name != "." && name != "..") names.emplace_back(name);
  }
}

ArchiveFile file_of(const std::string& relative) {
  return {.relative = relative, .position = url_encode(relative), .location = location_of(relative)};
}

std::string fingerprint_line(const ArchiveFile& file, const struct stat& facts) {
  const std::chrono::sys_time<std::chrono::nanoseconds> changed(std::chrono::seconds(facts.st_mtim.tv_sec) +
                                                                std::chrono::nanoseconds(facts.st_mtim.tv_nsec));
  return file.position + "\n" + std::to_string(file.size_bytes) + "\n" +
         std::to_string(std::chrono::file_clock::from_sys(changed).time_since_epoch().count()) + "\n";
}

// Collects the files below one folder.
class Lister {
 public:
  Result<void> list(int folder, const std::string& prefix, int depth) {
    const auto names = TRY(names_in(folder));
    const bool in_maildir = std::ranges::contains(names, "cur") || std::ranges::contains(names, "new");
    for (const auto& name : names) TRY(look_at(folder, name, prefix + name, depth, in_maildir));
    return {};
  }

  ArchiveListing finish() {
    std::ranges::sort(found_, {}, [](const Found& found) -> const std::string& { return found.file.position; });
    ArchiveListing listing;
    Sha256 fingerprint;
    for (auto& [file, line] : found_) {
      fingerprint.update(line);
      listing.files.push_back(std::move(file));
    }
    listing.fingerprint = fingerprint.finish_hex();
    return listing;
  }

  void add(const std::string& relative, const struct stat& facts) {
    auto file = file_of(relative);
    file.size_bytes = facts.st_size;
    auto line = fingerprint_line(file, facts);
    found_.push_back({std::move(file), std::move(line)});
  }

 private:
  struct Found {
    ArchiveFile file;
    std::string line;  // of the fingerprint
  };

  Result<void> look_at(int folder, const std::string& name, const std::string& relative, int depth, bool in_maildir) {
    struct stat facts{};
    if (fstatat(folder, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) return {};  // gone meanwhile
    if (S_ISREG(facts.st_mode)) {
      if (is_mail_name(name)) add(relative, facts);
    } else if (S_ISDIR(facts.st_mode)) {
      if (name == "tmp" && in_maildir) return {};
      // Maildir++ folders begin with a dot; other hidden folders (.git) hold no mail.
      if (name.starts_with('.') && !is_folder_at(folder, name + "/cur")) return {};
      const auto listed = [&]() -> Result<void> {
        if (depth == depth_max) return refused("a folder more than " + std::to_string(depth_max) + " levels down");
        const auto opened = TRY(open_at(folder, name, false));
        return list(opened.descriptor.get(), relative + "/", depth + 1);
      }();
      if (!listed && listed.error().kind != ErrorKind::invalid) return listed;
      if (!listed) pass_over(relative, listed.error().message);
    } else if (S_ISLNK(facts.st_mode)) {
      pass_over(relative, is_a_link);
    } else if (is_mail_name(name)) {
      pass_over(relative, "a device, pipe or socket");
    }
    return {};
  }

  void pass_over(const std::string& relative, std::string_view reason) {
    auto file = file_of(relative);
    file.not_read = reason;
    auto line = file.position + "\n" + file.not_read + "\n";
    found_.push_back({std::move(file), std::move(line)});
  }

  std::vector<Found> found_;
};

// As it is compared with the allowed folders: no "..", no trailing "/".
fs::path normal(const std::string& path) {
  auto whole = fs::path(path).lexically_normal();
  return whole.has_filename() || whole == whole.root_path() ? whole : whole.parent_path();
}

// The allowed folder that the path is or lies below; nullptr: none. A path that is not absolute lies nowhere.
const std::string* folder_of(const std::string& path, const ArchiveReach& reach) {
  const auto whole = normal(path);
  if (!whole.is_absolute()) return nullptr;
  for (const auto& folder : reach.folders) {
    const auto allowed = normal(folder);
    const auto [end, _] = std::ranges::mismatch(allowed, whole);
    if (end == allowed.end()) return &folder;
  }
  return nullptr;
}

}  // namespace

Result<void> check_reach(const std::vector<std::string>& paths, const ArchiveReach& reach) {
  if (reach.anywhere) return {};
  for (const auto& path : paths)
    if (!folder_of(path, reach))
      return fail(ErrorKind::forbidden, "\"paths\": " + path +
                                            " lies in no folder that LETTERLOCK_ARCHIVE_FOLDERS allows; the operator can set that, or read "
                                            "the path with letterlock import");
  return {};
}

Result<ArchivePath> ArchivePath::open(const std::string& path, const ArchiveReach& reach) {
  TRY(check_reach({path}, reach));
  const auto opened = [&]() -> Result<Opened> {
    if (reach.anywhere) return open_at(AT_FDCWD, path, true);
    const auto* allowed = folder_of(path, reach);
    auto folder = TRY(open_at(AT_FDCWD, *allowed, true));
    const auto below = normal(path).lexically_relative(normal(*allowed));
    if (below == ".") return folder;
    return open_below(folder.descriptor.get(), below);
  };
  auto root = opened();
  if (!root) return fail(std::move(root).error().during("reading " + path));
  return ArchivePath(path, std::move(root->descriptor), S_ISDIR(root->facts.st_mode));
}

Result<ArchiveListing> ArchivePath::list() const {
  Lister lister;
  if (is_folder_) {
    auto listed = lister.list(root_.get(), "", 0);
    if (!listed) return fail(std::move(listed).error().during("reading " + path_));
  } else {
    struct stat facts{};
    if (fstat(root_.get(), &facts) != 0) return fail(failed(errno).error().during("reading " + path_));
    lister.add(fs::path(path_).filename().string(), facts);
  }
  return lister.finish();
}

Result<FileDescriptor> ArchivePath::open_file(const ArchiveFile& file) const {
  if (!is_folder_) {
    FileDescriptor same(fcntl(root_.get(), F_DUPFD_CLOEXEC, 0));
    if (!same) return fail(failed(errno).error().during("reading " + path_));
    return same;
  }
  auto opened = open_below(root_.get(), file.relative);
  if (!opened) return fail(std::move(opened).error().during("reading " + file.relative));
  if (!S_ISREG(opened->facts.st_mode)) return fail(ErrorKind::invalid, "reading " + file.relative + ": a folder by now");
  return std::move(opened->descriptor);
}

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

}  // namespace letterlock::providers
