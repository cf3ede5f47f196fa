#include "domain/ingestion/slow_mail.h"

#include "base/encoding.h"

namespace letterlock::ingestion {
namespace {

std::int64_t bytes_of(const Result<Email>& result) {
  constexpr std::int64_t item_bytes = 512;
  if (!result) return item_bytes;
  const auto& email = *result;
  auto sum = std::ssize(email.body_text) + std::ssize(email.quoted_text) + 8 * item_bytes;
  for (const auto& link : email.links) sum += std::ssize(link.url) + std::ssize(link.display_text) + item_bytes;
  return sum + item_bytes * (std::ssize(email.recipients) + std::ssize(email.attachments) + std::ssize(email.payment_instruments));
}

}  // namespace

std::optional<Result<Email>> SlowMail::find(const TenantId& tenant, const MailboxId& mailbox, const ProviderMessageId& message,
                                            const RawMessage& raw) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find({tenant, mailbox, message});
  if (found == entries_.end() || found->second.raw_sha256 != sha256_hex(raw.bytes)) return std::nullopt;
  return found->second.result;
}

void SlowMail::remember(const TenantId& tenant, const MailboxId& mailbox, const ProviderMessageId& message, const RawMessage& raw,
                        const Result<Email>& result) {
  const Key key(tenant, mailbox, message);
  const auto drop = [&](std::map<Key, Entry>::iterator entry) {
    bytes_ -= entry->second.bytes;
    oldest_first_.erase(entry->second.place);
    entries_.erase(entry);
  };
  const auto bytes = bytes_of(result);
  auto hash = sha256_hex(raw.bytes);
  const std::lock_guard lock(mutex_);
  if (const auto known = entries_.find(key); known != entries_.end()) drop(known);
  while (!oldest_first_.empty() && bytes_ + bytes > bytes_max_) drop(entries_.find(oldest_first_.front()));
  const auto place = oldest_first_.insert(oldest_first_.end(), key);
  entries_.emplace(key, Entry{.raw_sha256 = std::move(hash), .result = result, .bytes = bytes, .place = place});
  bytes_ += bytes;
}

}  // namespace letterlock::ingestion
