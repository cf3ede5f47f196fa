#include "domain/alerts/alert_service.h"

#include <algorithm>
#include <set>

#include "domain/alerts/alert_rows.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::size_t note_bytes_max = 10'000;
constexpr std::size_t alerts_at_once_max = 200;
constexpr int sightings_max = 200;
constexpr int events_max = 200;

Error no_alert(const AlertId& alert) { return {.kind = ErrorKind::not_found, .message = "alert " + alert.str() + " does not exist"}; }

AlertSighting sighting_of(const Row& row) {
  return {.mailbox_id = MailboxId(row.text(0)),
          .provider_message_id = ProviderMessageId(row.text(1)),
          .message_id = row.text(2),
          .subject = row.text(3),
          .message_subject = row.text(4),
          .observed_at = row.time(5).value_or(TimePoint{})};
}

constexpr std::string_view sighting_columns = "SELECT mailbox_id, provider_message_id, message_id, subject, message_subject, observed_at ";

Result<std::vector<AlertSighting>> sightings_of(Transaction& transaction, const TenantId& tenant, const AlertId& alert, int limit) {
  const auto rows =
      TRY(transaction.run(std::string(sighting_columns) + "FROM alert_sightings WHERE tenant_id = $1::uuid AND alert_id = $2::uuid "
                                                          "ORDER BY observed_at DESC, mailbox_id, provider_message_id LIMIT $3::int",
                          {tenant, alert, limit}));
  std::vector<AlertSighting> sightings;
  for (const Row& row : rows.rows) sightings.push_back(sighting_of(row));
  return sightings;
}

Result<std::vector<AlertEvent>> history_of(Transaction& transaction, const TenantId& tenant, const AlertId& alert) {
  const auto rows = TRY(transaction.run(
      "SELECT kind, status, assignee, feedback, note, actor, at FROM alert_events WHERE tenant_id = $1::uuid AND alert_id = $2::uuid "
      "ORDER BY event_id DESC LIMIT $3::int",
      {tenant, alert, events_max}));
  const auto text = [](const Row& row, std::size_t column) { return row.is_null(column) ? std::nullopt : std::optional(row.text(column)); };
  std::vector<AlertEvent> events;
  for (const Row& row : rows.rows)
    events.push_back({.kind = row.text(0),
                      .status = text(row, 1),
                      .assignee = text(row, 2),
                      .feedback = text(row, 3),
                      .note = text(row, 4),
                      .actor = row.text(5),
                      .at = row.time(6).value_or(TimePoint{})});
  return events;
}

Result<void> check(const AlertChange& change) {
  if (!change.status && !change.note && !change.assignee_id && !change.feedback)
    return fail(ErrorKind::invalid, "Nothing to change: send a status, an assignee_id, a feedback or a note.");
  if (change.status && !std::ranges::contains(alert_statuses, *change.status))
    return fail(ErrorKind::invalid, "status: open, in_progress, resolved or dismissed");
  if (change.feedback && *change.feedback && **change.feedback != "fraud" && **change.feedback != "not_fraud")
    return fail(ErrorKind::invalid, "feedback: fraud, not_fraud or null");
  if (change.note && (change.note->empty() || change.note->size() > note_bytes_max))
    return fail(ErrorKind::invalid, "note: 1 to 10,000 bytes");
  return {};
}

// The assignee's address; empty for nobody.
Result<std::string> address_of(Transaction& transaction, const TenantId& tenant, const std::optional<PersonId>& person) {
  if (!person) return std::string();
  if (is_uuid(person->str())) {
    const auto rows =
        TRY(transaction.run("SELECT email FROM people WHERE tenant_id = $1::uuid AND person_id = $2::uuid FOR SHARE", {tenant, *person}));
    if (!rows.empty()) return rows.front().text(0);
  }
  return fail(ErrorKind::not_found, "assignee_id: nobody of the company has it");
}

struct Moves {
  bool status = false, assignee = false, feedback = false;
  bool any() const { return status || assignee || feedback; }
};

