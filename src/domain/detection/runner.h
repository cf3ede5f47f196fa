#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <stop_token>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "domain/detection/rule_pack.h"
#include "model/ids.h"
#include "ports/control_plane.h"
#include "ports/storage.h"

namespace letterlock::detection {

struct RunnerOptions {
  // New e-mails and mailbox settings per run; more are left to a continuation. Each run reads the history anew; much larger runs spill
  // to disk, which costs more than that (./dev bench rules).
  std::int64_t rows_max = 100'000;
  std::int64_t findings_max = 1'000;               // of one rule in one run; what is above is logged, counted and dropped
  std::chrono::milliseconds rule_timeout{60'000};  // of one rule; the statement that runs all has as many times as much
  int statements_max = 32;                         // of one rule in one run that runs out of memory and is given halves of the window
  int attempts_before_passing_over = 2;            // of a job over whose window every rule runs out of memory: it may have been another's
};

// Runs the pack over the e-mails of one tenant above a watermark, read-only. Running twice gives the same findings.
// Holds references, which must outlive it; keeps no state between runs; any thread.
class Runner {
 public:
  Runner(Storage& storage, const RulePack& pack, Clock& clock, Metrics& metrics, RunnerOptions options = {});

  // Run every enabled rule over (watermark_from, watermark_to]: all in one statement, and one by one where that fails. A broken rule is
  // logged, counted (letterlock_rule_failures_total) and noted, and does not silence the others; if all of them fail, or the storage cannot
  // be reached, the run fails and the watermark stays. A rule that runs out of memory is given halves of the window, and passes over, with
  // a note, the messages that it fails over alone (letterlock_rule_rows_passed_over_total); where every rule fails so, that is done from
  // the attempt after attempts_before_passing_over on. attempt: of the job, from 1. stop: unavailable, code "stopped".
  Result<AnalysisOutcome> run(const TenantId& tenant, std::int64_t watermark_from, std::span<const RuleSetting> settings,
                              std::stop_token stop, int attempt = 1);

 private:
  class Run;

  Storage& storage_;
  const RulePack& pack_;
  Clock& clock_;
  Metrics& metrics_;
  const RunnerOptions options_;
};

}  // namespace letterlock::detection
