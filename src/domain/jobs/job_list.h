#pragma once

// The jobs of one tenant, as its people see them. Pool with role letterlock_api. Any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/job.h"

namespace letterlock {

// What an ingestion job's slice brought; known when it ends.
struct JobProgress {
  std::int64_t messages_stored = 0, messages_removed = 0, messages_set_aside = 0, users_seen = 0;
};

struct JobStatus {
  JobId job_id;
  std::optional<ConnectionId> connection_id;
  JobKind kind = JobKind::ingestion;
  JobState state = JobState::queued;
  int attempt = 1;
  int attempts_max = 1;
  std::string reason;
  std::optional<TimePoint> not_before;  // queued: it waits until then
  TimePoint created_at;
  std::optional<TimePoint> started_at;
  std::optional<TimePoint> finished_at;
  std::optional<JobProgress> progress;
};

struct JobFilter {
  std::optional<JobState> state;
  std::optional<JobKind> kind;
  std::optional<ConnectionId> connection_id;
  std::optional<std::string> cursor;
  int limit = 50;  // at most 1,000
};

struct JobPage {
  std::vector<JobStatus> jobs;  // the newest first
  std::optional<std::string> next_cursor;
};

class JobList {
 public:
  JobList(postgres::Pool& pool, Clock& clock) : pool_(pool), clock_(clock) {}
  Result<JobPage> list(const TenantId& tenant, const JobFilter& filter);
  Result<JobStatus> get(const TenantId& tenant, const JobId& job);
  // The queued or running jobs of the tenant's connections.
  Result<std::vector<JobStatus>> active(const TenantId& tenant);
  // dead → queued, attempt 1. conflict: it is not dead, or another job of its connection or tenant is active.
  Result<void> replay(const TenantId& tenant, const JobId& job);

 private:
  postgres::Pool& pool_;
  Clock& clock_;
};

}  // namespace letterlock
