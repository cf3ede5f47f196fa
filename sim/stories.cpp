#include "sim/stories.h"

#include <algorithm>
#include <format>

namespace letterlock::sim {
namespace {

constexpr std::size_t people_min = 4;  // who else would write to whom

Delivery delivery_of(const std::shared_ptr<const World>& world, const std::shared_ptr<const Letter>& letter, std::size_t mailbox) {
  const auto& spec = letter->spec;
  const bool wrote = letter->sender_mailbox == mailbox;
  return {.mailbox = mailbox,
          .folder = wrote ? Folder::sent : Folder::inbox,
          .read = wrote || spec.date < world->now - std::chrono::hours(30),
          .received_at = spec.date,
          .thread = std::format("{:015x}", hashed(spec.references.empty() ? spec.message_id : spec.references.front()) >> 4),
          .raw = std::make_shared<LetterRaw>(world, letter, mailbox)};
}

std::string weave(const std::shared_ptr<const World>& world, const StoryKind& kind, Telling& t, const std::string& id,
                  const std::string& twin_of, WovenStories& woven) {
  kind.tell(t);
  Story story{.id = id, .kind = kind.name, .fraud = t.fraud, .twin_of = twin_of, .from = TimePoint::max()};
  for (const auto& [letter, told] : t.letters) {
    auto mailboxes = letter->mailboxes;
    if (letter->sender_mailbox && std::ranges::find(mailboxes, *letter->sender_mailbox) == mailboxes.end())
      mailboxes.push_back(*letter->sender_mailbox);
    for (const auto mailbox : mailboxes) {
      woven.deliveries.push_back(delivery_of(world, letter, mailbox));
      if (told) story.messages.push_back({.mailbox = mailbox, .message_id = letter->spec.message_id});
    }
    if (told) story.from = std::min(story.from, letter->spec.date);
  }
  for (const auto& change : t.rules) {
    story.settings.push_back({.mailbox = change.mailbox, .setting_id = change.rule.id});
    if (world->company.provider == ProviderKind::google && change.rule.forward_to)  // a setting of its own there
      story.settings.push_back({.mailbox = change.mailbox, .setting_id = *change.rule.forward_to});
    story.from = std::min(story.from, change.at);
    woven.rules.push_back(change);
  }
  woven.stories.push_back(std::move(story));
  return id;
}

}  // namespace

std::vector<StoryKind> story_kinds() {
  return {{"vip_impersonation", vip_impersonation},
          {"thread_lookalike", thread_lookalike},
          {"vendor_bank_change", vendor_bank_change},
          {"payroll_change", payroll_change},
          {"phish_then_payment", phish_then_payment},
          {"fake_thread", fake_thread},
          {"first_contact_invoice", first_contact_invoice},
          {"mass_campaign", mass_campaign},
          {"own_domain_spoof", own_domain_spoof},
          {"own_domain_lookalike", own_domain_lookalike},
          {"credential_phish", credential_phish},
          {"vip_from_home", vip_from_home, false},
          {"namesake", namesake, false},
          {"moved_account", moved_account, false},
          {"new_supplier", new_supplier, false},
          {"rebranded_domain", rebranded_domain, false}};
}

TimePoint office_time(const World& world, TimePoint from, TimePoint to, Random& random) {
  const auto offset = std::chrono::minutes(world.locale->utc_offset_minutes);
  const auto days = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::days>(to - from).count());
  TimePoint time = from;
  for (int tries = 0; tries < 100; ++tries) {
    const auto day = std::chrono::floor<std::chrono::days>(from) + std::chrono::days(random.below(static_cast<std::uint64_t>(days) + 1));
    time = day + std::chrono::minutes(random.between(7 * 60 + 30, 18 * 60)) + std::chrono::seconds(random.between(0, 59)) - offset;
    if (time >= from && time < to && std::chrono::weekday(day).iso_encoding() <= 5) return time;
  }
  return from + (to - from) / 2;  // a window without office hours
}

WovenStories weave_stories(const std::shared_ptr<const World>& world, const StorySchedule& schedule) {
  WovenStories woven;
  if (world->company.people.size() < people_min) return woven;
  Random random(mixed(schedule.seed + 4242));
  const auto latest = schedule.to - std::chrono::minutes(30);  // a campaign takes some minutes
  for (const auto& kind : story_kinds()) {
    const auto times = kind.has_fraud ? random.between(1, 3) : 1;
    for (std::int64_t i = 1; i <= times; ++i) {
      const auto seed = random.next();
      const auto fraud_at = office_time(*world, schedule.first, latest, random),
                 twin_at = office_time(*world, schedule.first, latest, random);
      const auto id = std::format("{}-{}", kind.name, i);
      if (kind.has_fraud) {
        Telling fraud(*world, true, fraud_at, seed);
        weave(world, kind, fraud, id, "", woven);
      }
      Telling innocent(*world, false, twin_at, seed);
      weave(world, kind, innocent, kind.has_fraud ? id + "-twin" : id, kind.has_fraud ? id : "", woven);
    }
  }
  return woven;
}

}  // namespace letterlock::sim
