#include "domain/detection/rules_command.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <ostream>
#include <sstream>

#include "domain/detection/runner.h"
#include "domain/detection/scratch_tenant.h"
#include "domain/detection/test_file.h"

namespace letterlock::detection {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view usage =
    "usage: letterlock rules lint\n"
    "       letterlock rules test [RULE…]\n"
    "       letterlock rules run RULE|all [--domain D]… [--trust AUTHSERV-ID]… [--user ADDRESS]… [--vip \"ADDRESS NAME\"]… FILE.eml…\n";

Result<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorKind::not_found, "cannot read " + path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

int complain(const RulesCommandOptions& options, const Error& error) {
  options.error << error.message << '\n';
  return 1;
}

int lint(const RulesCommandOptions& options) {
  const auto storage = options.scratch_storage();
  if (!storage) return complain(options, storage.error());
  const auto faults = lint_pack(options.folder, **storage);
  if (!faults) return complain(options, faults.error());
  for (const auto& fault : *faults) options.error << fault << '\n';
  const auto pack = RulePack::load(options.folder);
  options.out << (pack ? pack->rules().size() : 0) << " rules, " << faults->size() << " faults\n";
  return faults->empty() ? 0 : 1;
}

int test(std::span<const std::string> ids, const RulesCommandOptions& options) {
  const auto pack = RulePack::load(options.folder);
  if (!pack) return complain(options, pack.error());
  for (const auto& id : ids)
    if (!pack->find(RuleId(id))) return complain(options, {.kind = ErrorKind::not_found, .message = "no rule " + id});
  const auto storage = options.scratch_storage();
  if (!storage) return complain(options, storage.error());
  int passed = 0, failed = 0;
  CaseCount all;
  for (const auto& rule : pack->rules()) {
    if (!ids.empty() && std::ranges::find(ids, rule.id.str()) == ids.end()) continue;
    const auto file = rule.id.str() + ".test";
    const auto started = std::chrono::steady_clock::now();
    const auto text = read_file(options.folder / file);
    auto report = text ? run_test_file(**storage, &rule, file, *text) : Result<TestReport>(std::unexpected(text.error()));
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count();
    if (!report) report = TestReport{.failures = {report.error().message}};
    ++(report->failures.empty() ? passed : failed);
    const auto cases = text ? count_cases(*text) : CaseCount{};
    all.firing += cases.firing;
    all.quiet += cases.quiet;
    options.out << (report->failures.empty() ? "ok      " : "FAILED  ") << rule.id.str() << "  (" << cases.firing << " firing, "
                << cases.quiet << " quiet, " << milliseconds << " ms)\n";
    for (const auto& failure : report->failures) options.error << failure << '\n';
  }
  options.out << passed + failed << " rules: " << passed << " passed, " << failed << " failed; " << all.firing + all.quiet << " cases, "
              << all.firing << " that fire and " << all.quiet << " near misses\n";
  return failed == 0 ? 0 : 1;
}

int run(std::span<const std::string> args, const RulesCommandOptions& options) {
  const auto pack = RulePack::load(options.folder);
  if (!pack) return complain(options, pack.error());
  std::vector<Rule> chosen;
  for (const auto& rule : pack->rules())
    if (args[0] == "all" || rule.id.str() == args[0]) chosen.push_back(rule);
  if (chosen.empty()) return complain(options, {.kind = ErrorKind::not_found, .message = "no rule " + args[0]});
  const auto storage = options.scratch_storage();
  if (!storage) return complain(options, storage.error());

  ScratchTenant tenant(**storage);
  std::vector<std::string> files;
  for (std::size_t i = 1; i < args.size(); ++i) {
    if (!args[i].starts_with("--")) {
      files.push_back(args[i]);
      continue;
    }
    if (i + 1 == args.size()) return options.error << usage, 2;
    const auto &option = args[i], &value = args[++i];
    const auto space = std::min(value.find(' '), value.size());
    if (option == "--domain")
      tenant.add_domain(value);
    else if (option == "--trust")
      tenant.trust_authserv_id(value);
    else if (option == "--user" || option == "--vip")
      tenant.add_user(value.substr(0, space), value.substr(std::min(space + 1, value.size())), option == "--vip");
    else
      return options.error << usage, 2;
  }
  if (files.empty()) return options.error << usage, 2;
  for (const auto& file : files) {
    const auto bytes = read_file(file);
    if (!bytes) return complain(options, bytes.error());
    if (const auto stored = tenant.add_mail(*bytes); !stored) options.error << file << ": left out: " << stored.error().message << '\n';
  }
  const auto rules = pack->only(std::move(chosen));
  SystemClock clock;
  Metrics metrics;
  std::int64_t watermark = 0, findings = 0;
  for (bool more = true; more;) {
    const auto outcome = Runner(**storage, rules, clock, metrics).run(tenant.id(), watermark, {}, {});
    if (!outcome) return complain(options, outcome.error());
    for (const auto& note : outcome->notes) options.error << note << '\n';
    for (const auto& finding : outcome->findings)
      options.out << finding.rule_id.str() << '\t' << to_string(finding.severity) << '\t' << finding.confidence << '\t' << finding.subject
                  << '\t' << finding.entity << '\t' << finding.message_subject << '\n'
                  << '\t' << finding.evidence_json << '\n';
    findings += std::ssize(outcome->findings);
    watermark = outcome->watermark_to;
    more = outcome->more;
  }
  options.error << rules.rules().size() << " rules, " << files.size() << " messages, " << findings << " findings\n";
  return 0;
}

}  // namespace

Result<std::vector<std::string>> lint_pack(const fs::path& folder, Storage& storage) {
  const auto pack = TRY(RulePack::load(folder));
  std::vector<std::string> faults;
  ScratchTenant empty(storage);
  TRY(empty.flush());
  for (const auto& rule : pack.rules()) {
    const auto& id = rule.id.str();
    const auto run =
        storage.query(empty.id(), rule.query + "\nLIMIT 1", {.parameters = {{"from_seq", std::int64_t{0}}, {"to_seq", std::int64_t{1}}}});
    if (!run) faults.push_back(id + ".sql:1: does not run: " + run.error().message);
    if (!fs::exists(folder / (id + ".md")))
      faults.push_back(id + ".md:1: missing: say what it means, what to do, known false positives, known gaps");
    const auto text = read_file(folder / (id + ".test"));
    if (!text) {
      faults.push_back(id + ".test:1: missing");
      continue;
    }
    if (const auto cases = count_cases(*text); cases.firing == 0 || cases.quiet == 0)
      faults.push_back(id + ".test:1: needs a case that fires and a near miss that does not");
  }
  return faults;
}

int rules_command(std::span<const std::string> args, const RulesCommandOptions& options) {
  if (!args.empty() && args.back() == "--help") {
    options.out << usage;
    return 0;
  }
  if (args.size() == 1 && args[0] == "lint") return lint(options);
  if (!args.empty() && args[0] == "test") return test(args.subspan(1), options);
  if (args.size() >= 3 && args[0] == "run") return run(args.subspan(1), options);
  options.error << usage;
  return 2;
}

}  // namespace letterlock::detection
