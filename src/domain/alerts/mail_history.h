#pragma once

// What a tenant's mail store knows around alerts: an entity's history, messages that look alike, mail volume. Reads through Storage, no
// bodies. Any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"
#include "ports/storage.h"

namespace letterlock {

struct NameUsed {
  std::string name;
  std::int64_t messages = 0;
};
struct PersonInTouch {
  std::string address;
  std::int64_t messages = 0;
};
struct EntityDay {
  std::string day;
  std::int64_t messages_in = 0, messages_out = 0;
};

struct EntityMail {
  std::string entity;
  std::string kind;  // address, domain
  bool is_own = false;
  std::optional<TimePoint> first_seen_at;
  std::optional<TimePoint> last_seen_at;
  std::int64_t messages_in = 0;        // from it
  std::int64_t messages_out = 0;       // of the company to it
  std::vector<NameUsed> names;         // the most used first, at most 10
  std::vector<PersonInTouch> people;   // of the company, most mail first, at most 10
  std::vector<EntityDay> mail_by_day;  // the last 90 days, days without mail left out
};

struct SimilarMessage {
  MailboxId mailbox_id;
  std::string address;  // the mailbox's
  ProviderMessageId provider_message_id;
  std::string message_id;
  std::string from_address;
  std::string from_name;
  std::string subject;
  TimePoint received_at;
  std::optional<TimePoint> removed_at;
  std::vector<std::string> likeness;  // payment_instrument, attachment, from_address, link, subject, from_domain; the strongest first
  std::optional<AlertId> alert_id;    // that has it as a sighting; filled in by the caller
};

struct MailDay {
  std::string day;
  std::int64_t inbound = 0, internal = 0, outbound = 0;
};
struct MailStatistics {
  std::string from;  // days, both included
  std::string to;
  std::vector<MailDay> by_day;  // every day of the range
};

class MailHistory {
 public:
  MailHistory(Storage& storage, Clock& clock) : storage_(storage), clock_(clock) {}

  // An address or a domain, lower-case.
  Result<EntityMail> entity(const TenantId& tenant, const std::string& entity);
  // At most 50, the most alike first, without the message itself. not_found: the message is not in the store.
  Result<std::vector<SimilarMessage>> similar(const TenantId& tenant, const MailboxId& mailbox, const ProviderMessageId& message);
  // The last `days` days (1 to 90), up to and with today.
  Result<MailStatistics> statistics(const TenantId& tenant, int days);

 private:
  Storage& storage_;
  Clock& clock_;
};

}  // namespace letterlock
