#pragma once

#include "adapters/crypto/crypto.h"
#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"

namespace letterlock {

// Whether this master key is the one that the installation's secrets are wrapped with; the first start keeps a check value of its key. An
// installation of before that: a tenant's data key must unwrap. forbidden, code "wrong_master_key": it is another one.
Result<void> check_master_key(postgres::Pool& pool, const crypto::MasterKey& key, const Clock& clock);

}  // namespace letterlock
