#include "targets/ingestion/ingestion_work.h"

#include <memory>

namespace letterlock {
namespace {

bool nothing_done(const SliceOutcome& outcome) {
  return outcome.messages_stored == 0 && outcome.messages_removed == 0 && outcome.messages_set_aside == 0 && outcome.users_seen == 0;
}

}  // namespace

Result<std::optional<JobWork::Record>> IngestionWork::run(const ClaimedJob& job, std::stop_token stop) {
  const auto connection = TRY(control_.get_connection(job));
  const auto outcome = std::make_shared<const SliceOutcome>(TRY(service_.sync_tenant(connection, stop)));
  if (stop.stop_requested() && nothing_done(*outcome)) return std::nullopt;
  return [this, job, outcome] { return control_.finish_ingestion(job, *outcome); };
}

Result<void> IngestionWork::record_failure(const ClaimedJob& job, const Error& error) {
  return control_.finish_ingestion(job, SliceOutcome{.error = error});
}

}  // namespace letterlock
