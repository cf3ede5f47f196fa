#pragma once

// One telling of a story: as fraud or as its innocent twin. Both draw their words from `shared`, which gives both the same
// numbers, and everything else from `random`; so they differ in the deciding fact, in people and in figures, never in wording.
// Used by one thread while a company is made.

#include <memory>
#include <vector>

#include "sim/letter.h"
#include "sim/settings.h"

namespace letterlock::sim {

class Telling {
 public:
  struct Sent {
    std::shared_ptr<const Letter> letter;
    bool told = true;  // false: sets the scene, belongs to no story
  };
  struct RuleChange {
    std::size_t mailbox = 0;
    TimePoint at;
    MailRule rule;  // joins the mailbox's others
  };

  Telling(const World& world, bool is_fraud, TimePoint moment, std::uint64_t seed)
      : world(world), fraud(is_fraud), at(moment), shared(mixed(seed)), random(mixed(seed + (is_fraud ? 1'000'003 : 2'000'003))) {}

  const World& world;
  const bool fraud;
  const TimePoint at;  // of the message that decides
  Random shared;
  Random random;
  std::vector<Sent> letters;
  std::vector<RuleChange> rules;

  void tell(std::shared_ptr<const Letter> letter) { letters.push_back({std::move(letter), true}); }
  void scene(std::shared_ptr<const Letter> letter) { letters.push_back({std::move(letter), false}); }
  void change_rules(std::size_t mailbox, TimePoint when, MailRule rule);

  TimePoint before(std::int64_t days) const { return at - std::chrono::days(days) - std::chrono::minutes(37); }
  Language home() const { return world.locale->language; }
  // The same text in fraud and twin.
  Words words(Theme theme, Language language);
  // Fraud and twin get vendors of one language, where possible different ones.
  const Correspondent& vendor();
  // One of these roles, never `except`.
  std::size_t one_of(std::initializer_list<std::size_t> roles, std::size_t except = SIZE_MAX);
  std::size_t anybody(std::size_t except);
  // {invoice}, {amount} and {date} for a letter in this locale.
  Slots figures(const Locale& locale);
  std::string account(const BankAccount& account, bool spaced = true) { return account.lines(spaced); }
  // Where a fraudster has money sent: often another country.
  BankAccount mule(const Locale& locale);
  // Somebody at a domain that nobody has heard of, with mail in good order.
  Writer throwaway(const std::string& name, const std::string& local);
  std::string hostile_link(const std::string& path);
};

}  // namespace letterlock::sim
