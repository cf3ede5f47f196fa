#pragma once

// Writes that carry an Idempotency-Key are done once: the first answer is kept for 24 hours, wrapped with the master key, and given
// again. Of the request a MAC under the master key is kept: a body may hold a password, which a plain hash would let somebody guess. Of one
// caller the newest 10,000 keys are known. An answer of more than 256 KiB is not kept, only that the call was done: its repetition is
// refused and does nothing. Pool with role letterlock_api. Any thread.

#include <optional>
#include <string>

#include "adapters/crypto/crypto.h"
#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"

namespace letterlock {

struct IdempotentCall {
  std::string caller;                 // who, as an id that nobody else has
  std::optional<TenantId> tenant_id;  // whose answers go with it; none: an operator's
  std::string key;                    // 1 to 200 bytes
  std::string request;                // method, path and body
};

struct KeptAnswer {
  int status = 200;
  std::string body;
};

class Idempotency {
 public:
  Idempotency(postgres::Pool& pool, const crypto::MasterKey& master_key, Clock& clock)
      : pool_(pool), master_key_(master_key), clock_(clock) {}

  // The first answer; nullopt: go on, then finish() or forget(). conflict, code "idempotency_key_reused": another request had the key;
  // code "idempotency_key_in_use": the first still runs; code "idempotency_answer_too_large": it was done, its answer was not kept.
  Result<std::optional<KeptAnswer>> begin(const IdempotentCall& call);
  Result<void> finish(const IdempotentCall& call, const KeptAnswer& answer);
  Result<void> forget(const IdempotentCall& call);  // it was refused, so it may be tried again

 private:
  postgres::Pool& pool_;
  const crypto::MasterKey& master_key_;
  Clock& clock_;
};

}  // namespace letterlock
