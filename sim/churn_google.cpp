// A history of changes in Gmail's terms: places are labels, a draft is a new message each time it is saved.

#include <algorithm>

#include "sim/churn.h"
#include "sim/google_state.h"

namespace letterlock::sim {
namespace {

const std::string own_label = "Label_1";
const std::vector<std::string> place_labels = {"INBOX", "TRASH", "SPAM"};

std::vector<std::string> labels_of(ChurnedMailboxes::Place place) {
  using Place = ChurnedMailboxes::Place;
  switch (place) {
    case Place::inbox:
      return {"INBOX"};
    case Place::sent:
      return {"SENT"};
    case Place::drafts:
      return {"DRAFT"};
    case Place::junk:
      return {"SPAM"};
    case Place::trash:
      return {"TRASH"};
    case Place::archive:
      break;
  }
  return {};
}

std::vector<std::string> without(std::vector<std::string> labels, const std::vector<std::string>& taken) {
  std::erase_if(labels, [&](const auto& label) { return std::ranges::contains(taken, label); });
  return labels;
}

class GoogleMailboxes final : public ChurnedMailboxes {
 public:
  explicit GoogleMailboxes(GoogleState& state) : state_(state) {}

  std::size_t count() const override { return state_.users().size(); }
  const Person& owner(std::size_t mailbox) const override { return user(mailbox).person; }
  std::vector<Held> messages(std::size_t mailbox) const override {
    std::vector<Held> all;
    for (auto& message : state_.all_messages(user(mailbox))) all.push_back({std::move(message.id), message.labels.contains("DRAFT")});
    return all;
  }
  std::string add(std::size_t mailbox, std::string raw, TimePoint at, Place place, const std::string& thread) override {
    const auto labels = labels_of(place);
    std::set<std::string> all(labels.begin(), labels.end());
    if (place == Place::inbox) all.insert({"UNREAD", "CATEGORY_PERSONAL"});
    return state_.add(user(mailbox), std::make_shared<StoredRaw>(std::move(raw)), at, std::move(all), thread);
  }
  void remove(std::size_t mailbox, const std::string& id) override { state_.remove(user(mailbox), id); }
  void flip_read(std::size_t mailbox, const std::string& id) override {
    const bool unread = held_labels(mailbox, id).contains("UNREAD");
    change(mailbox, id, unread ? std::vector<std::string>{} : std::vector<std::string>{"UNREAD"},
           unread ? std::vector<std::string>{"UNREAD"} : std::vector<std::string>{});
  }
  void move(std::size_t mailbox, const std::string& id, Place place, Order) override {  // one change, one history
    const auto labels = labels_of(place);
    change(mailbox, id, labels, without(place_labels, labels));
  }
  void move_there_and_back(std::size_t mailbox, const std::string& id, Order) override {
    const auto held = held_labels(mailbox, id);
    std::vector<std::string> here;
    for (const auto& label : place_labels)
      if (held.contains(label)) here.push_back(label);
    const std::vector<std::string> there = {held.contains("TRASH") ? "INBOX" : "TRASH"};
    change(mailbox, id, there, here);
    change(mailbox, id, here, without(there, here));
  }
  void save_draft(std::size_t mailbox, const std::string& id, std::string raw, TimePoint at) override {
    state_.remove(user(mailbox), id);
    add(mailbox, std::move(raw), at, Place::drafts, "");
  }
  void send_draft(std::size_t mailbox, const std::string& id, std::string raw, TimePoint at) override {
    state_.remove(user(mailbox), id);
    add(mailbox, std::move(raw), at, Place::sent, "");
  }
  void change_own_place(std::size_t mailbox, std::uint64_t number, const std::vector<std::string>& ids) override {
    if (number % 3 != 0) {
      for (const auto& id : ids) change(mailbox, id, {own_label}, {});
      return;
    }
    for (const auto& message : state_.all_messages(user(mailbox)))
      if (message.labels.contains(own_label)) change(mailbox, message.id, {}, {own_label});
  }
  void expire_cursors() override { state_.expire_cursors(); }

 private:
  const GoogleUser& user(std::size_t mailbox) const { return state_.users()[mailbox]; }
  std::set<std::string> held_labels(std::size_t mailbox, const std::string& id) const {
    const auto message = state_.message(user(mailbox), id);
    return message ? message->labels : std::set<std::string>();
  }
  void change(std::size_t mailbox, const std::string& id, const std::vector<std::string>& add, const std::vector<std::string>& remove) {
    state_.change_labels(user(mailbox), id, add, remove);
  }

  GoogleState& state_;
};

}  // namespace

std::unique_ptr<ChurnedMailboxes> churned(GoogleState& state) { return std::make_unique<GoogleMailboxes>(state); }

}  // namespace letterlock::sim
