#pragma once

// A tenant's alerts, as people read and work on them. Pool with role letterlock_api. Any thread.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/alert.h"

namespace letterlock {

struct Assignee {
  PersonId person_id;
  std::string email;
};

struct Alert {
  AlertId alert_id;
  Finding newest;  // the newest sighting's finding
  std::string status;
  std::int64_t sightings = 0;
  TimePoint first_seen_at;
  TimePoint last_seen_at;
  std::optional<Assignee> assignee = std::nullopt;
  std::optional<std::string> feedback = std::nullopt;  // fraud, not_fraud
  bool names_payment_instrument = false;               // a bank account is part of the evidence
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
  std::string kind;  // created, status, note, assignee, feedback
  std::optional<std::string> status;
  std::optional<std::string> assignee;  // e-mail address; empty: nobody's from then on
  std::optional<std::string> feedback;  // empty: taken back
  std::optional<std::string> note;
  std::string actor;
  TimePoint at;
};

struct AlertDetail {
  Alert alert;
  std::vector<AlertSighting> sightings;      // the newest first, at most 200
  std::vector<AlertEvent> history;           // the newest first, at most 200
  std::vector<std::string> suppression_ids;  // that hold now and whose key it has
};

// Filters narrow each other; a list of values means any of them, an empty one all.
struct AlertFilter {
  std::vector<std::string> statuses;
  std::vector<std::string> severities;
  std::optional<std::string> rule_id;
  std::optional<std::string> assignee;  // a person's id, or "none"
  std::optional<std::string> subject;
  std::optional<std::string> entity;    // an address; or a domain, which finds its addresses too
  std::optional<std::string> feedback;  // fraud, not_fraud, none
  std::optional<bool> names_payment_instrument;
  std::optional<TimePoint> seen_from;  // of last_seen_at, inclusive
  std::optional<TimePoint> seen_to;    // exclusive
  std::optional<std::string> search;   // words, each by its beginning; with more than status and severity: among the newest 5,000 matches
  std::optional<std::string> cursor;
  int limit = 50;
};

struct AlertPage {
  std::vector<Alert> alerts;  // the newest first
  std::optional<std::string> next_cursor;
};

struct AlertNews {
  std::string version;            // changes whenever any alert of the tenant changes
  std::optional<AlertPage> page;  // of that version or a later one; nothing where the version was known
};

// What a person wants to be so; what is not set stays.
struct AlertChange {
  std::optional<std::string> status;
  std::optional<std::string> note;                     // 1 to 10,000 bytes
  std::optional<std::optional<PersonId>> assignee_id;  // set and empty: nobody's
  std::optional<std::optional<std::string>> feedback;  // set and empty: taken back
};

class AlertService {
 public:
  AlertService(postgres::Pool& pool, Clock& clock) : pool_(pool), clock_(clock) {}

  Result<AlertPage> list(const TenantId& tenant, const AlertFilter& filter);  // alert_list.cpp
  // The list as a poll asks for it: where the version is known, one row is read.
  Result<AlertNews> news(const TenantId& tenant, const AlertFilter& filter, const std::function<bool(const std::string&)>& is_known);
  Result<AlertDetail> get(const TenantId& tenant, const AlertId& alert);
  // One sighting, or without a key the newest. not_found: no such alert, or it names no message.
  Result<AlertSighting> sighting(const TenantId& tenant, const AlertId& alert,
                                 const std::optional<std::pair<MailboxId, ProviderMessageId>>& key);
  // All of them in one transaction; how many were not so before. invalid: nothing to change, an unknown value; not_found: one alert,
  // or the assignee, does not exist: none is changed.
  Result<int> change(const TenantId& tenant, const std::vector<AlertId>& alerts, const AlertChange& change, const std::string& actor);
  // The alerts that have one of these messages as a sighting, in the messages' order; empty where there is none.
  Result<std::vector<AlertId>> alerts_of(const TenantId& tenant, const std::vector<std::pair<MailboxId, ProviderMessageId>>& messages);

 private:
  postgres::Pool& pool_;
  Clock& clock_;
};

}  // namespace letterlock
