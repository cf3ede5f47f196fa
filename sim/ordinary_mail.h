#pragma once

// Everyday conversations of a company, and the mail in them. A conversation is a few numbers; its messages are written
// again from them whenever somebody reads the bytes. Pure; any thread.

#include <memory>

#include "sim/composer.h"
#include "sim/world.h"

namespace letterlock::sim {

enum class ConversationKind { vendor_invoice, vendor_talk, customer_talk, internal_talk, newsletter, notification, draft };

struct Conversation {
  ConversationKind kind = ConversationKind::internal_talk;
  std::uint64_t seed = 0;
  std::uint32_t owner = 0;    // index of the employee who holds it
  std::uint32_t partner = 0;  // index of a vendor, customer, bulk sender or colleague
  std::uint32_t length = 1;   // messages
  TimePoint start;
};

// Message number `index` of a conversation.
MailSpec ordinary_mail(const World& world, const Conversation& conversation, std::uint32_t index);
// Whether the owner (true) or the partner wrote message number `index`.
bool written_by_owner(const Conversation& conversation, std::uint32_t index);
std::string conversation_message_id(const World& world, const Conversation& conversation, std::uint32_t index);
TimePoint conversation_time(const Conversation& conversation, std::uint32_t index);

// One mailbox's copy of one message, written on demand.
class ConversationRaw final : public RawSource {
 public:
  ConversationRaw(std::shared_ptr<const World> world, std::shared_ptr<const Conversation> conversation, std::uint32_t index,
                  std::uint32_t mailbox)
      : world_(std::move(world)), conversation_(std::move(conversation)), index_(index), mailbox_(mailbox) {}
  std::string read() const override;

 private:
  std::shared_ptr<const World> world_;
  std::shared_ptr<const Conversation> conversation_;
  std::uint32_t index_;
  std::uint32_t mailbox_;
};

}  // namespace letterlock::sim
