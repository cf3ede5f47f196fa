#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/user.h"

namespace letterlock {

enum class JobKind { ingestion, analysis };
std::string_view to_string(JobKind kind);
std::optional<JobKind> job_kind_from(std::string_view name);

// queued → running → done | queued again (retry, lease ran out) | dead (N tries used up; can be replayed).
enum class JobState { queued, running, done, dead };
std::string_view to_string(JobState state);
std::optional<JobState> job_state_from(std::string_view name);

// What travels over RabbitMQ, and nothing else: the truth is the row.
struct JobMessage {
  JobId job_id;
  TenantId tenant_id;
  ConnectionId connection_id;
  JobKind kind = JobKind::ingestion;
  int attempt = 1;

  friend bool operator==(const JobMessage&, const JobMessage&) = default;
};

// A job that this worker holds until lease_expires_at; lease_id fences: a worker whose lease was given away is refused.
struct ClaimedJob {
  JobMessage message;
  std::string lease_id;
  TimePoint lease_expires_at;
  std::string service_token;  // bearer token for this target and this tenant alone; empty in one process
};

// A tenant's way to one provider. Secrets come decrypted from `api`, are held in memory only and never logged.
struct Connection {
  ConnectionId connection_id;
  TenantId tenant_id;
  ProviderKind provider = ProviderKind::google;
  std::string name;
  std::string settings_json;  // provider-specific, no secrets: base URLs, customer, admin address, Graph tenant, archive paths
  std::string secret_json;    // provider-specific: service-account key, client secret or certificate
  std::vector<std::string> trusted_authserv_ids;  // the receiver's own; empty: no Authentication-Results is believed
  std::int64_t newest_ingest_seq = 0;             // in the tenant's store, as the control plane knew it when it handed this out
};

// How one mailbox stands after a slice; kept in PostgreSQL for the console.
struct MailboxProgress {
  MailboxId mailbox_id;
  std::string address;
  MailboxState state = MailboxState::active;
  std::string reason;                // empty when all is well
  std::int64_t messages_stored = 0;  // added by this slice
  std::int64_t messages_removed = 0;
  std::int64_t messages_set_aside = 0;
  bool was_read = false;   // this slice read its mail, or as much as its limits allow, and all that came is stored
  bool caught_up = false;  // nothing known to be left at the provider
};

// What an ingestion slice hands back; `api` stores it in one transaction.
struct SliceOutcome {
  std::vector<MailboxProgress> mailboxes;
  std::int64_t messages_stored = 0;
  std::int64_t messages_removed = 0;
  std::int64_t messages_set_aside = 0;
  std::int64_t users_seen = 0;
  bool more = false;                         // mail is left: insert a continuation job
  std::optional<TimePoint> not_before;       // of the continuation or retry (throttled, back-off)
  std::int64_t last_ingest_seq = 0;          // newest in the tenant, whoever stored it; above the watermark: insert one analysis job
  std::optional<TimePoint> first_stored_at;  // when this slice's first new row was stored; nullopt: it stored none
  std::optional<Error> error;                // why the slice ended early; kept as the connection's reason
  // Newest in the store when the slice began, where it was less than the control plane knew: a copy was restored. What comes now gets
  // numbers that were judged once, so that the watermark goes back to here.
  std::optional<std::int64_t> went_back_to;
};

}  // namespace letterlock
