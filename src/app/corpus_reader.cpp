#include "app/corpus_reader.h"

#include <array>
#include <fstream>
#include <map>
#include <sstream>

#include "adapters/archive/reader.h"

namespace letterlock {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t message_bytes_max = 150 << 20;
constexpr std::size_t piece_bytes = 64 << 10;

Result<std::string> read_content(archive::Reader& reader, std::string_view name) {
  std::string bytes;
  std::array<char, piece_bytes> piece;
  for (;;) {
    const auto length = TRY(reader.read(piece));
    if (length == 0) return bytes;
    bytes.append(piece.data(), length);
    if (bytes.size() > message_bytes_max)
      return fail(ErrorKind::invalid, std::string(name) + " is longer than " + std::to_string(message_bytes_max) + " bytes");
  }
}

bool leads_out(const fs::path& path) {
  if (path.is_absolute()) return true;
  for (const auto& part : path)
    if (part == "..") return true;
  return false;
}

}  // namespace

Result<evaluation::Corpus> read_corpus_manifest(const fs::path& folder) {
  std::ifstream in(folder / "manifest.json", std::ios::binary);
  if (!in) return fail(ErrorKind::invalid, "no corpus at " + folder.string() + ": it has no manifest.json");
  std::ostringstream text;
  text << in.rdbuf();
  auto corpus = evaluation::read_manifest(text.str());
  if (!corpus) return fail(std::move(corpus.error()).during((folder / "manifest.json").string()));
  return corpus;
}

Result<void> read_archive(const fs::path& file, const std::function<void(std::string path, std::string bytes)>& sink) {
  auto reader = TRY(archive::Reader::open(file));
  for (;;) {
    auto member = TRY(reader.next());
    if (!member) return {};
    auto bytes = TRY(read_content(reader, file.string() + "!" + member->path));
    sink(std::move(member->path), std::move(bytes));
  }
}

Result<void> read_corpus_messages(const fs::path& folder, const std::vector<const evaluation::CorpusMessage*>& wanted,
                                  const std::function<void(const evaluation::CorpusMessage&, std::string)>& sink) {
  std::map<std::string, std::map<std::string, std::vector<const evaluation::CorpusMessage*>>> archives;
  for (const auto* message : wanted) {
    const auto bang = message->path.find('!');
    const auto file = message->path.substr(0, bang);
    if (leads_out(file)) return fail(ErrorKind::invalid, "message " + message->id + ": the path leads out of the corpus: " + message->path);
    archives[file][bang == std::string::npos ? "" : message->path.substr(bang + 1)].push_back(message);
  }
  for (const auto& [file, members] : archives) {
    std::error_code missing;
    if (!fs::exists(folder / file, missing)) continue;
    TRY(read_archive(folder / file, [&](std::string path, std::string bytes) {
      if (path.starts_with("./")) path.erase(0, 2);
      if (const auto found = members.find(path); found != members.end())
        for (const auto* message : found->second) sink(*message, bytes);
    }));
  }
  return {};
}

}  // namespace letterlock
