#pragma once

// The `scheduler` target: decides who is due, publishes what is queued, takes back what nobody works on any more. Only the
// leader acts; every act is idempotent, so that two leaders for a moment would do no harm. Owned by app/.

#include <chrono>
#include <stop_token>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "domain/jobs/job_store.h"
#include "ports/job_queue.h"

namespace letterlock {

struct SchedulerOptions {
  int due_max = 1'000;      // connections of one round
  int publish_max = 1'000;  // messages of one round
  std::chrono::milliseconds confirm_timeout{10'000};
  std::chrono::seconds sweep_every{600};
  KeptFor kept;
  int sweep_rows_max = 10'000;                 // of a kind in one transaction …
  int sweep_batches_max = 10;                  // … and so many transactions in one round; what is left then is the next round's
  std::chrono::seconds lag_every{15};          // how far analysis is behind is measured
  std::chrono::seconds republish_after{600};   // a queued job that nobody claimed for this long is published again
  std::chrono::milliseconds pause{500};        // between two rounds when nothing was left over …
  std::chrono::milliseconds pause_max{5'000};  // … doubling up to this while nothing happens
};

struct SchedulerRound {
  int due = 0;
  int published = 0;
  int unconfirmed = 0;
  int queued_again = 0;
  int dead = 0;  // letters sent about jobs that died
  bool idle() const { return due + published + unconfirmed + queued_again + dead == 0; }
};

class Scheduler {
 public:
  Scheduler(JobStore& store, JobPublisher& publisher, Clock& clock, Metrics& metrics, SchedulerOptions options = {});

  // One round: reap, tell of the dead, insert what is due, publish, sweep where it is time. Row first, publish second: what is not
  // confirmed stays for the next round.
  Result<SchedulerRound> run_once();
  // Rounds while the leadership is ours, until stop; errors are logged and the next round tries again.
  void run(Leader& leader, std::stop_token stop);

 private:
  Result<std::int64_t> sweep();
  Result<void> measure_lag();
  void show_lag(double messages, double seconds, double tenants);

  JobStore& store_;
  JobPublisher& publisher_;
  Clock& clock_;
  Metrics& metrics_;
  const SchedulerOptions options_;
  TimePoint next_sweep_, next_lag_;
};

}  // namespace letterlock
