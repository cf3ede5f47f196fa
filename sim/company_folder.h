#pragma once

// Writes a generated company with its ground truth as a folder (docs/reference/company-format.md), one message at a time:
// memory does not grow with the mail. Same company, same bytes.

#include <filesystem>

#include "base/clock.h"
#include "base/result.h"
#include "sim/content.h"

namespace letterlock::sim {

struct CompanyFolder {
  std::filesystem::path folder;  // made when absent; must be empty
  std::uint64_t seed = 0;
  TimePoint from, to;  // the time that the mail covers
};
struct CompanyFolderCounts {
  std::size_t messages = 0, settings = 0, stories = 0, frauds = 0;
};

// invalid: the folder is not empty, or cannot be written; the error names the file.
Result<CompanyFolderCounts> write_company(const CompanyMail& mail, const CompanyFolder& target);

}  // namespace letterlock::sim
