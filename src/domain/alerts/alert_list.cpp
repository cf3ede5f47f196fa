#include <algorithm>
#include <array>

#include "base/page_cursor.h"
#include "domain/alerts/alert_rows.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr int limit_max = 1'000;
constexpr int search_matches_max = 5'000;

}  // namespace

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
  if (!row.is_null(15)) alert.assignee = Assignee{.person_id = PersonId(row.text(15)), .email = row.text(16)};
  if (!row.is_null(17)) alert.feedback = row.text(17);
  alert.names_payment_instrument = row.boolean(18);
  return alert;
}

Result<AlertStatement> alert_list_statement(const TenantId& tenant, const AlertFilter& filter) {
  if (filter.limit < 1 || filter.limit > limit_max) return fail(ErrorKind::invalid, "limit: 1 to 1000");
  AlertStatement statement{.sql = std::string(alert_columns) + std::string(alert_tables), .params = {tenant}};
  const auto add = [&](postgres::Param value) {
    statement.params.push_back(std::move(value));
    return "$" + std::to_string(statement.params.size());
  };
  const auto any_of = [&](std::string_view column, const std::vector<std::string>& values) {
    // One value is compared plainly: then its index gives the list's order.
    if (values.size() == 1)
      statement.sql += " AND " + std::string(column) + " = " + add(values.front());
    else if (!values.empty())
      statement.sql += " AND " + std::string(column) + " = ANY(" + add(postgres::to_text_array(values)) + "::text[])";
  };
  any_of("a.status", filter.statuses);
  any_of("a.severity", filter.severities);
  if (filter.rule_id) statement.sql += " AND a.rule_id = " + add(*filter.rule_id);
  if (filter.subject) statement.sql += " AND a.subject = " + add(*filter.subject);
  if (filter.entity) {
    const auto at = filter.entity->rfind('@');
    statement.sql += " AND a.entity_domain = " + add(at == std::string::npos ? *filter.entity : filter.entity->substr(at + 1));
    if (at != std::string::npos) statement.sql += " AND a.entity = " + add(*filter.entity);
  }
  if (filter.assignee == "none")
    statement.sql += " AND a.assignee_id IS NULL";
  else if (filter.assignee) {
    if (!is_uuid(*filter.assignee)) return fail(ErrorKind::invalid, "assignee: a person_id, me or none");
    statement.sql += " AND a.assignee_id = " + add(*filter.assignee) + "::uuid";
  }
  if (filter.feedback == "none")
    statement.sql += " AND a.feedback IS NULL";
  else if (filter.feedback)
    statement.sql += " AND a.feedback = " + add(*filter.feedback);
  if (filter.names_payment_instrument)
    statement.sql += *filter.names_payment_instrument ? " AND a.names_payment_instrument" : " AND NOT a.names_payment_instrument";
  if (filter.seen_from) statement.sql += " AND a.last_seen_at >= " + add(*filter.seen_from) + "::timestamptz";
  if (filter.seen_to) statement.sql += " AND a.last_seen_at < " + add(*filter.seen_to) + "::timestamptz";
  if (filter.search)
    statement.sql +=
        " AND a.alert_id = ANY(ARRAY(SELECT search_alerts(" + add(*filter.search) + ", " + std::to_string(search_matches_max) + ")))";
  if (filter.cursor) {
    const auto place = TRY(page_place_from(*filter.cursor));
    const auto time = add(place.at);
    statement.sql += " AND (a.last_seen_at, a.alert_id) < (" + time + "::timestamptz, " + add(place.id) + "::uuid)";
  }
  statement.sql += " ORDER BY a.last_seen_at DESC, a.alert_id DESC LIMIT " + add(filter.limit + 1) + "::int";
  return statement;
}

Result<AlertPage> AlertService::list(const TenantId& tenant, const AlertFilter& filter) {
  const auto statement = TRY(alert_list_statement(tenant, filter));
  return pool_.compute<AlertPage>(tenant.str(), [&](Transaction& transaction) -> Result<AlertPage> {
    AlertPage page;
    for (const Row& row : TRY(transaction.run(statement.sql, statement.params)).rows) page.alerts.push_back(alert_of(row));
    if (page.alerts.size() > static_cast<std::size_t>(filter.limit)) {
      page.alerts.pop_back();
      page.next_cursor = to_cursor(PagePlace{.at = page.alerts.back().last_seen_at, .id = page.alerts.back().alert_id.str()});
    }
    return page;
  });
}

}  // namespace letterlock
