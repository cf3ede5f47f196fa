#pragma once

// `letterlock-sim company`: one generated company as a folder.

#include <cstdint>
#include <string>

#include "base/result.h"

namespace letterlock::sim {

struct CompanyArguments {
  std::uint64_t seed = 1;
  std::string folder;
  std::string provider;  // google, microsoft; empty: an odd seed is google, an even one microsoft
  std::string to = "2026-11-26T00:00:00Z";
  std::size_t mailboxes = 25;
  std::size_t messages = 150;  // per mailbox, at least
  int days = 42;
};

// Writes the folder and says what is in it on standard output.
Result<void> run_company(const CompanyArguments& arguments);

}  // namespace letterlock::sim
