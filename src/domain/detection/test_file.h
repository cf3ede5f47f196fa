#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/detection/rule_pack.h"
#include "ports/storage.h"

namespace letterlock::detection {

// What one .test file showed.
struct TestReport {
  int queries = 0;                    // `query` and `statement` checks
  std::vector<std::string> failures;  // "file:line: what was expected, what came"
};

// The `rule` checks of a .test, counted without running them: those that expect rows, and those that expect none.
struct CaseCount {
  int firing = 0, quiet = 0;
};
CaseCount count_cases(std::string_view text);

// Run a .test (rules/README.md has the dialect) against throw-away tenants of this storage. rule may be null: then the
// file may hold no `rule` check. invalid: the file itself is not understood.
Result<TestReport> run_test_file(Storage& storage, const Rule* rule, std::string_view file, std::string_view text);

}  // namespace letterlock::detection
