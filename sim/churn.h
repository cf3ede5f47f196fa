#pragma once

// A random history of changes to one provider's mailboxes: mail that arrives, moves, goes and comes back, drafts, poisonous
// items, expired cursors and tokens. It is played in pieces, so that a test can kill things in between. The same seed over
// the same company gives the same history, step by step, however it is cut into pieces. Owned by Simulator; one thread at a
// time (Simulator holds a mutex).

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "sim/content.h"
#include "sim/json.h"
#include "sim/random.h"

namespace letterlock::sim {

class GoogleState;
class MicrosoftState;

// What a history can do to mailboxes, in either provider's terms. Ids are the provider's; each call is one change or a few.
class ChurnedMailboxes {
 public:
  enum class Place { inbox, sent, drafts, junk, archive, trash };
  struct Held {
    std::string id;
    bool is_draft = false;
  };

  virtual ~ChurnedMailboxes() = default;
  virtual std::size_t count() const = 0;
  virtual const Person& owner(std::size_t mailbox) const = 0;
  virtual std::vector<Held> messages(std::size_t mailbox) const = 0;  // by id
  virtual std::string add(std::size_t mailbox, std::string raw, TimePoint at, Place place, const std::string& thread) = 0;
  virtual void remove(std::size_t mailbox, const std::string& id) = 0;
  virtual void flip_read(std::size_t mailbox, const std::string& id) = 0;
  // Which side of a move the reader hears of first: both at once, the removal, the arrival.
  enum class Order { together, removal_first, arrival_first };
  virtual void move(std::size_t mailbox, const std::string& id, Place place, Order order) = 0;
  virtual void move_there_and_back(std::size_t mailbox, const std::string& id, Order order) = 0;  // A→B→A
  virtual void save_draft(std::size_t mailbox, const std::string& id, std::string raw, TimePoint at) = 0;
  virtual void send_draft(std::size_t mailbox, const std::string& id, std::string raw, TimePoint at) = 0;
  // A folder (Microsoft) or label (Google) of the user's own is made, filled, renamed or taken away; number chooses which.
  virtual void change_own_place(std::size_t mailbox, std::uint64_t number, const std::vector<std::string>& ids) = 0;
  virtual void expire_cursors() = 0;
};

std::unique_ptr<ChurnedMailboxes> churned(GoogleState& state);
std::unique_ptr<ChurnedMailboxes> churned(MicrosoftState& state);

class Churn {
 public:
  struct Options {
    ProviderKind provider = ProviderKind::google;
    std::uint64_t seed = 1;
    TimePoint begin;                                                          // step n happens n minutes later
    std::function<void(const std::string& id)> poison;                        // from now on every get of it fails
    std::function<void(const std::string& address, bool suspended)> suspend;  // the user cannot be read, or can again
    std::function<void()> expire_tokens;                                      // every access token of the provider
  };
  Churn(Options options, std::unique_ptr<ChurnedMailboxes> mailboxes);

  // Play the next steps.
  void play(int steps);
  // Everything that was played so far has been read by whoever reads, but for the suspended user's: from now on mail that a
  // rule would find may vanish too. Until then it stays, or what is found would depend on who was faster.
  void settle() {
    std::erase_if(unread_frauds_, [&](const auto& fraud) { return fraud.first != suspended_; });
  }

  std::uint64_t seed() const { return options_.seed; }
  // {"seed","steps","digest","counts":{KIND: n}}: the digest is of every change so far.
  Json told() const;

 private:
  enum class Kind {
    ordinary,
    fraud,
    reply,
    poisonous,
    deleted,
    read,
    moved,
    there_and_back,
    trashed,
    junked,
    draft_saved,
    draft_sent,
    own_place,
    suspended,
    cursors_expired,
    tokens_expired
  };
  struct Weight {
    Kind kind;
    const char* name;
    std::uint64_t weight;
  };
  static const std::vector<Weight>& weights();

  void step();
  bool play(Kind kind, std::size_t mailbox, TimePoint at, std::string& what);
  std::string compose_ordinary(std::size_t mailbox, TimePoint at, const std::string& parent);
  std::string compose_fraud(std::size_t mailbox, TimePoint at);
  std::string compose_own(std::size_t mailbox, TimePoint at, int version);
  std::string pick(std::size_t mailbox, bool draft, bool may_be_fraud);  // a message's id, or empty
  ChurnedMailboxes::Order order() { return static_cast<ChurnedMailboxes::Order>(random_.below(3)); }
  std::string next_message_id(std::string_view domain);

  const Options options_;
  const std::unique_ptr<ChurnedMailboxes> mailboxes_;
  Random random_;
  std::int64_t steps_ = 0;
  std::string digest_;
  std::map<std::string, std::int64_t> counts_;
  std::set<std::pair<std::size_t, std::string>> unread_frauds_;
  std::optional<std::size_t> suspended_;  // the one mailbox whose user is suspended now
  std::vector<std::string> threads_;      // Message-IDs that replies can name, the newest last
};

}  // namespace letterlock::sim
