#pragma once

// What the operator sees and does over all tenants: states and counts, no content. Pool with role letterlock_api. Any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "domain/tenants/mailbox_list.h"
#include "domain/tenants/storage_health.h"
#include "model/job.h"

namespace letterlock {

struct TenantStatus {
  TenantId tenant_id;
  std::string name;
  std::string state;  // active, suspended
  TimePoint created_at;
  std::int64_t connections = 0;
  std::int64_t connections_broken = 0;
  std::int64_t mailboxes_total = 0;
  std::int64_t mailboxes_failed = 0;
  std::int64_t jobs_dead = 0;
  std::optional<TimePoint> last_sync_at;
  std::int64_t alerts_open = 0;
};

struct TenantHealth {
  TenantStatus tenant;
  Coverage coverage;
  std::int64_t people = 0;
  std::int64_t owners = 0;  // 0: nobody has accepted an invitation yet
};

struct TenantChange {
  std::optional<std::string> name;
  std::optional<std::string> state;  // active, suspended
};

struct QueueStatus {
  JobKind kind = JobKind::ingestion;
  std::int64_t queued = 0;   // to be done now
  std::int64_t waiting = 0;  // queued for later
  std::int64_t running = 0;
  std::int64_t dead = 0;
  std::int64_t done_last_hour = 0;
  std::optional<TimePoint> oldest_queued_at;  // since when it could have begun
};

struct Installation {
  std::int64_t tenants = 0;
  std::int64_t tenants_suspended = 0;
  std::vector<QueueStatus> queues;
  StorageHealth storage;
  std::int64_t tenants_behind = 0;                 // whose analysis is behind what is stored
  std::int64_t rows_behind = 0;                    // of all of them: messages and mailbox settings
  std::optional<TimePoint> analysis_behind_since;  // when the oldest of those was stored
};

struct InstallationJob {
  JobId job_id;
  TenantId tenant_id;
  std::string tenant_name;
  std::optional<ConnectionId> connection_id;
  JobKind kind = JobKind::ingestion;
  JobState state = JobState::queued;
  int attempt = 1;
  std::string reason;
  TimePoint created_at;
  std::optional<TimePoint> finished_at;
};

struct InstallationJobFilter {
  std::optional<JobState> state;
  std::optional<TenantId> tenant_id;
  std::optional<std::string> cursor;
  int limit = 50;
};

struct InstallationJobPage {
  std::vector<InstallationJob> jobs;  // the newest first
  std::optional<std::string> next_cursor;
};

class InstallationService {
 public:
  InstallationService(postgres::Pool& pool, Clock& clock) : pool_(pool), clock_(clock), mailboxes_(pool) {}

  Result<std::vector<TenantStatus>> tenants();  // by name
  Result<TenantHealth> health(const TenantId& tenant);
  // Suspended: nobody of it signs in, no job is made or started; what runs may end. Active again: its jobs go on.
  Result<void> change(const TenantId& tenant, const TenantChange& change);
  Result<Installation> installation();
  Result<InstallationJobPage> jobs(const InstallationJobFilter& filter);
  Result<TenantId> tenant_of(const JobId& job);

 private:
  postgres::Pool& pool_;
  Clock& clock_;
  MailboxList mailboxes_;
};

}  // namespace letterlock
