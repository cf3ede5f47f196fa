#pragma once

// A tenant's alerts, as people read and work on them. Pool with role letterlock_api. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/alert.h"

namespace letterlock {

struct Alert {
  AlertId alert_id;
  Finding newest;  // the newest sighting's finding
  std::string status;
  std::int64_t sightings = 0;
  TimePoint first_seen_at;
  TimePoint last_seen_at;
};

struct AlertSighting {
  MailboxId mailbox_id;
  ProviderMessageId provider_message_id;
  std::string message_id;
  std::string subject;
  std::string message_subject;
  TimePoint observed_at;
};

struct AlertEvent {
  std::string kind;  // created, status, note
  std::optional<std::string> status;
  std::optional<std::string> note;
  std::string actor;
  TimePoint at;
};

struct AlertDetail {
  Alert alert;
  std::vector<AlertSighting> sightings;  // the newest first, at most 200
  std::vector<AlertEvent> history;       // the newest first
};

struct AlertFilter {
  std::optional<std::string> status;
  std::optional<std::string> severity;
  std::optional<std::string> rule_id;
  std::optional<std::string> cursor;
  int limit = 50;
};

struct AlertPage {
  std::vector<Alert> alerts;  // the newest first
  std::optional<std::string> next_cursor;
};

class AlertService {
 public:
  AlertService(postgres::Pool& pool, Clock& clock) : pool_(pool), clock_(clock) {}

  // Changes whenever any alert of the tenant changes; one row read.
  Result<std::string> version(const TenantId& tenant);
  Result<AlertPage> list(const TenantId& tenant, const AlertFilter& filter);
  Result<AlertDetail> get(const TenantId& tenant, const AlertId& alert);
  // invalid: an unknown status, or neither status nor note.
  Result<void> change(const TenantId& tenant, const AlertId& alert, std::optional<std::string> status, std::optional<std::string> note,
                      const std::string& actor);

 private:
  postgres::Pool& pool_;
  Clock& clock_;
};

}  // namespace letterlock
