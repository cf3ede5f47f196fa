#pragma once

// The fraud stories and labelled innocents that are woven into a company's mail, and their schedule. A kind is one function
// that tells fraud or twin; the table in stories.cpp lists them all. Pure; any thread.

#include <vector>

#include "sim/telling.h"
#include "sim/world.h"

namespace letterlock::sim {

struct StoryKind {
  const char* name;
  void (*tell)(Telling&);
  bool has_fraud = true;  // false: a labelled innocent without a fraud beside it
};
std::vector<StoryKind> story_kinds();

struct StorySchedule {
  TimePoint first, to;  // messages that decide fall between them; what sets a scene lies up to weeks before
  std::uint64_t seed = 0;
};
struct WovenStories {
  std::vector<Delivery> deliveries;
  std::vector<Telling::RuleChange> rules;
  std::vector<Story> stories;
};
// Each kind one to three times, each with its twin. None in a company of fewer than four people.
WovenStories weave_stories(const std::shared_ptr<const World>& world, const StorySchedule& schedule);

// A weekday moment in the company's office hours.
TimePoint office_time(const World& world, TimePoint from, TimePoint to, Random& random);

// The kinds by file.
void vip_impersonation(Telling&);  // stories_people.cpp
void payroll_change(Telling&);
void own_domain_spoof(Telling&);
void own_domain_lookalike(Telling&);
void vip_from_home(Telling&);
void namesake(Telling&);
void thread_lookalike(Telling&);  // stories_vendors.cpp
void vendor_bank_change(Telling&);
void fake_thread(Telling&);
void first_contact_invoice(Telling&);
void moved_account(Telling&);
void new_supplier(Telling&);
void rebranded_domain(Telling&);
void phish_then_payment(Telling&);  // stories_accounts.cpp
void credential_phish(Telling&);
void mass_campaign(Telling&);

}  // namespace letterlock::sim
