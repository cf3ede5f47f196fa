#include "sim/mailbox_habits.h"

#include <algorithm>
#include <map>

namespace letterlock::sim {
namespace {

MailRule habit(const World& world, std::size_t mailbox, Random& random) {
  MailRule rule{.id = world.company.provider == ProviderKind::google ? "ANe1Bm" + random.letters(34) : "AQAAA" + random.letters(9) + "="};
  const auto& paper = world.newsletters[random.below(world.newsletters.size())];
  const auto& service = world.services[random.below(world.services.size())];
  switch (random.below(5)) {
    case 0:
    case 1:  // newsletters out of the way
      rule.name = paper.name;
      rule.from_contains = {paper.from.address};
      rule.move_to = random.chance(50) ? "Newsletters" : "archive";
      rule.marks_read = random.chance(40);
      break;
    case 2:  // a service's chatter
      rule.name = service.name;
      rule.from_contains = {service.from.address};
      rule.move_to = service.name;
      rule.marks_read = random.chance(50);
      break;
    case 3:  // a project's folder
      rule.name = "Projects";
      rule.subject_contains = {"[members]", "minutes"};
      rule.move_to = "Projects";
      break;
    default: {  // a second mailbox of one's own, at the company
      rule.name = "Copy";
      rule.subject_contains = {"order"};
      rule.forward_to = "archive." + world.person(mailbox).address;
    }
  }
  return rule;
}

}  // namespace

std::vector<SettingsChange> mailbox_settings(const World& world, std::vector<Telling::RuleChange> from_stories, TimePoint from,
                                             TimePoint to) {
  auto all = std::move(from_stories);
  Random random(mixed(world.seed + 0x5E77));
  for (std::size_t mailbox = 0; mailbox < world.company.people.size(); ++mailbox) {
    if (random.chance(35)) all.push_back({.mailbox = mailbox, .at = from, .rule = habit(world, mailbox, random)});
    if (random.chance(10))
      all.push_back({.mailbox = mailbox, .at = from + (to - from) * random.between(5, 95) / 100, .rule = habit(world, mailbox, random)});
  }
  std::ranges::stable_sort(all, {}, [](const auto& change) { return std::pair(change.at, change.mailbox); });
  std::map<std::size_t, MailboxSettings> current;
  std::vector<SettingsChange> changes;
  for (auto& change : all) {
    auto& settings = current[change.mailbox];
    if (world.company.provider == ProviderKind::google && change.rule.forward_to)
      settings.forwarding_addresses.push_back(*change.rule.forward_to);  // Gmail forwards to verified addresses alone
    settings.rules.push_back(std::move(change.rule));
    changes.push_back({.mailbox = change.mailbox, .at = change.at, .settings = settings});
  }
  return changes;
}

}  // namespace letterlock::sim
