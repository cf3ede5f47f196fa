#include "domain/alerts/alert_service.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::array<std::string_view, 4> statuses{"open", "in_progress", "resolved", "dismissed"};
constexpr std::size_t note_bytes_max = 10'000;
constexpr int sightings_max = 200;
constexpr int events_max = 200;

// The last alert of a page: pages are cut by (last_seen_at, alert_id), so that what arrives meanwhile moves nothing.
struct Place {
  TimePoint last_seen_at;
  std::string alert_id;
};

std::string cursor_of(const Alert& alert) {
  return to_base64url(std::to_string(to_unix_micros(alert.last_seen_at)) + ":" + alert.alert_id.str());
}

Result<Place> place_of(const std::string& cursor) {
  const auto refused = [] {
    return fail(Error{.kind = ErrorKind::invalid, .message = "cursor: not one of this list's", .code = "cursor"});
  };
  const auto text = from_base64(cursor);
  if (!text) return refused();
  const auto colon = text->find(':');
  if (colon == std::string::npos || !is_uuid(text->substr(colon + 1))) return refused();
  // Times within PostgreSQL's reach alone: the years 1970 to 9999.
  std::int64_t micros = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + colon, micros);
  if (problem != std::errc{} || end != text->data() + colon || micros < 0 || micros > 253'402'300'799'000'000) return refused();
  return Place{.last_seen_at = from_unix_micros(micros), .alert_id = text->substr(colon + 1)};
}

Error no_alert(const AlertId& alert) { return {.kind = ErrorKind::not_found, .message = "alert " + alert.str() + " does not exist"}; }

// What a list shows; get() adds evidence and query.
constexpr std::string_view list_columns =
    "SELECT alert_id, rule_id, rule_version, title, severity, attack_technique, subject, entity, last_seen_at, confidence, dedup_key, "
    "message_subject, status, sightings, first_seen_at";

Alert alert_of(const Row& row) {
  Alert alert{.alert_id = AlertId(row.text(0)),
              .status = row.text(12),
              .sightings = row.integer(13),
              .first_seen_at = row.time(14).value_or(TimePoint{}),
              .last_seen_at = row.time(8).value_or(TimePoint{})};
  alert.newest = {.rule_id = RuleId(row.text(1)),
                  .rule_version = row.text(2),
                  .title = row.text(3),
                  .severity = severity_from(row.text(4)).value_or(Severity::medium),
                  .attack_technique = row.text(5),
                  .subject = row.text(6),
                  .entity = row.text(7),
                  .observed_at = alert.last_seen_at,
                  .confidence = row.number(9),
                  .dedup_key = row.text(10),
                  .message_subject = row.text(11)};
  return alert;
}

Result<std::vector<AlertSighting>> sightings_of(Transaction& transaction, const TenantId& tenant, const AlertId& alert) {
  const auto rows = TRY(transaction.run(
      "SELECT mailbox_id, provider_message_id, message_id, subject, message_subject, observed_at FROM alert_sightings "
      "WHERE tenant_id = $1::uuid AND alert_id = $2::uuid ORDER BY observed_at DESC, mailbox_id, provider_message_id LIMIT $3::int",
      {tenant, alert, sightings_max}));
  std::vector<AlertSighting> sightings;
  for (const Row& row : rows.rows)
    sightings.push_back({.mailbox_id = MailboxId(row.text(0)),
                         .provider_message_id = ProviderMessageId(row.text(1)),
                         .message_id = row.text(2),
                         .subject = row.text(3),
                         .message_subject = row.text(4),
                         .observed_at = row.time(5).value_or(TimePoint{})});
  return sightings;
}

Result<std::vector<AlertEvent>> history_of(Transaction& transaction, const TenantId& tenant, const AlertId& alert) {
  const auto rows =
      TRY(transaction.run("SELECT kind, status, note, actor, at FROM alert_events WHERE tenant_id = $1::uuid AND alert_id = $2::uuid "
                          "ORDER BY event_id DESC LIMIT $3::int",
                          {tenant, alert, events_max}));
  const auto text = [](const Row& row, std::size_t column) { return row.is_null(column) ? std::nullopt : std::optional(row.text(column)); };
  std::vector<AlertEvent> events;
  for (const Row& row : rows.rows)
    events.push_back(
        {.kind = row.text(0), .status = text(row, 1), .note = text(row, 2), .actor = row.text(3), .at = row.time(4).value_or(TimePoint{})});
  return events;
}

}  // namespace

Result<std::string> AlertService::version(const TenantId& tenant) {
  return pool_.compute<std::string>(tenant.str(), [&](Transaction& transaction) -> Result<std::string> {
    const auto rows = TRY(transaction.run("SELECT alerts_version FROM tenants WHERE tenant_id = $1::uuid", {tenant}));
    if (rows.empty()) return fail(ErrorKind::not_found, "tenant " + tenant.str() + " does not exist");
    return rows.front().text(0);
  });
}

