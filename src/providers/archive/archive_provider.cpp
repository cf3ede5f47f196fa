#include "providers/archive/archive_provider.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_map>

#include "adapters/archive/reader.h"
#include "base/encoding.h"
#include "providers/archive/archive_files.h"
#include "providers/archive/message_splitter.h"

namespace letterlock::providers {
namespace {

constexpr std::string_view stopped_code = "walk_stopped";
constexpr std::size_t read_bytes = 256 << 10;

// Reads one path from its cursor to its end. Lives for one walk of one path.
class PathWalk {
 public:
  PathWalk(const ArchivePath& path, CursorKey key, ArchiveCursor cursor, std::string location_prefix, const WalkLimits& limits,
           archive::ReaderOptions reader_options, Clock& clock, const StepSink& sink)
      : path_(path),
        key_(std::move(key)),
        cursor_(std::move(cursor)),
        location_prefix_(std::move(location_prefix)),
        limits_(limits),
        reader_options_(std::move(reader_options)),
        clock_(clock),
        sink_(sink),
        stop_(reader_options_.stop) {}

  Result<void> run(const ArchiveListing& listing) {
    if (cursor_.done && cursor_.fingerprint == listing.fingerprint) return {};
    if (cursor_.done || cursor_.fingerprint.empty()) cursor_ = ArchiveCursor{.fingerprint = listing.fingerprint};
    for (const auto& file : listing.files) {
      if (file.position < cursor_.file || (file.position == cursor_.file && cursor_.file_done)) continue;
      if (file.position != cursor_.file) cursor_.file = file.position, cursor_.member = 0;
      cursor_.file_done = false;
      TRY(read_file(file));
      cursor_.file_done = true;
      if (is_full()) TRY(flush(false));
    }
    cursor_ = ArchiveCursor{.done = true, .fingerprint = cursor_.fingerprint};
    return flush(true);
  }

 private:
  // Whatever is wrong with one file is written down beside what could be read of it.
  Result<void> read_file(const ArchiveFile& file) {
    if (!file.not_read.empty()) {
      set_aside("passed over:" + location_prefix_ + file.location, printable(file.relative) + ": " + file.not_read, 0);
      return {};
    }
    times_seen_.clear();
    skip_ = cursor_.member;
    member_ = 0;
    file_begun_at_ = clock_.now();
    auto read = read_members(file);
    if (stop_.stop_requested()) return stopped();
    if (read || read.error().code == stopped_code || read.error().kind != ErrorKind::invalid) return read;
    set_aside("broken:" + location_prefix_ + file.location, printable(read.error().message), file.size_bytes);
    return {};
  }

  Result<void> read_members(const ArchiveFile& file) {
    const auto file_name = std::filesystem::path(file.relative).filename().string();
    auto reader = TRY(archive::Reader::open(TRY(path_.open_file(file)), file_name, reader_options_));
    for (bool is_empty = true;; is_empty = false) {
      const auto member = TRY(reader.next());
      if (!member && is_empty) return fail(ErrorKind::invalid, "reading " + file_name + ": holds no file");
      if (!member) return {};
      if (!member->path.empty() && !is_mail_name(member->path)) continue;
      const auto inside = member->path.empty() ? "" : "!" + member->path;
      const auto shown = printable(file_name + inside);
      auto read = member->refused.empty() ? read_member(reader, file, member->path, shown)
                                          : fail(Error{.kind = ErrorKind::invalid,
                                                       .message = shown + ": " + member->refused,
                                                       .code = std::string(archive::member_failed_code)});
      if (read) continue;
      if (read.error().code != archive::member_failed_code) return read;
      set_aside("broken:" + location_prefix_ + file.location + inside, printable(read.error().message), member->size_bytes.value_or(0));
    }
  }

  Result<void> read_member(archive::Reader& reader, const ArchiveFile& file, const std::string& member_path, const std::string& shown) {
    const std::string location = location_prefix_ + file.location + (member_path.empty() ? "" : "!" + member_path);
    std::string name = member_path.empty() ? file.relative : member_path;
    if (member_path.empty() && archive::is_packed(name)) name = name.substr(0, name.find_last_of('.'));

    std::string buffer(read_bytes, '\0');
    auto count = reader.read(buffer);
    if (!count) return std::unexpected(std::move(count).error());
    std::int64_t messages = 0;
    MessageSplitter splitter(stream_kind(name, std::string_view(buffer).substr(0, *count)), limits_.message_bytes_max,
                             [&](SplitMessage&& message) {
                               ++messages;
                               return take(std::move(message), location, shown);
                             });
    std::optional<Error> broken;
    while (*count > 0) {
      TRY(splitter.feed(std::string_view(buffer).substr(0, *count)));
      if (stop_.stop_requested()) return stopped();
      count = reader.read(buffer);
      if (!count) {
        broken = count.error();
        break;
      }
    }
    // What a bomb unpacked to last is no message; of a damaged file the beginning of the cut one is kept.
    if (broken && broken->code == archive::unpacked_too_far_code) return std::unexpected(std::move(*broken));
    TRY(splitter.finish());
    if (messages == 0) TRY(take(SplitMessage{}, location, shown));
    if (broken) return std::unexpected(std::move(*broken));
    return {};
  }

