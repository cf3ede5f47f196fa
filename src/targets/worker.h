#pragma once

// What every consumer of jobs does around the work itself: claim the job, keep its lease alive on a thread of its own,
// stop the work when the lease is lost or the process ends, record the outcome, and only then acknowledge the delivery.
//
// From the claim on the row decides, not the broker: whatever goes wrong later the delivery is acknowledged, and a job
// that was not recorded comes back when its lease runs out.

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "ports/control_plane.h"
#include "ports/job_queue.h"
#include "targets/job_tokens.h"

namespace letterlock {

// The work of one kind of job. Called on several threads at once, for different jobs.
class JobWork {
 public:
  virtual ~JobWork() = default;
  // Stores the outcome at the control plane; called again when that fails in passing.
  using Record = std::function<Result<void>()>;
  // Do the job; return soon once stop is requested. nullopt: stopped before anything was done, give the job back.
  // Error: nothing to keep; record_failure() follows.
  virtual Result<std::optional<Record>> run(const ClaimedJob& job, std::stop_token stop) = 0;
  virtual Result<void> record_failure(const ClaimedJob& job, const Error& error) = 0;
};

struct WorkerOptions {
  JobKind kind = JobKind::ingestion;
  std::string name;  // who holds the lease: host and process
  BackoffOptions record_backoff{.first = std::chrono::milliseconds(500), .max = std::chrono::milliseconds(5000), .tries_max = 10};
  Duration renew_interval_min = std::chrono::milliseconds(50);
};

// Owned by app/, outlives the consumer that calls handle(); any thread.
class Worker {
 public:
  // tokens: where the job's service token is kept while it runs, for the storage client; may be null (one process).
  Worker(WorkerOptions options, ControlPlane& control, JobWork& work, JobTokens* tokens, Clock& clock, Metrics& metrics);

  // The JobHandler.
  Disposition handle(const JobMessage& message);
  // Ask running work to end early; handle() then still records what was done. Once, before JobConsumer::stop().
  void request_stop() { stop_.request_stop(); }

 private:
  void work_on(const ClaimedJob& job);
  Result<void> record(const ClaimedJob& job, const JobWork::Record& record, std::stop_token lost);
  Disposition refused(const JobMessage& message, const Error& error);
  void count(std::string_view outcome);

  const WorkerOptions options_;
  ControlPlane& control_;
  JobWork& work_;
  JobTokens* const tokens_;
  Clock& clock_;
  Metrics& metrics_;
  std::stop_source stop_;
};

}  // namespace letterlock
