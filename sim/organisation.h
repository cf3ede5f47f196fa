#pragma once

// Makes a company's six weeks of mail: ordinary conversations until every mailbox holds its share, and the fraud stories
// among them. Same arguments, same mail. Pure; any thread.

#include "sim/content.h"
#include "sim/ordinary_mail.h"
#include "sim/world.h"

namespace letterlock::sim {

struct OrganisationOptions {
  ProviderKind provider = ProviderKind::google;
  std::uint64_t seed = 1;
  std::size_t mailboxes = 8;
  std::size_t messages = 60;  // per mailbox, at least
  int days = 42;
  TimePoint now;
  bool stories = true;
};
CompanyMail make_organisation(const OrganisationOptions& options);

// One more everyday mail that arrives now, for --live; the number makes it different from the others.
Delivery make_arrival(const std::shared_ptr<const World>& world, std::size_t mailbox, std::uint64_t number, TimePoint now);

}  // namespace letterlock::sim
