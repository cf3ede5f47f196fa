// A history of changes in Graph's terms: places are folders, a draft keeps its id until and after it is sent.

#include <algorithm>
#include <map>

#include "sim/churn.h"
#include "sim/microsoft_state.h"

namespace letterlock::sim {
namespace {

constexpr std::size_t own_folders_max = 3;  // of one mailbox

std::string folder_of(ChurnedMailboxes::Place place) {
  using Place = ChurnedMailboxes::Place;
  switch (place) {
    case Place::inbox:
      return "inbox";
    case Place::sent:
      return "sentitems";
    case Place::drafts:
      return "drafts";
    case Place::junk:
      return "junkemail";
    case Place::archive:
      return "archive";
    case Place::trash:
      return "deleteditems";
  }
  return "inbox";
}

MicrosoftState::MoveOrder order_of(ChurnedMailboxes::Order order) {
  using Order = ChurnedMailboxes::Order;
  using MoveOrder = MicrosoftState::MoveOrder;
  return order == Order::removal_first   ? MoveOrder::removal_first
         : order == Order::arrival_first ? MoveOrder::arrival_first
                                         : MoveOrder::together;
}

class MicrosoftMailboxes final : public ChurnedMailboxes {
 public:
  explicit MicrosoftMailboxes(MicrosoftState& state) : state_(state) {}

  std::size_t count() const override { return state_.users().size(); }
  const Person& owner(std::size_t mailbox) const override { return user(mailbox).person; }
  std::vector<Held> messages(std::size_t mailbox) const override {
    std::vector<Held> all;
    for (auto& message : state_.all_messages(user(mailbox))) all.push_back({std::move(message.id), message.is_draft});
    return all;
  }
  std::string add(std::size_t mailbox, std::string raw, TimePoint at, Place place, const std::string& thread) override {
    return state_.add(user(mailbox), std::make_shared<StoredRaw>(std::move(raw)), at, folder_of(place), thread);
  }
  void remove(std::size_t mailbox, const std::string& id) override { state_.remove(user(mailbox), id); }
  void flip_read(std::size_t mailbox, const std::string& id) override {
    if (const auto message = state_.message(user(mailbox), id)) state_.set_read(user(mailbox), id, !message->is_read);
  }
  void move(std::size_t mailbox, const std::string& id, Place place, Order order) override {
    state_.move(user(mailbox), id, folder_of(place), order_of(order));
  }
  void move_there_and_back(std::size_t mailbox, const std::string& id, Order order) override {
    const auto message = state_.message(user(mailbox), id);
    if (!message) return;
    const auto archive = state_.folder(user(mailbox), "archive");
    state_.move(user(mailbox), id, archive && archive->id == message->folder_id ? "inbox" : "archive", order_of(order));
    state_.move(user(mailbox), id, message->folder_id, order_of(order));
  }
  void save_draft(std::size_t mailbox, const std::string& id, std::string raw, TimePoint at) override {
    state_.save_draft(user(mailbox), id, std::make_shared<StoredRaw>(std::move(raw)), at);
  }
  void send_draft(std::size_t mailbox, const std::string& id, std::string raw, TimePoint at) override {
    state_.send_draft(user(mailbox), id, std::make_shared<StoredRaw>(std::move(raw)), at);
  }
  // Only what is named in ids is ever in a folder of the user's own, and goes with it.
  void change_own_place(std::size_t mailbox, std::uint64_t number, const std::vector<std::string>& ids) override {
    auto& own = own_folders_[mailbox];
    if (own.empty() || (number % 4 == 0 && own.size() < own_folders_max))
      own.push_back(state_.add_folder(user(mailbox), number % 8 < 4 ? "inbox" : "msgfolderroot", "Own " + std::to_string(++made_)));
    const auto at = static_cast<std::size_t>(number / 8 % own.size());
    if (number % 4 == 1) {
      state_.remove_folder(user(mailbox), own[at]);
      own.erase(own.begin() + static_cast<std::ptrdiff_t>(at));
      return;
    }
    if (number % 4 == 2) state_.rename_folder(user(mailbox), own[at], "Renamed " + std::to_string(++made_));
    for (const auto& id : ids) state_.move(user(mailbox), id, own[at]);
  }
  void expire_cursors() override { state_.expire_cursors(); }

 private:
  const MicrosoftUser& user(std::size_t mailbox) const { return state_.users()[mailbox]; }

  MicrosoftState& state_;
  std::map<std::size_t, std::vector<std::string>> own_folders_;
  int made_ = 0;
};

}  // namespace

std::unique_ptr<ChurnedMailboxes> churned(MicrosoftState& state) { return std::make_unique<MicrosoftMailboxes>(state); }

}  // namespace letterlock::sim
