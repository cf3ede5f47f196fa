#pragma once

// Everyday conversations of a company, and the letters in them. A conversation is a few numbers; its letters are written
// again from them whenever somebody reads the bytes. Pure; any thread.

#include <memory>

#include "sim/letter.h"
#include "sim/world.h"

namespace letterlock::sim {

enum class ConversationKind : std::uint8_t {
  vendor_invoice,  // partner: a vendor; always with the same bank details
  vendor_talk,
  customer_talk,
  internal_talk,
  newsletter,    // partner: a newsletter
  notification,  // partner: a service
  invitation,    // partner: a colleague
  bounce,        // the owner wrote to an address that does not exist
  list_mail,     // partner: a customer, through a mailing list
  private_note,  // the owner's own private mailbox, both ways
  draft
};

struct Conversation {
  std::uint64_t seed = 0;
  TimePoint start;
  std::uint32_t owner = 0;    // index of the employee who holds it
  std::uint32_t partner = 0;  // index of a vendor, customer, bulk sender or colleague
  std::uint16_t length = 1;   // letters
  ConversationKind kind = ConversationKind::internal_talk;
};

// Letter number `index` of a conversation, with those before it as parents.
std::shared_ptr<const Letter> ordinary_letter(const World& world, const Conversation& conversation, std::uint32_t index);
// Index of the employee who wrote it; nullopt: somebody outside.
std::optional<std::size_t> author(const World& world, const Conversation& conversation, std::uint32_t index);
TimePoint conversation_time(const World& world, const Conversation& conversation, std::uint32_t index);
// The same for all letters of a conversation, short.
std::string thread_key(const Conversation& conversation);
// The address at which an employee reads private mail.
Writer private_mailbox(const World& world, std::size_t index);
// The slots as the mail's text shows them: without the account, where the firm names it in the PDF alone.
Slots in_body(const Correspondent& firm, Slots slots);
// The lines of an invoice as its PDF shows them.
std::vector<std::string> invoice_lines(const Correspondent& vendor, const std::string& company, const Slots& slots,
                                       const std::string& account_lines);

// One mailbox's copy of one letter, written on demand.
class ConversationRaw final : public RawSource {
 public:
  ConversationRaw(std::shared_ptr<const World> world, std::shared_ptr<const Conversation> conversation, std::uint16_t index,
                  std::size_t mailbox)
      : world_(std::move(world)), conversation_(std::move(conversation)), mailbox_(static_cast<std::uint32_t>(mailbox)), index_(index) {}
  std::string read() const override { return LetterRaw::copy_for(*world_, *ordinary_letter(*world_, *conversation_, index_), mailbox_); }

 private:
  std::shared_ptr<const World> world_;
  std::shared_ptr<const Conversation> conversation_;
  std::uint32_t mailbox_;
  std::uint16_t index_;
};

}  // namespace letterlock::sim