Result<AlertPage> AlertService::list(const TenantId& tenant, const AlertFilter& filter) {
  if (filter.limit < 1 || filter.limit > 1000) return fail(ErrorKind::invalid, "limit: 1 to 1000");
  std::string sql = std::string(list_columns) + " FROM alerts WHERE tenant_id = $1::uuid";
  std::vector<postgres::Param> params{tenant};
  const auto add = [&](postgres::Param value) {
    params.push_back(std::move(value));
    return "$" + std::to_string(params.size());
  };
  if (filter.status) sql += " AND status = " + add(*filter.status);
  if (filter.severity) sql += " AND severity = " + add(*filter.severity);
  if (filter.rule_id) sql += " AND rule_id = " + add(*filter.rule_id);
  if (filter.cursor) {
    const auto place = TRY(place_of(*filter.cursor));
    const auto time = add(place.last_seen_at);
    sql += " AND (last_seen_at, alert_id) < (" + time + "::timestamptz, " + add(place.alert_id) + "::uuid)";
  }
  // One more than asked for tells whether there is a next page.
  sql += " ORDER BY last_seen_at DESC, alert_id DESC LIMIT " + add(filter.limit + 1) + "::int";
  return pool_.compute<AlertPage>(tenant.str(), [&](Transaction& transaction) -> Result<AlertPage> {
    AlertPage page;
    for (const Row& row : TRY(transaction.run(sql, params)).rows) page.alerts.push_back(alert_of(row));
    if (page.alerts.size() > static_cast<std::size_t>(filter.limit)) {
      page.alerts.pop_back();
      page.next_cursor = cursor_of(page.alerts.back());
    }
    return page;
  });
}

Result<AlertDetail> AlertService::get(const TenantId& tenant, const AlertId& alert) {
  if (!is_uuid(alert.str())) return fail(no_alert(alert));
  return pool_.compute<AlertDetail>(tenant.str(), [&](Transaction& transaction) -> Result<AlertDetail> {
    const auto rows = TRY(transaction.run(std::string(list_columns) +
                                              ", evidence, query_sql, query_parameters FROM alerts WHERE tenant_id = $1::uuid AND "
                                              "alert_id = $2::uuid",
                                          {tenant, alert}));
    if (rows.empty()) return fail(no_alert(alert));
    AlertDetail detail{.alert = alert_of(rows.front())};
    Finding& newest = detail.alert.newest;
    newest.evidence_json = rows.front().text(15);
    newest.query_sql = rows.front().text(16);
    newest.query_parameters_json = rows.front().text(17);
    detail.sightings = TRY(sightings_of(transaction, tenant, alert));
    detail.history = TRY(history_of(transaction, tenant, alert));
    if (!detail.sightings.empty()) {
      newest.mailbox_id = detail.sightings.front().mailbox_id;
      newest.provider_message_id = detail.sightings.front().provider_message_id;
      newest.message_id = detail.sightings.front().message_id;
    }
    return detail;
  });
}

Result<void> AlertService::change(const TenantId& tenant, const AlertId& alert, std::optional<std::string> status,
                                  std::optional<std::string> note, const std::string& actor) {
  if (note && note->empty()) note.reset();
  if (!status && !note) return fail(ErrorKind::invalid, "neither status nor note");
  if (status && !std::ranges::contains(statuses, *status))
    return fail(ErrorKind::invalid, "status: open, in_progress, resolved or dismissed");
  if (note && note->size() > note_bytes_max) return fail(ErrorKind::invalid, "note: longer than 10,000 bytes");
  if (!is_uuid(alert.str())) return fail(no_alert(alert));
  const auto now = clock_.now();
  return pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    const auto rows =
        TRY(transaction.run("SELECT status FROM alerts WHERE tenant_id = $1::uuid AND alert_id = $2::uuid FOR UPDATE", {tenant, alert}));
    if (rows.empty()) return fail(no_alert(alert));
    const bool moves = status && *status != rows.front().text(0);
    if (!moves && !note) return {};  // as it was: no history, and the version stays
    if (moves)
      TRY(transaction.run("UPDATE alerts SET status = $3, updated_at = $4::timestamptz WHERE tenant_id = $1::uuid AND alert_id = $2::uuid",
                          {tenant, alert, *status, now}));
    TRY(
        transaction.run("INSERT INTO alert_events (tenant_id, alert_id, kind, status, note, actor, at) VALUES ($1::uuid, $2::uuid, $3, $4, "
                        "$5, $6, $7::timestamptz)",
                        {tenant, alert, moves ? "status" : "note", moves ? status : std::nullopt, note, actor, now}));
    TRY(transaction.run("UPDATE tenants SET alerts_version = alerts_version + 1 WHERE tenant_id = $1::uuid", {tenant}));
    return {};
  });
}

}  // namespace letterlock
