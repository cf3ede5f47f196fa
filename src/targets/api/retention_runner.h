#pragma once

// Deletes the mail that tenants keep no longer, tenant by tenant, in many small transactions of storage. One thread of its own; several
// processes may each have one, a tenant's turn is taken by one of them.

#include <chrono>
#include <stop_token>

#include "base/clock.h"
#include "base/metrics.h"
#include "domain/tenants/retention_service.h"
#include "ports/storage.h"

namespace letterlock::api {

struct RetentionRunnerOptions {
  int messages_max = 1'000;       // of one transaction: appends of the tenant wait for it
  int transactions_max = 60;      // of one turn; then another tenant's comes
  std::chrono::seconds pause{5};  // between two looks where nothing was due
};

class RetentionRunner {
 public:
  RetentionRunner(RetentionService& retention, Storage& storage, Clock& clock, Metrics& metrics, RetentionRunnerOptions options = {})
      : retention_(retention), storage_(storage), clock_(clock), metrics_(metrics), options_(options) {}

  // Until stop is requested. A turn that is broken off is recorded as far as it came.
  void run(std::stop_token stop);
  // One turn of one tenant; false: nobody's was due.
  Result<bool> run_once(std::stop_token stop);

 private:
  RetentionService& retention_;
  Storage& storage_;
  Clock& clock_;
  Metrics& metrics_;
  const RetentionRunnerOptions options_;
};

}  // namespace letterlock::api
