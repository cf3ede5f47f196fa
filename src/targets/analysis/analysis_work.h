#pragma once

// The `analysis` target: one job = the rule pack over what a tenant received since its watermark. Owned by app/.

#include "domain/detection/runner.h"
#include "targets/worker.h"

namespace letterlock {

class AnalysisWork final : public JobWork {
 public:
  AnalysisWork(ControlPlane& control, detection::Runner& runner) : control_(control), runner_(runner) {}
  Result<std::optional<Record>> run(const ClaimedJob& job, std::stop_token stop) override;
  Result<void> record_failure(const ClaimedJob& job, const Error& error) override;

 private:
  ControlPlane& control_;
  detection::Runner& runner_;
};

}  // namespace letterlock
