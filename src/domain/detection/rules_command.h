#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "ports/storage.h"

namespace letterlock::detection {

struct RulesCommandOptions {
  std::filesystem::path folder;  // the rule pack
  // Make an empty storage in a temporary place, for `test` and `run`; app/ injects DuckDB here.
  std::function<Result<std::unique_ptr<Storage>>()> scratch_storage;
  std::ostream& out;
  std::ostream& error;
};

// `letterlock rules lint | test [RULE…] | run RULE|all [--domain D]… [--trust ID]… [--user ADDRESS]… [--vip "ADDRESS NAME"]… FILE.eml…`
// args: what follows "rules". Returns the exit code: 0 all well, 1 faults or failed tests, 2 wrong usage.
int rules_command(std::span<const std::string> args, const RulesCommandOptions& options);

// Faults of the pack beyond what RulePack::load() finds: a rule without .test or .md, a .test without a firing or a quiet
// case, a query that does not run on an empty tenant, columns that are missing. One "file:line: what" each.
Result<std::vector<std::string>> lint_pack(const std::filesystem::path& folder, Storage& storage);

}  // namespace letterlock::detection