  Result<void> take(SplitMessage&& message, const std::string& location, const std::string& shown) {
    Sha256 hash;
    hash.update(location);
    hash.update(std::string_view("\0", 1));
    hash.update(message.bytes);
    if (message.is_too_large) hash.update(std::to_string(member_));
    std::string id = hash.finish_hex();
    // The same bytes twice in one file are two messages: each must be accounted for.
    const auto again = times_seen_[std::hash<std::string>{}(id)]++;
    ++member_;
    if (member_ <= skip_) return {};
    if (skip_ > 0 && member_ == skip_ + 1) step_.reread_for += clock_.now() - file_begun_at_;
    if (again > 0) id = sha256_hex(location + '\0' + message.bytes + '\0' + std::to_string(again));

    if (message.is_too_large) {
      step_.set_aside.push_back({.provider_message_id = ProviderMessageId(id),
                                 .reason = shown + ": " + std::to_string(message.size_bytes) + " bytes, more than the " +
                                           std::to_string(limits_.message_bytes_max) + " that are stored",
                                 .size_bytes = message.size_bytes});
    } else if (message.size_bytes == 0) {
      step_.set_aside.push_back({.provider_message_id = ProviderMessageId(id), .reason = shown + ": empty"});
    } else {
      step_bytes_ += message.size_bytes;
      step_.messages.push_back(
          {.provider_message_id = ProviderMessageId(id), .raw = {.format = "rfc5322", .bytes = std::move(message.bytes)}, .origin = shown});
    }
    cursor_.member = member_;
    return is_full() ? flush(false) : Result<void>{};
  }

  bool is_full() const {
    return std::ssize(step_.messages) + std::ssize(step_.set_aside) >= limits_.step_messages_max || step_bytes_ >= limits_.step_bytes_max;
  }

  void set_aside(std::string_view identity, std::string reason, std::int64_t size_bytes) {
    step_.set_aside.push_back(
        {.provider_message_id = ProviderMessageId(sha256_hex(identity)), .reason = std::move(reason), .size_bytes = size_bytes});
  }

  Result<void> flush(bool caught_up) {
    if (stop_.stop_requested()) return stopped();
    Step step = std::exchange(step_, Step{});
    step_bytes_ = 0;
    step.cursor = key_;
    step.next_value = write_archive_cursor(cursor_);
    step.caught_up = caught_up;
    return TRY(sink_(std::move(step))) ? Result<void>{} : stopped();
  }

  static Result<void> stopped() {
    return std::unexpected(Error{.kind = ErrorKind::unavailable, .message = "stopped", .code = std::string(stopped_code)});
  }

  const ArchivePath& path_;
  const CursorKey key_;
  ArchiveCursor cursor_;
  const std::string location_prefix_;
  const WalkLimits& limits_;
  const archive::ReaderOptions reader_options_;
  Clock& clock_;
  const StepSink& sink_;
  const std::stop_token stop_;

  Step step_;
  std::int64_t step_bytes_ = 0;
  std::int64_t skip_ = 0;    // messages of the present file that an earlier slice took
  std::int64_t member_ = 0;  // messages of the present file seen so far
  TimePoint file_begun_at_;
  std::unordered_map<std::size_t, std::int64_t> times_seen_;  // of the present file, by hash of the id
};

}  // namespace

ArchiveProvider::ArchiveProvider(ArchiveSettings settings, Clock& clock, Metrics& metrics, const ArchiveOptions& options)
    : settings_(std::move(settings)),
      reach_{.folders = options.folders, .anywhere = settings_.named_by_operator},
      options_(options),
      clock_(clock),
      metrics_(metrics) {}

Result<void> ArchiveProvider::check(std::stop_token) {
  for (const auto& path : settings_.paths) {
    auto opened = ArchivePath::open(path, reach_);
    if (!opened) return fail(std::move(opened).error().during("archive settings"));
  }
  return {};
}

Result<void> ArchiveProvider::list_users(const UserSink& sink, std::stop_token) {
  std::string address = settings_.mailbox_address;
  std::ranges::transform(address, address.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return sink({User{.user_id = UserId(address), .primary_email = address}});
}

Result<void> ArchiveProvider::walk(const User& user, std::span<const StoredCursor> cursors, const WalkLimits& limits, const StepSink& sink,
                                   std::stop_token stop) {
  std::vector<std::string> names_before;
  bool folder_before = false;
  for (const auto& path : settings_.paths) {
    const CursorKey key{.mailbox_id = MailboxId(user.user_id.str()), .source = "archive", .folder_id = FolderId(path)};
    const auto stored = std::ranges::find(cursors, key, &StoredCursor::key);
    const auto opened = TRY(ArchivePath::open(path, reach_));
    const auto listing = TRY(opened.list());
    // Messages keep their ids wherever the archive lies, unless that would let two paths collide.
    const std::filesystem::path at(path);
    const bool is_folder = opened.is_folder();
    const bool may_collide =
        folder_before || (is_folder ? !names_before.empty() : std::ranges::contains(names_before, at.filename().string()));
    folder_before = folder_before || is_folder;
    names_before.push_back(at.filename().string());
    PathWalk walk(opened, key, read_archive_cursor(stored == cursors.end() ? "" : stored->value), may_collide ? path + "/" : "", limits,
                  {.unpacked_bytes_max = options_.unpacked_bytes_max, .ratio_max = options_.ratio_max, .stop = stop}, clock_, sink);
    auto walked = walk.run(listing);
    if (!walked) {
      if (walked.error().code == stopped_code) return {};
      return walked;
    }
  }
  metrics_.count("letterlock_archive_walks_total", "Archive walks that reached their end");
  return {};
}

}  // namespace letterlock::providers
