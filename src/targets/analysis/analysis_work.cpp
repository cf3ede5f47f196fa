#include "targets/analysis/analysis_work.h"

#include <memory>

namespace letterlock {

Result<std::optional<JobWork::Record>> AnalysisWork::run(const ClaimedJob& job, std::stop_token stop) {
  const auto watermark = TRY(control_.get_watermark(job));
  const auto settings = TRY(control_.get_rule_settings(job));
  auto result = runner_.run(job.message.tenant_id, watermark, settings, stop, job.message.attempt);
  if (!result && stop.stop_requested()) return std::nullopt;  // nothing is kept of an unfinished run
  const auto outcome = std::make_shared<const AnalysisOutcome>(TRY(std::move(result)));
  return [this, job, outcome] { return control_.finish_analysis(job, *outcome); };
}

Result<void> AnalysisWork::record_failure(const ClaimedJob& job, const Error& error) {
  return control_.finish_analysis(job, AnalysisOutcome{.error = error});
}

}  // namespace letterlock
