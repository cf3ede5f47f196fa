#pragma once

// The `ingestion` target: one job = one slice of reading one connection's mail. Owned by app/.

#include "domain/ingestion/service.h"
#include "targets/worker.h"

namespace letterlock {

class IngestionWork final : public JobWork {
 public:
  IngestionWork(ControlPlane& control, ingestion::Service& service) : control_(control), service_(service) {}
  Result<std::optional<Record>> run(const ClaimedJob& job, std::stop_token stop) override;
  Result<void> record_failure(const ClaimedJob& job, const Error& error) override;

 private:
  ControlPlane& control_;
  ingestion::Service& service_;
};

}  // namespace letterlock
