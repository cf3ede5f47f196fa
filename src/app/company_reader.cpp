#include "app/company_reader.h"

#include <spawn.h>
#include <sys/wait.h>

#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>

#include "app/corpus_reader.h"

extern char** environ;

namespace letterlock {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t seeds_max = 1'000;

Result<std::string> read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorKind::not_found, "cannot read " + path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Result<std::int64_t> parse_seed(std::string_view text) {
  std::int64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc{} || end != text.data() + text.size() || seed < 0)
    return fail(ErrorKind::invalid, "\"" + std::string(text) + "\" is no seed: give a number, or FROM..TO");
  return seed;
}

}  // namespace

Result<std::vector<std::int64_t>> parse_seeds(const std::vector<std::string>& texts) {
  std::vector<std::int64_t> seeds;
  for (const auto& text : texts) {
    const auto dots = text.find("..");
    const auto from = TRY(parse_seed(std::string_view(text).substr(0, dots)));
    const auto to = dots == std::string::npos ? from : TRY(parse_seed(std::string_view(text).substr(dots + 2)));
    if (to < from || to - from >= seeds_max || std::ssize(seeds) + to - from >= seeds_max)
      return fail(ErrorKind::invalid, "\"" + text + "\": at most " + std::to_string(seeds_max) + " seeds, from the lower to the higher");
    for (auto seed = from; seed <= to; ++seed) seeds.push_back(seed);
  }
  return seeds;
}

fs::path default_simulator() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path() / "letterlock-sim";
}

Result<void> make_company(const fs::path& simulator, std::int64_t seed, const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(simulator, error))
    return fail(ErrorKind::not_found, "no simulator at " + simulator.string() + ": build letterlock-sim, or name it with --simulator");
  std::vector<std::string> arguments{simulator.string(), "company", "--seed", std::to_string(seed), "--out", folder.string()};
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  if (const int failed = posix_spawn(&child, arguments[0].c_str(), nullptr, nullptr, pointers.data(), environ); failed != 0)
    return fail(ErrorKind::internal, "cannot start " + simulator.string() + ": " + std::strerror(failed));
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return fail(ErrorKind::internal, "waiting for the simulator: " + std::string(std::strerror(errno)));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(ErrorKind::internal, "the simulator could not make company " + std::to_string(seed));
  return {};
}

Result<evaluation::CompanyFiles> read_company_files(const fs::path& folder) {
  evaluation::CompanyFiles files;
  auto company = evaluation::read_company(TRY(read_text(folder / "company.json")));
  if (!company) return fail(std::move(company.error()).during((folder / "company.json").string()));
  files.company = std::move(*company);
  std::istringstream lines(TRY(read_text(folder / "mail.jsonl")));
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty()) continue;
    auto mail = evaluation::read_company_mail(line);
    if (!mail) return fail(std::move(mail.error()).during((folder / "mail.jsonl").string() + ":" + std::to_string(number)));
    if (!files.mails.empty() && mail->received_at < files.mails.back().received_at)
      return fail(ErrorKind::invalid, (folder / "mail.jsonl").string() + ":" + std::to_string(number) + ": not in order of received_at");
    files.mails.push_back(std::move(*mail));
  }
  std::istringstream settings(TRY(read_text(folder / "settings.jsonl")));
  number = 0;
  for (std::string line; std::getline(settings, line);) {
    ++number;
    if (line.empty()) continue;
    auto change = evaluation::read_company_settings(line);
    if (!change) return fail(std::move(change.error()).during((folder / "settings.jsonl").string() + ":" + std::to_string(number)));
    if (!files.settings.empty() && change->at < files.settings.back().at)
      return fail(ErrorKind::invalid, (folder / "settings.jsonl").string() + ":" + std::to_string(number) + ": not in order of at");
    files.settings.push_back(std::move(*change));
  }
  TRY(read_archive(folder / "mail.tar.zst", [&](std::string path, std::string bytes) {
    if (path.starts_with("./")) path.erase(0, 2);
    files.bytes[std::move(path)] = std::move(bytes);
  }));
  return files;
}

}  // namespace letterlock
