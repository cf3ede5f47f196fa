#pragma once

// Makes a company's weeks of mail: ordinary conversations until every mailbox holds its share, the stories among them, and
// what its mailboxes do by themselves. Same arguments, same mail. What is held per message is a few dozen bytes; its text is
// written when somebody reads it. Pure; any thread.

#include "sim/content.h"
#include "sim/world.h"

namespace letterlock::sim {

struct OrganisationOptions {
  ProviderKind provider = ProviderKind::google;
  std::uint64_t seed = 1;
  std::size_t mailboxes = 8;
  std::size_t messages = 60;  // per mailbox, at least
  int days = 42;              // of mail, until now
  TimePoint now;
  bool stories = true;
};
// All mail until now. world: the cast, to go on with.
CompanyMail make_organisation(const OrganisationOptions& options, std::shared_ptr<const World>* world = nullptr);

// What is still to come, for --live: six weeks in order of time, none of it before `from`, fewer ordinary mails and as many
// stories. `round` makes it different from the others. A change of settings holds only the rule that joins the mailbox's others.
// Whoever plays it tells world->live when each moment came; `from` is never earlier than what was played before.
CompanyMail make_future(const std::shared_ptr<const World>& world, TimePoint from, std::uint64_t round);

}  // namespace letterlock::sim
