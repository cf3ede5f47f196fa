#pragma once

// The mailboxes of a tenant as reading left them, and whether all of them are really being read. Pool with role letterlock_api. Any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/user.h"

namespace letterlock {

struct Mailbox {
  MailboxId mailbox_id;
  ConnectionId connection_id;
  std::string address;
  MailboxState state = MailboxState::active;
  std::string reason;  // empty when all is well
  std::int64_t messages_stored = 0;
  std::int64_t messages_set_aside = 0;
  bool caught_up = false;
  std::optional<TimePoint> updated_at;
  std::optional<TimePoint> last_read_at;  // all that came then is stored; updated_at also moves when that failed
};

struct MailboxFilter {
  std::optional<ConnectionId> connection_id;
  std::vector<std::string> states;  // any of them; none: all
  std::optional<bool> caught_up;
  std::optional<std::string> search;  // part of the address
  std::optional<std::string> cursor;
  int limit = 50;  // at most 1,000
};

struct MailboxPage {
  std::vector<Mailbox> mailboxes;  // by address
  std::optional<std::string> next_cursor;
};

struct MailboxCounts {
  std::int64_t total = 0, caught_up = 0;
  std::int64_t reading = 0;  // active and not caught up
  std::int64_t no_mailbox = 0, suspended = 0, failed = 0;
};
struct ConnectionCounts {
  std::int64_t total = 0, active = 0, syncing = 0, stalled = 0, broken = 0, paused = 0;
};
struct JobCounts {
  std::int64_t queued = 0, running = 0, dead = 0;
};

// How far the analysis is behind what is stored: messages and mailbox settings that no rule has judged yet.
struct AnalysisLag {
  std::int64_t rows_behind = 0;
  std::optional<TimePoint> behind_since;  // when the oldest of them was stored
  std::string problem;                    // why the last analysis failed; empty: it did not
};

struct Coverage {
  bool is_covered = false;  // a connection, none stalled, broken or paused, every active mailbox caught up, none failed, room to store mail
  MailboxCounts mailboxes;
  ConnectionCounts connections;
  std::int64_t messages_stored = 0;
  std::int64_t messages_set_aside = 0;
  std::optional<TimePoint> last_sync_at;
  JobCounts jobs;
  AnalysisLag analysis;
  std::string storage_state = "unknown";  // StorageHealth's
  std::optional<TimePoint> storage_reported_at;
};

class MailboxList {
 public:
  explicit MailboxList(postgres::Pool& pool) : pool_(pool) {}
  // not_found: the filter's connection does not exist.
  Result<MailboxPage> list(const TenantId& tenant, const MailboxFilter& filter);
  Result<Coverage> coverage(const TenantId& tenant);

 private:
  postgres::Pool& pool_;
};

}  // namespace letterlock
