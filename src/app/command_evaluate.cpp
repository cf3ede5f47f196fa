// evaluate: what the rule pack finds in labelled mail, and whom it disturbs for nothing.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/company_reader.h"
#include "app/corpus_reader.h"
#include "app/scratch_storage.h"
#include "base/id.h"
#include "base/log.h"
#include "domain/detection/rule_pack.h"
#include "domain/evaluation/corpus_evaluation.h"

namespace letterlock {
namespace {

struct EvaluateOptions {
  std::string corpus;
  std::string part = "all";
  std::string json_file, verdicts_file;
  std::vector<std::string> sources;
  bool ignore_verdicts = false;
  std::vector<std::string> companies;  // seeds
  std::string simulator;
  int every_minutes = 5, batch_minutes = 1440;
};

Result<void> write_file(const std::string& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) return fail(ErrorKind::invalid, "cannot write " + path);
  return {};
}

// Before a long run: whether its results can be written. Makes an empty file where there is none.
Result<void> check_writable(const std::string& path) {
  if (!path.empty() && !std::ofstream(path, std::ios::binary | std::ios::app)) return fail(ErrorKind::invalid, "cannot write " + path);
  return {};
}

Result<int> evaluate_corpus_files(const Config& config, const EvaluateOptions& options) {
  const auto pack = TRY(detection::RulePack::load(config.share_dir + "/rules"));
  const auto corpus = TRY(read_corpus_manifest(options.corpus));
  const evaluation::CorpusOptions how{
      .part = options.part == "tune"     ? evaluation::Part::tune
              : options.part == "report" ? evaluation::Part::report
                                         : evaluation::Part::all,
      .ignore_verdicts = options.ignore_verdicts,
      .sources = options.sources,
      .read = [&](const auto& wanted, const auto& sink) { return read_corpus_messages(options.corpus, wanted, sink); },
      .scratch_storage = [&] { return make_scratch_storage(config.share_dir); },
      .progress = std::cerr};
  const auto result = TRY(evaluation::evaluate_corpus(corpus, pack, how));
  for (const auto& note : result.notes) std::cerr << note << '\n';
  if (result.unreadable > 0) std::cerr << result.unreadable << " messages could not be parsed\n";
  const auto report = evaluation::summarize(result);
  evaluation::print_report(report, pack, std::cout);
  if (!options.json_file.empty()) TRY(write_file(options.json_file, evaluation::report_json(report, corpus, how)));
  if (!options.verdicts_file.empty()) {
    std::ostringstream text;
    evaluation::print_verdicts(result, text);
    TRY(write_file(options.verdicts_file, text.str()));
  }
  return result.notes.empty() ? 0 : 1;
}

// A folder that is gone at the end.
class ScratchFolder {
 public:
  ScratchFolder() { std::filesystem::create_directories(path_); }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_ = std::filesystem::temp_directory_path() / ("letterlock-company-" + new_uuid());
};

Result<int> evaluate_companies(const Config& config, const EvaluateOptions& options) {
  const auto pack = TRY(detection::RulePack::load(config.share_dir + "/rules"));
  const auto seeds = TRY(parse_seeds(options.companies));
  evaluation::CompanyResult all;
  for (const auto seed : seeds) {
    ScratchFolder folder;
    TRY(make_company(options.simulator.empty() ? default_simulator() : std::filesystem::path(options.simulator), seed, folder.path()));
    const auto files = TRY(read_company_files(folder.path()));
    std::cerr << "company " << seed << ": " << files.mails.size() << " mails" << std::endl;
    all.add(TRY(evaluation::evaluate_company(files, pack,
                                             {.every = std::chrono::minutes(options.every_minutes),
                                              .batch = std::chrono::minutes(options.batch_minutes),
                                              .scratch_storage = [&] { return make_scratch_storage(config.share_dir); }})));
  }
  for (const auto& note : all.notes) std::cerr << note << '\n';
  evaluation::print_report(all, std::cout);
  if (!options.json_file.empty()) TRY(write_file(options.json_file, evaluation::report_json(all)));
  return all.notes.empty() ? 0 : 1;
}

}  // namespace

void add_evaluate_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("evaluate", "Measure the rule pack on labelled mail: what it finds, and whom it disturbs for nothing");
  const auto options = std::make_shared<EvaluateOptions>();
  command->add_option("--corpus", options->corpus, "Folder with a manifest.json of the format letterlock-corpus-1");
  command->add_option("--company", options->companies, "Seed of a generated company, or FROM..TO; may be several")->expected(1, -1);
  command->add_option("--simulator", options->simulator,
                      "The letterlock-sim that generates companies (default: the one beside letterlock)");
  command->add_option("--every", options->every_minutes, "Simulated minutes between two readings of a company's mail")
      ->check(CLI::Range(1, 10'080))
      ->capture_default_str();
  command
      ->add_option("--batch", options->batch_minutes,
                   "Simulated minutes of mail that one run of the rules is given; finds the same, slower if less")
      ->check(CLI::Range(1, 10'080))
      ->capture_default_str();
  command->add_flag("--ignore-verdicts", options->ignore_verdicts,
                    "Drop the header fields in which the receiver's own spam filter gives its verdict");
  command->add_option("--part", options->part, "Half of the corpus, by a hash of the message's id")
      ->check(CLI::IsMember({"all", "tune", "report"}))
      ->capture_default_str();
  command->add_option("--source", options->sources, "Only this source; may be repeated")->allow_extra_args(false);
  command->add_option("--json", options->json_file, "Write the numbers to this file as JSON");
  command->add_option("--verdicts", options->verdicts_file, "Write one line for each message to this file");
  command->callback([&line, options] {
    line.action = [&line, options]() -> Result<int> {
      const auto config = TRY(line.config());
      set_log(LogLevel::warn, "cli");
      if (options->corpus.empty() == options->companies.empty())
        return fail(ErrorKind::invalid, "evaluate needs either --corpus DIR or --company SEED");
      TRY(check_writable(options->json_file));
      TRY(check_writable(options->verdicts_file));
      return options->corpus.empty() ? evaluate_companies(config, *options) : evaluate_corpus_files(config, *options);
    };
  });
}

}  // namespace letterlock
