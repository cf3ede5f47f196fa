#include "sim/corpus.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "sim/mime_reader.h"

namespace letterlock::sim {
namespace {

constexpr std::int64_t message_bytes_max = 150 << 20;

void add_message(std::string bytes, TimePoint now, std::vector<Delivery>& corpus) {
  const auto headers = read_headers(std::string_view(bytes).substr(0, 256 << 10));
  auto ms = read_date_ms(headers.header("Date"));
  if (ms < 0) {
    const auto received = headers.header("Received");
    const auto semicolon = received.rfind(';');
    if (semicolon != std::string_view::npos) ms = read_date_ms(received.substr(semicolon + 1));
  }
  const auto when = ms < 0 ? now - std::chrono::hours(24) : std::min(from_unix_micros(ms * 1000), now);
  corpus.push_back({.received_at = when, .raw = std::make_shared<StoredRaw>(std::move(bytes))});
}

Result<void> read_archive(const std::filesystem::path& file, TimePoint now, std::vector<Delivery>& corpus) {
  const std::unique_ptr<archive, int (*)(archive*)> reader(archive_read_new(), archive_read_free);
  // Each built into libarchive; others would start a program.
  for (const auto support : {archive_read_support_filter_gzip, archive_read_support_filter_bzip2, archive_read_support_filter_xz,
                             archive_read_support_filter_zstd})
    support(reader.get());
  archive_read_support_format_tar(reader.get());
  if (archive_read_open_filename(reader.get(), file.c_str(), 1 << 16) != ARCHIVE_OK)
    return fail(ErrorKind::invalid, "opening " + file.string() + ": " + archive_error_string(reader.get()));
  archive_entry* entry = nullptr;
  for (;;) {
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) return {};
    if (status < ARCHIVE_WARN) return fail(ErrorKind::invalid, "reading " + file.string() + ": " + archive_error_string(reader.get()));
    const auto size = archive_entry_size(entry);
    if (archive_entry_filetype(entry) != AE_IFREG || size > message_bytes_max) continue;
    std::string bytes(static_cast<std::size_t>(size), '\0');
    const auto got = archive_read_data(reader.get(), bytes.data(), bytes.size());
    if (got < 0) return fail(ErrorKind::invalid, "reading " + file.string() + ": " + archive_error_string(reader.get()));
    bytes.resize(static_cast<std::size_t>(got));
    if (!bytes.empty()) add_message(std::move(bytes), now, corpus);
  }
}

}  // namespace

Result<std::vector<Delivery>> read_corpus(const std::string& folder, TimePoint now) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::recursive_directory_iterator place(folder, error), end; !error && place != end; place.increment(error))
    if (place->is_regular_file(error)) files.push_back(place->path());
  if (error) return fail(ErrorKind::invalid, "reading corpus folder " + folder + ": " + error.message());
  std::ranges::sort(files);
  std::vector<Delivery> corpus;
  for (const auto& file : files) {
    const auto name = lower_case(file.filename().string());
    if (name.ends_with(".eml")) {
      std::ifstream in(file, std::ios::binary);
      std::string bytes{std::istreambuf_iterator<char>(in), {}};
      if (!bytes.empty()) add_message(std::move(bytes), now, corpus);
    } else if (name.ends_with(".tar.zst") || name.ends_with(".tar.gz") || name.ends_with(".tar")) {
      TRY(read_archive(file, now, corpus));
    }
  }
  std::ranges::stable_sort(corpus, {}, &Delivery::received_at);
  return corpus;
}

std::vector<Delivery> corpus_share(const std::vector<Delivery>& corpus, std::size_t provider, std::size_t mailboxes) {
  std::vector<Delivery> share;
  for (std::size_t i = provider; i < corpus.size(); i += 2) {
    share.push_back(corpus[i]);
    share.back().mailbox = (i / 2) % mailboxes;
  }
  return share;
}

}  // namespace letterlock::sim
