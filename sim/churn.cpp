#include "sim/churn.h"

#include <algorithm>
#include <format>

#include "base/encoding.h"
#include "sim/attachments.h"
#include "sim/composer.h"

namespace letterlock::sim {
namespace {

constexpr std::size_t threads_max = 20;

const std::vector<std::string> subjects = {"Minutes of Monday", "Site visit", "Holiday rota", "Delivery window", "New printer",
                                           "Training day",      "Car park",   "Lunch order",  "Badge photos",    "Room change"};

}  // namespace

const std::vector<Churn::Weight>& Churn::weights() {
  static const std::vector<Weight> all = {{Kind::ordinary, "ordinary", 26},
                                          {Kind::fraud, "fraud", 6},
                                          {Kind::reply, "reply", 8},
                                          {Kind::poisonous, "poisonous", 1},
                                          {Kind::deleted, "deleted", 9},
                                          {Kind::read, "read", 9},
                                          {Kind::moved, "moved", 10},
                                          {Kind::there_and_back, "there_and_back", 6},
                                          {Kind::trashed, "trashed", 5},
                                          {Kind::junked, "junked", 3},
                                          {Kind::draft_saved, "draft_saved", 7},
                                          {Kind::draft_sent, "draft_sent", 4},
                                          {Kind::own_place, "own_place", 4},
                                          {Kind::suspended, "suspended", 2},
                                          {Kind::cursors_expired, "cursors_expired", 1},
                                          {Kind::tokens_expired, "tokens_expired", 1}};
  return all;
}

Churn::Churn(Options options, std::unique_ptr<ChurnedMailboxes> mailboxes)
    : options_(std::move(options)), mailboxes_(std::move(mailboxes)), random_(mixed(options_.seed + 0xC0FFEE)) {}

void Churn::play(int steps) {
  for (int i = 0; i < steps; ++i) step();
}

void Churn::step() {
  const TimePoint at = options_.begin + std::chrono::minutes(++steps_);
  std::uint64_t total = 0;
  for (const auto& entry : weights()) total += entry.weight;
  auto left = random_.below(total);
  const auto* chosen = &weights().front();
  for (const auto& entry : weights()) {
    chosen = &entry;
    if (left < entry.weight) break;
    left -= entry.weight;
  }
  const auto mailbox = random_.below(mailboxes_->count());
  std::string what;
  if (!play(chosen->kind, mailbox, at, what)) {  // nothing there to change: then something arrives
    chosen = &weights().front();
    play(chosen->kind, mailbox, at, what);
  }
  ++counts_[chosen->name];
  digest_ = sha256_hex(digest_ + std::format("{} {} {} {}\n", steps_, chosen->name, mailbox, what));
}

// False: the mailbox holds nothing that this could happen to. what: the change, for the digest.
bool Churn::play(Kind kind, std::size_t mailbox, TimePoint at, std::string& what) {
  using Place = ChurnedMailboxes::Place;
  auto& boxes = *mailboxes_;
  switch (kind) {
    case Kind::ordinary: {
      auto raw = compose_ordinary(mailbox, at, "");
      what = boxes.add(mailbox, std::move(raw), at, Place::inbox, threads_.back());
      return true;
    }
    case Kind::reply: {
      if (threads_.empty()) return false;
      const auto parent = random_.pick(threads_);
      what = boxes.add(mailbox, compose_ordinary(mailbox, at, parent), at, Place::inbox, parent);
      return true;
    }
    case Kind::fraud:
      what = boxes.add(mailbox, compose_fraud(mailbox, at), at, Place::inbox, "");
      unread_frauds_.emplace(mailbox, what);
      return true;
    case Kind::poisonous:
      what = boxes.add(mailbox, compose_ordinary(mailbox, at, ""), at, Place::inbox, "");
      options_.poison(what);
      return true;
    case Kind::draft_saved: {
      const auto draft = random_.chance(50) ? pick(mailbox, true, true) : std::string();
      auto raw = compose_own(mailbox, at, static_cast<int>(random_.below(9)));
      what = draft;
      if (draft.empty())
        what = boxes.add(mailbox, std::move(raw), at, Place::drafts, "");
      else
        boxes.save_draft(mailbox, draft, std::move(raw), at);
      return true;
    }
    case Kind::draft_sent:
      what = pick(mailbox, true, true);
      if (!what.empty()) boxes.send_draft(mailbox, what, compose_own(mailbox, at, 10), at);
      return !what.empty();
    case Kind::own_place: {
      std::vector<std::string> ids;
      for (int i = 0; i < 3; ++i)
        if (auto id = pick(mailbox, false, false); !id.empty() && !std::ranges::contains(ids, id)) ids.push_back(std::move(id));
      boxes.change_own_place(mailbox, random_.next(), ids);
      return true;
    }
    case Kind::suspended: {
      // Two of the users take turns; neither is the directory's admin, without whom nobody could read anything.
      const bool ends = suspended_.has_value();
      const auto who = suspended_.value_or(1 + random_.below(2));
      if (who >= boxes.count()) return false;
      suspended_ = ends ? std::nullopt : std::optional(who);
      what = (ends ? "restored " : "") + boxes.owner(who).address;
      options_.suspend(boxes.owner(who).address, !ends);
      return true;
    }
    case Kind::cursors_expired:
      boxes.expire_cursors();
      return true;
    case Kind::tokens_expired:
      options_.expire_tokens();
      return true;
    case Kind::deleted:
      what = pick(mailbox, random_.chance(20), false);
      if (!what.empty()) boxes.remove(mailbox, what);
      return !what.empty();
    case Kind::read:
      what = pick(mailbox, false, true);
      if (!what.empty()) boxes.flip_read(mailbox, what);
      return !what.empty();
    case Kind::there_and_back:
      what = pick(mailbox, false, true);
      if (!what.empty()) boxes.move_there_and_back(mailbox, what, order());
      return !what.empty();
    case Kind::moved:
    case Kind::trashed:
    case Kind::junked: {
      static constexpr Place anywhere[] = {Place::inbox, Place::archive, Place::trash, Place::junk};
      what = pick(mailbox, false, true);
      const auto place = kind == Kind::trashed ? Place::trash : kind == Kind::junked ? Place::junk : random_.pick(anywhere);
      if (!what.empty()) boxes.move(mailbox, what, place, order());
      return !what.empty();
    }
  }
  return false;
}

std::string Churn::pick(std::size_t mailbox, bool draft, bool may_be_fraud) {
  std::vector<std::string> ids;
  for (auto& held : mailboxes_->messages(mailbox))
    if (held.is_draft == draft && (may_be_fraud || !unread_frauds_.contains({mailbox, held.id}))) ids.push_back(std::move(held.id));
  return ids.empty() ? std::string() : random_.pick(ids);
}

std::string Churn::next_message_id(std::string_view domain) { return "<" + random_.letters(20) + "@" + std::string(domain) + ">"; }

// A newsletter's or a colleague's mail that no rule has a reason to find.
std::string Churn::compose_ordinary(std::size_t mailbox, TimePoint at, const std::string& parent) {
  const auto& owner = mailboxes_->owner(mailbox);
  const auto& colleague = mailboxes_->owner(random_.below(mailboxes_->count()));
  MailSpec spec{
      .from = {colleague.name(), colleague.address},
      .to = {{owner.name(), owner.address}},
      .subject = (parent.empty() ? "" : "Re: ") + random_.pick(subjects),
      .text = std::format("Hello,\n\nplease find the notes of step {} below: {}.\n\n{}\n", steps_, random_.letters(12), colleague.given),
      .message_id = next_message_id(domain_of(owner.address)),
      .in_reply_to = parent,
      .date = at};
  if (!parent.empty()) spec.references = {parent};
  if (random_.chance(25))
    spec.attachments = {{.name = "notes.pdf", .type = "application/pdf", .bytes = text_pdf({"Notes", random_.letters(30)})}};
  if (parent.empty()) {
    threads_.push_back(spec.message_id);
    if (threads_.size() > threads_max) threads_.erase(threads_.begin());
  }
  return compose(spec, {.provider = options_.provider, .address = owner.address, .internal = true});
}

// Mail that rules are there to find: the head of the company writes from a stranger's free-mail address and asks for money,
// or a stranger's invoice wants its answers elsewhere.
std::string Churn::compose_fraud(std::size_t mailbox, TimePoint at) {
  const auto& owner = mailboxes_->owner(mailbox);
  const auto& head = mailboxes_->owner(0);
  const auto number = random_.below(1'000'000);
  MailSpec spec{.to = {{owner.name(), owner.address}}, .date = at};
  if (mailbox != 0 && random_.chance(50)) {
    spec.from = {head.name(), std::format("office.{}@gmail.com", number)};
    spec.subject = "Quick task";
    spec.text = std::format(
        "{},\n\nAre you at your desk? I am in a meeting and need a payment handled today. I will send the bank details.\n\n{}\n",
        owner.given, head.name());
    spec.message_id = next_message_id("mail.gmail.com");
    spec.authentication = {.envelope_domain = "gmail.com", .ip = "209.85.128.54", .host = "mail-wm1-f54.google.com"};
  } else {
    const auto domain = std::format("supplies-{}.example", number);
    spec.from = {"Accounts Receivable", "billing@" + domain};
    spec.reply_to = Address{"Accounts Receivable", std::format("accounts.{}@gmail.com", number)};
    spec.subject = "Updated bank details for your payment";
    spec.text = "Please pay the outstanding invoice to our new bank account today and confirm by reply.\n";
    spec.message_id = next_message_id(domain);
  }
  return compose(spec, {.provider = options_.provider, .address = owner.address});
}

// What the mailbox's owner writes.
std::string Churn::compose_own(std::size_t mailbox, TimePoint at, int version) {
  const auto& owner = mailboxes_->owner(mailbox);
  const auto& colleague = mailboxes_->owner(random_.below(mailboxes_->count()));
  return compose(
      {.from = {owner.name(), owner.address},
       .to = {{colleague.name(), colleague.address}},
       .subject = random_.pick(subjects),
       .text = std::format("Hello {},\n\nversion {} of what I wanted to say: {}.\n", colleague.given, version, random_.letters(12)),
       .message_id = next_message_id(domain_of(owner.address)),
       .date = at},
      {.provider = options_.provider, .address = owner.address, .outgoing = true, .internal = true});
}

Json Churn::told() const {
  Json counts = Json::object();
  for (const auto& [name, count] : counts_) counts.set(name, count);
  return Json::object(
      {{"seed", static_cast<std::int64_t>(options_.seed)}, {"steps", steps_}, {"digest", digest_}, {"counts", std::move(counts)}});
}

}  // namespace letterlock::sim
