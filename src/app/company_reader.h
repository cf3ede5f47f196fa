#pragma once

// Companies of the simulator: made by running `letterlock-sim company`, read as docs/reference/company-format.md describes.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/evaluation/company_evaluation.h"

namespace letterlock {

// "7" → 7; "1..10" → 1 to 10; at most 1,000 seeds. invalid: something else.
Result<std::vector<std::int64_t>> parse_seeds(const std::vector<std::string>& texts);

// The simulator that lies beside this executable.
std::filesystem::path default_simulator();

// Run `SIMULATOR company --seed N --out FOLDER` and wait for it. not_found: no such executable; internal: it failed.
Result<void> make_company(const std::filesystem::path& simulator, std::int64_t seed, const std::filesystem::path& folder);

// All of a company's files, in memory: for companies of up to some hundred mailboxes.
Result<evaluation::CompanyFiles> read_company_files(const std::filesystem::path& folder);

}  // namespace letterlock
