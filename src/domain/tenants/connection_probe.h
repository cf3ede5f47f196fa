#pragma once

// Tries a connection at its provider, step by step, and says what is missing. Reads and keeps nothing. Any thread; a test holds one for
// up to its time, so few run at once. One per process.

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/job.h"
#include "providers/provider.h"

namespace letterlock {

struct ConnectionCheck {
  std::string name;     // credentials, directory, mail, settings
  std::string outcome;  // passed, failed, skipped
  std::string reason;   // what the provider said, and what is missing
};

struct ConnectionTest {
  bool ok = false;  // mail can be read: every check but settings passed
  TimePoint tested_at;
  std::vector<ConnectionCheck> checks;  // in the order above; after one that failed those that need it are skipped
};

class ConnectionProbe {
 public:
  using ProviderFactory = std::function<Result<std::unique_ptr<Provider>>(const Connection&)>;
  // time_max: of the whole test; what is not done then has failed.
  ConnectionProbe(ProviderFactory make_provider, Clock& clock, std::chrono::seconds time_max = std::chrono::seconds(25))
      : make_provider_(std::move(make_provider)), clock_(clock), time_max_(time_max) {}

  // throttled: one of the tenant's is tested already, or two in all.
  Result<ConnectionTest> test(const Connection& connection);

 private:
  ConnectionTest run(const Connection& connection) const;

  const ProviderFactory make_provider_;
  Clock& clock_;
  const std::chrono::seconds time_max_;
  std::mutex mutex_;
  std::vector<TenantId> testing_;  // tenants, each once
};

}  // namespace letterlock