// What of the change is not so yet, for one row that is locked.
Moves moves_of(const Row& row, const AlertChange& change) {
  const auto text = [&](std::size_t column) { return row.is_null(column) ? std::string() : row.text(column); };
  Moves moves;
  moves.status = change.status && *change.status != text(1);
  moves.assignee = change.assignee_id && change.assignee_id->value_or(PersonId()).str() != text(2);
  moves.feedback = change.feedback && change.feedback->value_or("") != text(3);
  return moves;
}

Result<void> store_change(Transaction& transaction, const TenantId& tenant, const std::string& alert, const AlertChange& change,
                          TimePoint now) {
  std::optional<std::string> assignee, feedback;
  if (change.assignee_id && *change.assignee_id) assignee = (*change.assignee_id)->str();
  if (change.feedback) feedback = *change.feedback;
  TRY(transaction.run(
      "UPDATE alerts SET status = coalesce($3, status), assignee_id = CASE WHEN $4::boolean THEN $5::uuid ELSE assignee_id END, "
      "feedback = CASE WHEN $6::boolean THEN $7 ELSE feedback END, decided_at = CASE WHEN $3 IN ('resolved', 'dismissed') THEN "
      "coalesce(decided_at, $8::timestamptz) ELSE decided_at END, notes = CASE WHEN $9::text IS NULL THEN notes ELSE "
      "right(notes || ' ' || $9, 20000) END, updated_at = $8::timestamptz WHERE tenant_id = $1::uuid AND alert_id = $2::uuid",
      {tenant, alert, change.status, change.assignee_id.has_value(), assignee, change.feedback.has_value(), feedback, now, change.note}));
  return {};
}

}  // namespace

Result<AlertDetail> AlertService::get(const TenantId& tenant, const AlertId& alert) {
  if (!is_uuid(alert.str())) return fail(no_alert(alert));
  return pool_.compute<AlertDetail>(tenant.str(), [&](Transaction& transaction) -> Result<AlertDetail> {
    const auto rows = TRY(transaction.run(std::string(alert_columns) + ", a.evidence, a.query_sql, a.query_parameters" +
                                              std::string(alert_tables) + " AND a.alert_id = $2::uuid",
                                          {tenant, alert}));
    if (rows.empty()) return fail(no_alert(alert));
    AlertDetail detail{.alert = alert_of(rows.front())};
    Finding& newest = detail.alert.newest;
    newest.evidence_json = rows.front().text(alert_column_count);
    newest.query_sql = rows.front().text(alert_column_count + 1);
    newest.query_parameters_json = rows.front().text(alert_column_count + 2);
    detail.sightings = TRY(sightings_of(transaction, tenant, alert, sightings_max));
    detail.history = TRY(history_of(transaction, tenant, alert));
    if (!detail.sightings.empty()) {
      newest.mailbox_id = detail.sightings.front().mailbox_id;
      newest.provider_message_id = detail.sightings.front().provider_message_id;
      newest.message_id = detail.sightings.front().message_id;
    }
    const auto suppressions = TRY(transaction.run(
        "SELECT suppression_id FROM suppressions WHERE tenant_id = $1::uuid AND until > $2::timestamptz AND (rule_id IS NULL OR rule_id = "
        "$3) AND (entity IS NULL OR entity = $4) AND (subject IS NULL OR subject = $5) AND (dedup_key IS NULL OR dedup_key = $6) ORDER BY "
        "1",
        {tenant, clock_.now(), newest.rule_id, newest.entity, newest.subject, newest.dedup_key}));
    for (const Row& row : suppressions.rows) detail.suppression_ids.push_back(row.text(0));
    return detail;
  });
}

