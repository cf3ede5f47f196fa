#pragma once

// What the scheduler does with job rows, and its sweep over what is old. Pool with role letterlock_scheduler. All calls block; any thread.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "model/job.h"

namespace letterlock {

struct ReapedJobs {
  int queued_again = 0;
  int dead = 0;  // attempts used up
};

// What is kept of what grows with time alone.
struct KeptFor {
  std::chrono::days jobs{14};  // that are done; dead ones stay until they are replayed
  std::chrono::days audit{400};
};

struct DeadJob {
  JobMessage message;
  std::string reason;
  TimePoint finished_at;
};

// How far the analysis of all tenants is behind what is stored.
struct InstallationLag {
  std::int64_t tenants_behind = 0;
  std::int64_t rows_behind = 0;  // messages and mailbox settings
  std::optional<TimePoint> behind_since;
};

class JobStore {
 public:
  JobStore(postgres::Pool& pool, Clock& clock) : pool_(pool), clock_(clock) {}

  // Insert an ingestion job for every due connection without an active one, at most `limit`; returns how many. Two
  // schedulers never make two. The connection's next turn is set with up to 10 % of jitter.
  Result<int> insert_due(int limit);
  // Queued jobs whose not_before has come and that were never confirmed (or not since republish_after ago), oldest first.
  Result<std::vector<JobMessage>> unpublished(int limit, std::chrono::seconds republish_after);
  Result<void> mark_confirmed(const std::vector<JobMessage>& messages);
  // running with an expired lease → queued with the next attempt, or dead. Then queued jobs of suspended tenants wait, no other does.
  Result<ReapedJobs> reap();
  // Dead jobs of all tenants, oldest first.
  Result<std::vector<DeadJob>> dead(int limit);
  // Those whose dead letter the broker has not confirmed, whoever let them die.
  Result<std::vector<DeadJob>> dead_untold(int limit);
  Result<void> mark_told(const JobId& job);
  // dead → queued, attempt 1. conflict: it is not dead, or another job of its connection or tenant is active.
  Result<JobMessage> replay(const JobId& job);
  // Give up and delete what is too old or too much in other tables (sweep() of 0003_console.sql says what); how many rows.
  Result<std::int64_t> sweep();
  // Delete done jobs and audit entries that are older, and expired sessions: at most `most` rows of each, the oldest first, in one
  // transaction; how many rows of each. That many of one: more may be left.
  struct Swept {
    std::int64_t jobs = 0, audit = 0, sessions = 0;
  };
  Result<Swept> sweep_old(const KeptFor& kept, int most);
  // Over all active tenants.
  Result<InstallationLag> analysis_lag();

 private:
  Result<std::vector<DeadJob>> dead_where(const std::string& condition, int limit);

  postgres::Pool& pool_;
  Clock& clock_;
};

// Leadership by a session's advisory lock: lost with the connection, so never held by two. Owned by the scheduler's loop, one thread.
class Leader {
 public:
  explicit Leader(std::string url);
  ~Leader();
  // Take or keep the leadership: true while it is ours. unavailable: PostgreSQL cannot be reached.
  Result<bool> hold();
  void release();
  // Wait until somebody says that there is a job to publish (NOTIFY jobs): true; or until the time is over: false.
  bool wait(std::chrono::milliseconds timeout);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace letterlock
