#include "sim/organisation.h"

#include <algorithm>

#include "sim/random.h"
#include "sim/stories.h"

namespace letterlock::sim {
namespace {

// Deliver all messages of a conversation to the mailboxes of the company that hold it.
void deliver(const std::shared_ptr<const World>& world, const std::shared_ptr<const Conversation>& conversation,
             std::vector<Delivery>& deliveries, std::vector<std::size_t>& counts) {
  Random random(mixed(conversation->seed + 99));
  const bool inside = conversation->kind == ConversationKind::internal_talk;
  const bool bulk = conversation->kind == ConversationKind::newsletter;
  const bool filed = random.chance(12), thrown = bulk && random.chance(25);
  for (std::uint32_t index = 0; index < conversation->length; ++index) {
    const auto when = conversation_time(*conversation, index);
    if (when > world->now) break;
    std::vector<std::uint32_t> mailboxes = {conversation->owner};
    if (inside && conversation->partner != conversation->owner) mailboxes.push_back(conversation->partner);
    for (const auto mailbox : mailboxes) {
      const bool wrote = written_by_owner(*conversation, index) == (mailbox == conversation->owner);
      Delivery delivery{.mailbox = mailbox, .bulk = bulk, .received_at = when, .thread = conversation_message_id(*world, *conversation, 0)};
      delivery.folder = conversation->kind == ConversationKind::draft ? Folder::drafts
                        : wrote                                       ? Folder::sent
                        : thrown                                      ? Folder::trash
                        : filed                                       ? (bulk ? Folder::archive : Folder::project)
                                                                      : Folder::inbox;
      delivery.read = wrote || when < world->now - std::chrono::hours(20) || random.chance(40);
      delivery.raw = std::make_shared<ConversationRaw>(world, conversation, index, mailbox);
      deliveries.push_back(std::move(delivery));
      ++counts[mailbox];
    }
  }
}

// A weekday between seven and eighteen o'clock, within the six weeks that end now.
TimePoint office_time(Random& random, TimePoint now) {
  for (;;) {
    const auto day = std::chrono::floor<std::chrono::days>(now) - std::chrono::days(random.between(0, 41));
    const auto time = day + std::chrono::minutes(random.between(7 * 60, 18 * 60)) + std::chrono::seconds(random.between(0, 59));
    const auto weekday = std::chrono::weekday(day).iso_encoding();
    if (time < now - std::chrono::minutes(20) && weekday <= 5) return time;
  }
}

}  // namespace

CompanyMail make_organisation(const OrganisationOptions& options) {
  const auto world = std::make_shared<const World>(make_world(options.provider, options.seed, options.mailboxes, options.now));
  CompanyMail mail{.company = world->company};
  const auto people = world->company.people.size();
  Random random(mixed(world->seed + 3));
  std::vector<std::size_t> counts(people, 0);

  // Vendors invoice accounts payable twice in the six weeks, always with the same bank details.
  for (std::uint32_t vendor = 0; vendor < world->vendors.size() && options.messages >= 20; ++vendor)
    for (const int days_ago : {38, 9}) {
      const auto day = std::chrono::floor<std::chrono::days>(options.now) - std::chrono::days(days_ago + vendor % 3);
      deliver(world,
              std::make_shared<const Conversation>(
                  Conversation{.kind = ConversationKind::vendor_invoice,
                               .seed = random.next(),
                               .owner = static_cast<std::uint32_t>(world->index(2)),
                               .partner = vendor,
                               .length = 2,
                               .start = day + std::chrono::hours(9) + std::chrono::minutes(random.between(0, 240))}),
              mail.deliveries, counts);
    }
  for (std::uint32_t mailbox = 0; mailbox < people; ++mailbox) {
    if (options.messages >= 20)
      deliver(world,
              std::make_shared<const Conversation>(Conversation{
                  .kind = ConversationKind::draft, .seed = random.next(), .owner = mailbox, .start = office_time(random, options.now)}),
              mail.deliveries, counts);
    while (counts[mailbox] < options.messages) {
      Conversation conversation{.seed = random.next(), .owner = mailbox, .start = office_time(random, options.now)};
      const auto dice = random.below(100);
      conversation.partner = static_cast<std::uint32_t>(random.below(1000));
      conversation.length = 1 + static_cast<std::uint32_t>(random.below(4));
      if (dice < 38 && people > 1) {
        conversation.kind = ConversationKind::internal_talk;
        conversation.partner = static_cast<std::uint32_t>((mailbox + 1 + random.below(people - 1)) % people);
      } else if (dice < 58) {
        conversation.kind = ConversationKind::vendor_talk;
      } else if (dice < 76) {
        conversation.kind = ConversationKind::customer_talk;
      } else if (dice < 90) {
        conversation.kind = ConversationKind::newsletter;
        conversation.partner %= 2;
        conversation.length = 1;
      } else {
        conversation.kind = ConversationKind::notification;
        conversation.partner = 2 + conversation.partner % 2;
        conversation.length = 1;
      }
      deliver(world, std::make_shared<const Conversation>(conversation), mail.deliveries, counts);
    }
  }
  if (options.stories) add_stories(world, mail);
  return mail;
}

Delivery make_arrival(const std::shared_ptr<const World>& world, std::size_t mailbox, std::uint64_t number, TimePoint now) {
  Random random(mixed(world->seed + 0x11FE + number));
  Conversation conversation{.kind = random.chance(70) ? ConversationKind::vendor_talk : ConversationKind::newsletter,
                            .seed = random.next() | 1,
                            .owner = static_cast<std::uint32_t>(mailbox),
                            .partner = static_cast<std::uint32_t>(random.below(2)),
                            .length = 1,
                            .start = now};
  return {.mailbox = mailbox,
          .read = false,
          .bulk = conversation.kind == ConversationKind::newsletter,
          .received_at = now,
          .thread = conversation_message_id(*world, conversation, 0),
          .raw = std::make_shared<ConversationRaw>(world, std::make_shared<const Conversation>(conversation), 0,
                                                   static_cast<std::uint32_t>(mailbox))};
}

}  // namespace letterlock::sim
