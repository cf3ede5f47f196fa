#pragma once

// PostgreSQL and the services over it: of `api`, and of the commands that administer an installation.

#include <memory>

#include "adapters/crypto/crypto.h"
#include "adapters/postgres/pool.h"
#include "app/config.h"
#include "base/clock.h"
#include "domain/jobs/control_service.h"
#include "targets/api/services.h"

namespace letterlock {

struct ControlParts {
  static Result<std::unique_ptr<ControlParts>> open(const Config& config, Clock& clock);
  ControlParts(const Config& config, crypto::MasterKey key, Clock& clock);

  crypto::MasterKey master_key;
  postgres::Pool pool;
  ControlService control;
  api::Services services;
};

}  // namespace letterlock
