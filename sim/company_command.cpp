#include "sim/company_command.h"

#include <iostream>

#include "sim/company_folder.h"
#include "sim/organisation.h"

namespace letterlock::sim {

Result<void> run_company(const CompanyArguments& arguments) {
  const auto to = from_rfc3339(arguments.to);
  if (!to) return fail(ErrorKind::invalid, "--to is not an RFC 3339 time: " + arguments.to);
  const bool google = arguments.provider.empty() ? arguments.seed % 2 == 1 : arguments.provider == "google";
  const auto mail = make_organisation({.provider = google ? ProviderKind::google : ProviderKind::microsoft,
                                       .seed = arguments.seed,
                                       .mailboxes = arguments.mailboxes,
                                       .messages = arguments.messages,
                                       .days = arguments.days,
                                       .now = *to});
  const auto counts = TRY(write_company(
      mail, {.folder = arguments.folder, .seed = arguments.seed, .from = *to - std::chrono::days(arguments.days), .to = *to}));
  std::cout << mail.company.name << " (" << (google ? "google" : "microsoft") << ", seed " << arguments.seed
            << "): " << mail.company.people.size() << " mailboxes, " << counts.messages << " messages, " << counts.settings
            << " settings changes, " << counts.frauds << " fraud stories, " << counts.stories - counts.frauds << " innocent ones in "
            << arguments.folder << '\n';
  return {};
}

}  // namespace letterlock::sim
