#include "targets/api/retention_runner.h"

#include "base/log.h"

namespace letterlock::api {

Result<bool> RetentionRunner::run_once(std::stop_token stop) {
  const auto due = TRY(retention_.take_due());
  if (!due) return false;
  auto erasure = due->erasure;
  erasure.messages_max = options_.messages_max;
  RetentionOutcome outcome{.more = true};
  for (int i = 0; outcome.more && i < options_.transactions_max && !stop.stop_requested(); ++i) {
    const auto erased = storage_.erase_mail(due->tenant_id, erasure);
    if (!erased) {
      outcome.problem = erased.error().message.empty() ? std::string(to_string(erased.error().kind)) : erased.error().message;
      write_log(log_level_of(erased.error().kind), "old mail could not be deleted",
                {{"tenant", due->tenant_id}, {"reason", outcome.problem}});
      break;
    }
    outcome.messages += erased->messages;
    outcome.more = erased->more;
  }
  if (outcome.messages > 0)
    metrics_.count("letterlock_retention_messages_erased_total", "Messages that were deleted because their tenant keeps mail no longer", {},
                   static_cast<double>(outcome.messages));
  TRY(retention_.record(*due, outcome));
  return true;
}

void RetentionRunner::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const auto worked = run_once(stop);
    if (!worked) LOG(warn, "retention could not be looked at", {{"reason", worked.error().message}});
    if (!worked || !*worked) clock_.wait(options_.pause, stop);
  }
}

}  // namespace letterlock::api
