#include "sim/organisation.h"

#include <algorithm>

#include "sim/mailbox_habits.h"
#include "sim/ordinary_mail.h"
#include "sim/stories.h"

namespace letterlock::sim {
namespace {

constexpr std::size_t messages_for_history = 20;       // from so many per mailbox on, vendors invoice and everybody has a draft
constexpr std::size_t future_messages = 12;            // per mailbox
constexpr auto future_scenes = std::chrono::days(14);  // no story sets its scene earlier than so long before
constexpr auto future_days = std::chrono::days(42);

struct Window {
  TimePoint from, to;
  std::size_t messages = 0;  // per mailbox
  std::uint64_t seed = 0;
};

// Ordinary mail of one window, conversation by conversation.
class Correspondence {
 public:
  Correspondence(const std::shared_ptr<const World>& world, const Window& window, std::vector<Delivery>& deliveries)
      : world_(world), window_(window), deliveries_(deliveries), random_(mixed(window.seed + 3)), counts_(world->company.people.size()) {}

  void make() {
    if (window_.messages >= messages_for_history) invoices();
    for (std::uint32_t mailbox = 0; mailbox < counts_.size(); ++mailbox) {
      if (window_.messages >= messages_for_history) hold(conversation(ConversationKind::draft, mailbox));
      while (counts_[mailbox] < window_.messages) hold(any_conversation(mailbox));
    }
  }

 private:
  Conversation conversation(ConversationKind kind, std::uint32_t owner) {
    return {.seed = random_.next(),
            .start = office_time(*world_, window_.from, window_.to - std::chrono::minutes(20), random_),
            .owner = owner,
            .partner = static_cast<std::uint32_t>(random_.below(1'000'000)),
            .kind = kind};
  }

  Conversation any_conversation(std::uint32_t mailbox) {
    struct Share {
      int percent;
      ConversationKind kind;
      std::uint16_t longest;
    };
    static constexpr Share shares[] = {
        {34, ConversationKind::internal_talk, 5}, {18, ConversationKind::vendor_talk, 5},  {16, ConversationKind::customer_talk, 5},
        {12, ConversationKind::newsletter, 1},    {10, ConversationKind::notification, 1}, {4, ConversationKind::invitation, 1},
        {2, ConversationKind::list_mail, 1},      {2, ConversationKind::private_note, 2},  {2, ConversationKind::bounce, 2}};
    auto dice = static_cast<int>(random_.below(100));
    const auto* share = std::begin(shares);
    while (dice >= share->percent) dice -= (share++)->percent;
    auto made = conversation(share->kind, mailbox);
    made.length = static_cast<std::uint16_t>(share->kind == ConversationKind::bounce ? 2 : 1 + random_.below(share->longest));
    const bool with_colleague = share->kind == ConversationKind::internal_talk || share->kind == ConversationKind::invitation;
    if (with_colleague) {
      if (counts_.size() == 1)
        made.kind = ConversationKind::vendor_talk;
      else
        made.partner = static_cast<std::uint32_t>((mailbox + 1 + random_.below(counts_.size() - 1)) % counts_.size());
    }
    return made;
  }

  // Vendors invoice accounts payable soon after the window begins, and about every three weeks.
  void invoices() {
    for (std::uint32_t vendor = 0; vendor < world_->vendors.size(); ++vendor)
      for (auto time = window_.from + std::chrono::days(1 + vendor % 5); time < window_.to; time += std::chrono::days(19 + vendor % 5)) {
        auto made = conversation(ConversationKind::vendor_invoice, static_cast<std::uint32_t>(world_->index(payables)));
        made.partner = vendor;
        made.length = 2;
        made.start = office_time(*world_, time, time + std::chrono::days(3), random_);
        hold(made);
      }
  }

  // Every letter of it in each mailbox that holds it.
  void hold(const Conversation& made) {
    const auto shared = std::make_shared<const Conversation>(made);
    Random random(mixed(made.seed + 99));
    const bool bulk = made.kind == ConversationKind::newsletter;
    const bool filed = random.chance(12), thrown = bulk && random.chance(25);
    const auto thread = thread_key(made);
    for (std::uint16_t index = 0; index < made.length; ++index) {
      const auto when = conversation_time(*world_, made, index);
      if (when >= window_.to) break;
      const auto letter_author = author(*world_, made, index);
      std::vector<std::size_t> mailboxes = {made.owner};
      if (made.kind == ConversationKind::internal_talk) mailboxes.push_back(made.partner);
      for (const auto mailbox : mailboxes) {
        const bool wrote = letter_author == mailbox;
        Delivery delivery{.mailbox = mailbox, .bulk = bulk, .received_at = when, .thread = thread};
        delivery.folder = made.kind == ConversationKind::draft ? Folder::drafts
                          : wrote                              ? Folder::sent
                          : thrown                             ? Folder::trash
                          : filed                              ? (bulk ? Folder::archive : Folder::project)
                                                               : Folder::inbox;
        delivery.read = wrote || when < world_->now - std::chrono::hours(20) || random.chance(40);
        delivery.raw = std::make_shared<ConversationRaw>(world_, shared, index, mailbox);
        deliveries_.push_back(std::move(delivery));
        ++counts_[mailbox];
      }
    }
  }

  const std::shared_ptr<const World>& world_;
  const Window window_;
  std::vector<Delivery>& deliveries_;
  Random random_;
  std::vector<std::uint32_t> counts_;
};

void by_time(std::vector<Delivery>& deliveries) {
  std::ranges::stable_sort(deliveries, {}, [](const Delivery& delivery) { return std::pair(delivery.received_at, delivery.mailbox); });
}

}  // namespace

CompanyMail make_organisation(const OrganisationOptions& options, std::shared_ptr<const World>* cast) {
  const auto world = std::make_shared<const World>(make_world(options.provider, options.seed, options.mailboxes, options.now));
  if (cast) *cast = world;
  CompanyMail mail{.company = world->company};
  const auto from = options.now - std::chrono::days(options.days);
  Correspondence(world, {.from = from, .to = options.now, .messages = options.messages, .seed = world->seed}, mail.deliveries).make();
  WovenStories woven;
  if (options.stories)  // after a third of the time, so that there is a history to be faked
    woven = weave_stories(world, {.first = from + (options.now - from) / 3, .to = options.now, .seed = world->seed});
  mail.deliveries.insert(mail.deliveries.end(), woven.deliveries.begin(), woven.deliveries.end());
  mail.stories = std::move(woven.stories);
  mail.settings = mailbox_settings(*world, std::move(woven.rules), from, options.now);
  by_time(mail.deliveries);
  return mail;
}

CompanyMail make_future(const std::shared_ptr<const World>& world, TimePoint from, std::uint64_t round) {
  CompanyMail mail{.company = world->company};
  const auto first = from + future_scenes, to = first + future_days;
  const auto seed = mixed(world->seed + 0xF0 + round);
  Correspondence(world, {.from = first, .to = to, .messages = future_messages, .seed = seed}, mail.deliveries).make();
  auto woven = weave_stories(world, {.first = first, .to = to, .seed = seed});
  mail.deliveries.insert(mail.deliveries.end(), woven.deliveries.begin(), woven.deliveries.end());
  mail.stories = std::move(woven.stories);
  std::ranges::stable_sort(woven.rules, {}, &Telling::RuleChange::at);
  for (auto& change : woven.rules)
    mail.settings.push_back({.mailbox = change.mailbox, .at = change.at, .settings = {.rules = {std::move(change.rule)}}});
  by_time(mail.deliveries);
  return mail;
}

}  // namespace letterlock::sim
