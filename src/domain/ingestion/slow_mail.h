#pragma once

// What slow messages came to. A slice that ends because of them reads their step again later, and must not pay for them twice, or it
// would never come past them. Any thread.

#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>

#include "base/result.h"
#include "model/append.h"
#include "model/email.h"
#include "model/ids.h"

namespace letterlock::ingestion {

class SlowMail {
 public:
  // bytes_max: of the results that are kept, about; the oldest go.
  explicit SlowMail(std::int64_t bytes_max = 64 << 20) : bytes_max_(bytes_max) {}

  // The result of these very bytes in this mailbox, if it is known.
  std::optional<Result<Email>> find(const TenantId& tenant, const MailboxId& mailbox, const ProviderMessageId& message,
                                    const RawMessage& raw) const;
  void remember(const TenantId& tenant, const MailboxId& mailbox, const ProviderMessageId& message, const RawMessage& raw,
                const Result<Email>& result);

 private:
  using Key = std::tuple<TenantId, MailboxId, ProviderMessageId>;
  struct Entry {
    std::string raw_sha256;
    Result<Email> result;
    std::int64_t bytes = 0;
    std::list<Key>::iterator place;
  };

  const std::int64_t bytes_max_;
  mutable std::mutex mutex_;
  std::map<Key, Entry> entries_;
  std::list<Key> oldest_first_;
  std::int64_t bytes_ = 0;
};

}  // namespace letterlock::ingestion
