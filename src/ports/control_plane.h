#pragma once

// What the working targets need from `api`. Two implementations, one conformance suite: ControlService in the process
// that holds PostgreSQL (domain/jobs/control_service.h), and HttpControlPlane over /internal/v1 with service tokens
// (targets/api/http_control_plane.h). All calls block; any thread.

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/alert.h"
#include "model/job.h"
#include "model/storage_state.h"

namespace letterlock {

// What one run of one rule cost.
struct RuleRun {
  RuleId rule_id;
  double seconds = 0;
  std::int64_t findings = 0;
  std::string failure;  // why it failed; empty: it did not
};

// Where analysis stands, and which findings it hands back; stored in one PostgreSQL transaction.
struct AnalysisOutcome {
  std::vector<Finding> findings;
  std::int64_t watermark_from = 0;  // the watermark this run started from; refused (conflict) if it moved meanwhile
  std::int64_t watermark_to = 0;
  bool more = false;               // rows above watermark_to are left: insert a continuation job
  std::optional<Error> error;      // set: nothing is stored but the reason; the job is retried
  std::vector<std::string> notes;  // for the operator: rules that failed or were cut at their limit, one sentence each
  std::vector<RuleRun> rule_runs = {};
  // How far the store was ahead of watermark_to when the window was read, at read_at.
  std::int64_t newest_ingest_seq = 0;
  std::optional<TimePoint> oldest_left_at = std::nullopt;  // when the oldest row above watermark_to was stored
  TimePoint read_at = {};
};

// The settings of one rule for one tenant; rules without a row are enabled with their own severity.
struct RuleSetting {
  RuleId rule_id;
  bool enabled = true;
};

struct DataKey {
  std::string bytes;  // 32 bytes; the holder wipes it after use
};

class ControlPlane {
 public:
  virtual ~ControlPlane() = default;

  // Compare-and-set queued → running with a lease. conflict: somebody else has it, or it is done (ack and forget).
  virtual Result<ClaimedJob> claim(const JobMessage& message, const std::string& worker) = 0;
  // Lengthen the lease; conflict: it was given away, stop working.
  virtual Result<TimePoint> renew(const ClaimedJob& job) = 0;
  // Give the job back untouched (the process stops): running → queued, published again at once, attempt not counted.
  virtual Result<void> give_back(const ClaimedJob& job) = 0;

  virtual Result<Connection> get_connection(const ClaimedJob& job) = 0;
  // One transaction: progress, continuation or retry, analysis job, this job's state.
  virtual Result<void> finish_ingestion(const ClaimedJob& job, const SliceOutcome& outcome) = 0;

  virtual Result<std::int64_t> get_watermark(const ClaimedJob& job) = 0;
  virtual Result<std::vector<RuleSetting>> get_rule_settings(const ClaimedJob& job) = 0;
  // One transaction: alerts, sightings, watermark, continuation, this job's state.
  virtual Result<void> finish_analysis(const ClaimedJob& job, const AnalysisOutcome& outcome) = 0;

  // The tenant's unwrapped data key, for `storage` alone.
  virtual Result<DataKey> get_data_key(const TenantId& tenant) = 0;
  // What `storage` just measured, for console and API; kept with the time at which it came.
  virtual Result<void> report_storage(const StorageState& state) = 0;
};

}  // namespace letterlock
