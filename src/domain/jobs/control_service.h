#pragma once

// ControlPlane over PostgreSQL, in the process that holds it (`api`, or `--target=all`). All calls block; any thread.

#include <chrono>
#include <functional>
#include <memory>

#include "adapters/crypto/crypto.h"
#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "ports/control_plane.h"

namespace letterlock {

struct ControlServiceOptions {
  std::chrono::seconds lease{120};
  std::chrono::seconds retry_first{5};  // doubles with every attempt, with jitter
  std::chrono::seconds retry_max{600};
  std::chrono::seconds disk_full_pause{60};            // a job that met a full disk is tried again after this long, as often as it takes
  const crypto::ServiceTokenSigner* signer = nullptr;  // split mode: claim() hands out tokens for one job's tenant
  std::chrono::seconds token_valid{1800};
};

class ControlService final : public ControlPlane {
 public:
  // pool: role letterlock_api. All outlive the service.
  ControlService(postgres::Pool& pool, const crypto::MasterKey& master_key, Clock& clock, ControlServiceOptions options = {});

  Result<ClaimedJob> claim(const JobMessage& message, const std::string& worker) override;
  Result<TimePoint> renew(const ClaimedJob& job) override;
  Result<void> give_back(const ClaimedJob& job) override;
  Result<Connection> get_connection(const ClaimedJob& job) override;
  Result<void> finish_ingestion(const ClaimedJob& job, const SliceOutcome& outcome) override;
  Result<std::int64_t> get_watermark(const ClaimedJob& job) override;
  Result<std::vector<RuleSetting>> get_rule_settings(const ClaimedJob& job) override;
  Result<void> finish_analysis(const ClaimedJob& job, const AnalysisOutcome& outcome) override;
  Result<DataKey> get_data_key(const TenantId& tenant) override;
  Result<void> report_storage(const StorageState& state) override;

 private:
  TimePoint retry_at(int attempt);
  Result<void> transact(const TenantId& tenant, const std::function<Result<void>(postgres::Transaction&)>& body);

  postgres::Pool& pool_;
  const crypto::MasterKey& master_key_;
  Clock& clock_;
  const ControlServiceOptions options_;
};

}  // namespace letterlock
