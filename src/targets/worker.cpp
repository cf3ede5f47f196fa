#include "targets/worker.h"

#include <atomic>
#include <exception>
#include <thread>

#include "base/log.h"

namespace letterlock {
namespace {

bool passing(ErrorKind kind) { return kind == ErrorKind::unavailable || kind == ErrorKind::throttled; }

// Renews a job's lease until it is destroyed; asks for a stop when the lease is lost.
class LeaseKeeper {
 public:
  LeaseKeeper(const ClaimedJob& job, ControlPlane& control, Clock& clock, Duration interval_min)
      : thread_([this, &job, &control, &clock, interval_min](std::stop_token end) {
          auto expires_at = job.lease_expires_at;
          for (;;) {
            if (!clock.wait(std::max<Duration>((expires_at - clock.now()) / 3, interval_min), end)) return;
            const auto renewed = control.renew(job);
            if (renewed) {
              expires_at = *renewed;
              continue;
            }
            if (passing(renewed.error().kind) && clock.now() < expires_at) continue;
            LOG(warn, "lost the lease of a job", {{"job", job.message.job_id}, {"reason", renewed.error().message}});
            lost_.request_stop();
            return;
          }
        }) {}

  std::stop_token lost() const { return lost_.get_token(); }

 private:
  std::stop_source lost_;
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace

Worker::Worker(WorkerOptions options, ControlPlane& control, JobWork& work, JobTokens* tokens, Clock& clock, Metrics& metrics)
    : options_(std::move(options)), control_(control), work_(work), tokens_(tokens), clock_(clock), metrics_(metrics) {}

Disposition Worker::handle(const JobMessage& message) {
  const auto job = control_.claim(message, options_.name);
  if (!job) return refused(message, job.error());
  const auto begun = clock_.now();
  work_on(*job);
  metrics_.observe_seconds("letterlock_job_seconds", "Time from a job's claim to its record", {{"kind", to_string(options_.kind)}},
                           std::chrono::duration<double>(clock_.now() - begun).count());
  return {};
}

// What becomes of a delivery whose job could not be claimed.
Disposition Worker::refused(const JobMessage& message, const Error& error) {
  using Kind = Disposition::Kind;
  switch (error.kind) {
    case ErrorKind::conflict:  // somebody has it, or it is done: a second delivery does nothing
    case ErrorKind::not_found:
      count("not_mine");
      return {};
    case ErrorKind::invalid:
    case ErrorKind::internal:
      count("refused");
      return {.kind = Kind::dead_letter, .reason = error.message};
    case ErrorKind::unauthenticated:  // of this process, not of the job: the job must outlive the mistake
    case ErrorKind::forbidden:
    case ErrorKind::throttled:
    case ErrorKind::unavailable:
      break;
  }
  count("claim_failed");
  write_log(log_level_of(error.kind), "cannot claim a job", {{"job", message.job_id}, {"reason", error.message}});
  return {.kind = Kind::retry_later,
          .delay = std::chrono::duration_cast<std::chrono::milliseconds>(error.retry_after.value_or(std::chrono::seconds(0))),
          .reason = "claiming: " + error.message};
}

void Worker::work_on(const ClaimedJob& job) {
  const JobTokens::Held token(tokens_, job);
  const LeaseKeeper lease(job, control_, clock_, options_.renew_interval_min);
  std::stop_source stop;
  const auto end = [&] { stop.request_stop(); };
  const std::stop_callback on_lost(lease.lost(), end);
  const std::stop_callback on_stop(stop_.get_token(), end);

  Result<std::optional<JobWork::Record>> result = fail(ErrorKind::internal, "not run");
  try {
    result = work_.run(job, stop.get_token());
  } catch (const std::exception& exception) {  // the last resort: a bug in one job must not take the target down
    result = fail(ErrorKind::internal, std::string("unexpected exception: ") + exception.what());
  }
  if (lease.lost().stop_requested()) return count("lease_lost");

  if (result && !*result) {
    count("given_back");
    const auto given = record(job, [&] { return control_.give_back(job); }, lease.lost());
    if (!given)
      LOG(warn, "cannot give a job back; its lease will run out", {{"job", job.message.job_id}, {"reason", given.error().message}});
    return;
  }
  Result<void> recorded;
  if (result) {
    recorded = record(job, **result, lease.lost());
    count(recorded ? "done" : "unrecorded");
  } else {
    const auto& error = result.error();
    write_log(log_level_of(error.kind), "a job failed",
              {{"job", job.message.job_id}, {"tenant", job.message.tenant_id}, {"kind", to_string(error.kind)}, {"reason", error.message}});
    recorded = record(job, [&] { return work_.record_failure(job, error); }, lease.lost());
    count("failed");
  }
  if (!recorded)
    write_log(log_level_of(recorded.error().kind), "cannot record a job's outcome; its lease will run out",
              {{"job", job.message.job_id}, {"reason", recorded.error().message}});
}

// Record with patience: the work may have taken minutes.
Result<void> Worker::record(const ClaimedJob& job, const JobWork::Record& record, std::stop_token lost) {
  Backoff backoff(options_.record_backoff, std::hash<std::string>{}(job.lease_id));
  for (int tries = 1;; ++tries) {
    auto recorded = record();
    if (recorded || !passing(recorded.error().kind) || backoff.exhausted(tries)) return recorded;
    if (!clock_.wait(backoff.delay(tries), lost)) return recorded;
  }
}

void Worker::count(std::string_view outcome) {
  metrics_.count("letterlock_jobs_total", "Jobs taken from the queue, by outcome",
                 {{"kind", to_string(options_.kind)}, {"outcome", outcome}});
}

}  // namespace letterlock