Result<AlertSighting> AlertService::sighting(const TenantId& tenant, const AlertId& alert,
                                             const std::optional<std::pair<MailboxId, ProviderMessageId>>& key) {
  if (!is_uuid(alert.str())) return fail(no_alert(alert));
  return pool_.compute<AlertSighting>(tenant.str(), [&](Transaction& transaction) -> Result<AlertSighting> {
    if (!key) {
      auto newest = TRY(sightings_of(transaction, tenant, alert, 1));
      if (newest.empty()) return fail(no_alert(alert));
      return std::move(newest.front());
    }
    const auto rows =
        TRY(transaction.run(std::string(sighting_columns) + "FROM alert_sightings WHERE tenant_id = $1::uuid AND alert_id = $2::uuid AND "
                                                            "mailbox_id = $3 AND provider_message_id = $4",
                            {tenant, alert, key->first, key->second}));
    if (rows.empty()) return fail(ErrorKind::not_found, "alert " + alert.str() + " has no such sighting");
    return sighting_of(rows.front());
  });
}

Result<std::vector<AlertId>> AlertService::alerts_of(const TenantId& tenant,
                                                     const std::vector<std::pair<MailboxId, ProviderMessageId>>& messages) {
  std::vector<std::string> mailboxes, ids;
  for (const auto& [mailbox, message] : messages) {
    mailboxes.push_back(mailbox.str());
    ids.push_back(message.str());
  }
  return pool_.compute<std::vector<AlertId>>(tenant.str(), [&](Transaction& transaction) -> Result<std::vector<AlertId>> {
    const auto rows = TRY(transaction.run(
        "SELECT (SELECT s.alert_id FROM alert_sightings s WHERE s.tenant_id = $1::uuid AND s.mailbox_id = wanted.mailbox_id AND "
        "s.provider_message_id = wanted.message_id ORDER BY s.observed_at DESC, s.alert_id LIMIT 1) "
        "FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS wanted (mailbox_id, message_id, place) ORDER BY place",
        {tenant, postgres::to_text_array(mailboxes), postgres::to_text_array(ids)}));
    std::vector<AlertId> alerts;
    for (const Row& row : rows.rows) alerts.emplace_back(row.text(0));
    return alerts;
  });
}

Result<int> AlertService::change(const TenantId& tenant, const std::vector<AlertId>& alerts, const AlertChange& change,
                                 const std::string& actor) {
  TRY(check(change));
  if (alerts.empty() || alerts.size() > alerts_at_once_max) return fail(ErrorKind::invalid, "alert_ids: 1 to 200");
  std::set<std::string> ids;  // in one order, so that two bulk changes cannot wait for each other
  for (const auto& alert : alerts) {
    if (!is_uuid(alert.str())) return fail(no_alert(alert));
    ids.insert(alert.str());
  }
  const auto now = clock_.now();
  return pool_.compute<int>(tenant.str(), [&](Transaction& transaction) -> Result<int> {
    const auto assignee = change.assignee_id ? std::optional(TRY(address_of(transaction, tenant, *change.assignee_id))) : std::nullopt;
    int changed = 0;
    for (const auto& id : ids) {
      const auto rows = TRY(transaction.run(
          "SELECT alert_id, status, assignee_id, feedback FROM alerts WHERE tenant_id = $1::uuid AND alert_id = $2::uuid FOR UPDATE",
          {tenant, id}));
      if (rows.empty()) return fail(no_alert(AlertId(id)));
      const auto moves = moves_of(rows.front(), change);
      if (!moves.any() && !change.note) continue;  // as it was: no history, and the version stays
      ++changed;
      TRY(store_change(transaction, tenant, id, change, now));
      const auto* kind = moves.status ? "status" : moves.assignee ? "assignee" : moves.feedback ? "feedback" : "note";
      const auto feedback = change.feedback ? std::optional(change.feedback->value_or("")) : std::nullopt;
      TRY(
          transaction.run("INSERT INTO alert_events (tenant_id, alert_id, kind, status, assignee, feedback, note, actor, at) VALUES "
                          "($1::uuid, $2::uuid, $3, $4, $5, $6, $7, $8, $9::timestamptz)",
                          {tenant, id, kind, moves.status ? change.status : std::nullopt, moves.assignee ? assignee : std::nullopt,
                           moves.feedback ? feedback : std::nullopt, change.note, actor, now}));
    }
    if (changed > 0) TRY(transaction.run("UPDATE tenants SET alerts_version = alerts_version + 1 WHERE tenant_id = $1::uuid", {tenant}));
    return changed;
  });
}

}  // namespace letterlock
