#pragma once

// A mail before it takes a mailbox's shape: who writes to whom, the author's own words, and the letter that it answers. What
// is quoted is the parent's text as its readers hold it. Values shared by pointer; immutable once delivered; any thread.

#include <memory>
#include <optional>
#include <vector>

#include "sim/composer.h"
#include "sim/wording.h"
#include "sim/world.h"

namespace letterlock::sim {

// Somebody who writes and reads mail.
struct Writer {
  Address address;
  std::string signature;  // lines below the name: job, firm
  const Locale* locale = nullptr;
  std::optional<std::size_t> mailbox;  // of an employee
  Hosting hosting = Hosting::own_server;
  Authentication authentication;
  std::string mailer;

  std::string given() const { return address.name.substr(0, address.name.find(' ')); }
  std::string family() const { return address.name.substr(address.name.rfind(' ') + 1); }
};
Writer employee(const World& world, std::size_t index);
Writer sales_of(const Correspondent& firm);
Writer accounts_of(const Correspondent& firm);
Writer service(const World& world, const BulkSender& sender);
// Somebody at gmail.com or outlook.com. local: before the @.
Writer free_mail(const std::string& name, const std::string& local, const Locale& locale, Random& random);

struct Letter {
  MailSpec spec;                         // text: the author's own words; html, when not made from them, says so
  std::shared_ptr<const Letter> parent;  // answered, and quoted
  const Locale* locale = nullptr;        // of the author
  bool outlook_quoting = false;          // "From: Sent: To: Subject:" above the parent, instead of "… wrote:" and ">"
  bool with_html = true;                 // an HTML alternative is made from the text
  std::optional<std::size_t> sender_mailbox;
  std::vector<std::size_t> mailboxes;  // of employees among the recipients
};

struct Words {
  std::string subject, body;  // body may use {hello} and {bye} and slots
  Language language = Language::english;
};
// A letter of these words, with its greeting and signature; a subject of its own, or with a parent the parent's.
std::shared_ptr<Letter> write_letter(const Writer& from, const std::vector<Writer>& to, const Words& words, Slots slots, TimePoint date,
                                     Random& random, std::shared_ptr<const Letter> parent = nullptr);

// What is composed: dates as they were, the parent quoted below, HTML beside the text.
MailSpec rendered(const Letter& letter, const LiveClock& clock);

// One mailbox's copy, written on demand.
class LetterRaw final : public RawSource {
 public:
  LetterRaw(std::shared_ptr<const World> world, std::shared_ptr<const Letter> letter, std::size_t mailbox)
      : world_(std::move(world)), letter_(std::move(letter)), mailbox_(static_cast<std::uint32_t>(mailbox)) {}
  std::string read() const override { return copy_for(*world_, *letter_, mailbox_); }
  static std::string copy_for(const World& world, const Letter& letter, std::size_t mailbox);

 private:
  std::shared_ptr<const World> world_;
  std::shared_ptr<const Letter> letter_;
  std::uint32_t mailbox_;
};

}  // namespace letterlock::sim
