#include "targets/scheduler/scheduler.h"

#include <algorithm>
#include <cmath>

#include "base/log.h"

namespace letterlock {
namespace {
constexpr std::chrono::milliseconds notify_wait_max{250};  // so that a stop is noticed soon
}

Scheduler::Scheduler(JobStore& store, JobPublisher& publisher, Clock& clock, Metrics& metrics, SchedulerOptions options)
    : store_(store), publisher_(publisher), clock_(clock), metrics_(metrics), options_(options) {}

Result<SchedulerRound> Scheduler::run_once() {
  SchedulerRound round;
  const auto reaped = TRY(store_.reap());
  round.queued_again = reaped.queued_again;
  // The row is the truth and stays dead; the letter is for whoever watches the broker.
  for (const auto& dead : TRY(store_.dead_untold(options_.publish_max))) {
    LOG(error, "a job died",
        {{"job", dead.message.job_id},
         {"tenant", dead.message.tenant_id},
         {"kind", to_string(dead.message.kind)},
         {"reason", dead.reason}});
    TRY(publisher_.publish_dead(dead.message, dead.reason));
    TRY(store_.mark_told(dead.message.job_id));
    ++round.dead;
  }
  round.due = TRY(store_.insert_due(options_.due_max));

  const auto waiting = TRY(store_.unpublished(options_.publish_max, options_.republish_after));
  if (!waiting.empty()) {
    const auto confirmed = TRY(publisher_.publish(waiting, options_.confirm_timeout));
    std::vector<JobMessage> sure;
    for (std::size_t i = 0; i < waiting.size(); ++i)
      if (confirmed[i]) sure.push_back(waiting[i]);
    TRY(store_.mark_confirmed(sure));
    round.published = static_cast<int>(sure.size());
    round.unconfirmed = static_cast<int>(waiting.size() - sure.size());
  }
  std::int64_t swept = 0;
  if (clock_.now() >= next_sweep_) swept = TRY(sweep());
  if (clock_.now() >= next_lag_) {
    TRY(measure_lag());
    next_lag_ = clock_.now() + options_.lag_every;
  }
  const auto count = [&](std::string_view what, int by) {
    if (by > 0) metrics_.count("letterlock_scheduler_jobs_total", "Jobs that the scheduler handled", {{"what", what}}, by);
  };
  count("due", round.due);
  count("published", round.published);
  count("unconfirmed", round.unconfirmed);
  count("queued_again", round.queued_again);
  count("dead", round.dead);
  if (swept > 0) metrics_.count("letterlock_scheduler_swept_rows_total", "Old rows that the scheduler gave up or deleted", {}, swept);
  return round;
}

Result<std::int64_t> Scheduler::sweep() {
  auto rows = TRY(store_.sweep());
  bool is_more = true;
  for (int batch = 0; is_more && batch < options_.sweep_batches_max; ++batch) {
    const auto swept = TRY(store_.sweep_old(options_.kept, options_.sweep_rows_max));
    rows += swept.jobs + swept.audit + swept.sessions;
    is_more = std::max({swept.jobs, swept.audit, swept.sessions}) >= options_.sweep_rows_max;
  }
  if (!is_more) next_sweep_ = clock_.now() + options_.sweep_every;
  return rows;
}

void Scheduler::show_lag(double messages, double seconds, double tenants) {
  metrics_.gauge("letterlock_analysis_behind_messages",
                 "Stored messages and mailbox settings, of all tenants, that no rule has judged yet; NaN: not measured by this process", {},
                 messages);
  metrics_.gauge("letterlock_analysis_behind_seconds", "Age of the oldest of them; NaN: not measured by this process", {}, seconds);
  metrics_.gauge("letterlock_analysis_behind_tenants", "Tenants that have such; NaN: not measured by this process", {}, tenants);
}

Result<void> Scheduler::measure_lag() {
  const auto lag = TRY(store_.analysis_lag());
  const auto age = lag.behind_since ? std::chrono::duration<double>(clock_.now() - *lag.behind_since).count() : 0;
  show_lag(static_cast<double>(lag.rows_behind), std::max(age, 0.0), static_cast<double>(lag.tenants_behind));
  return {};
}

void Scheduler::run(Leader& leader, std::stop_token stop) {
  bool leading = false, failing = false;
  auto pause = options_.pause;
  while (!stop.stop_requested()) {
    const auto round = [&]() -> Result<SchedulerRound> {
      const bool now_leading = TRY(leader.hold());
      if (now_leading != leading) LOG(info, now_leading ? "leading the scheduler" : "another scheduler leads");
      leading = now_leading;
      metrics_.gauge("letterlock_scheduler_leader", "1 while this process leads", {}, leading ? 1 : 0);
      if (!leading) return SchedulerRound{};
      return run_once();
    }();
    if (!round && !failing)
      write_log(log_level_of(round.error().kind), "the scheduler's round failed", {{"reason", round.error().message}});
    if (round && failing) LOG(info, "the scheduler works again");
    failing = !round;
    // What was measured once is no longer so.
    if (failing || !leading) show_lag(std::nan(""), std::nan(""), std::nan(""));
    pause = round && !round->idle() ? options_.pause : std::min(pause * 2, options_.pause_max);
    const bool more = round && (round->due == options_.due_max || round->published == options_.publish_max);
    if (more) continue;
    // A leader is woken by NOTIFY jobs, so that a continuation or an analysis does not wait for the next look.
    if (leading && round) {
      for (auto left = pause; left.count() > 0 && !stop.stop_requested() && !leader.wait(std::min(left, notify_wait_max));
           left -= notify_wait_max) {
      }
    } else {
      clock_.wait(pause, stop);
    }
  }
  leader.release();
}

}  // namespace letterlock
