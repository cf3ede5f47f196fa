#include <algorithm>
#include <array>
#include <span>

#include "base/page_cursor.h"
#include "domain/alerts/alert_rows.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr int limit_max = 1'000;
constexpr int search_matches_max = 5'000;
constexpr std::array<std::string_view, 4> severities{"low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 2> feedbacks{"fraud", "not_fraud"};

// One of a fixed set of words stands in the statement itself: then a plan that is kept for the statement knows how common the word is.
Result<std::string> literal(std::string_view name, std::string_view value, std::span<const std::string_view> words) {
  if (!std::ranges::contains(words, value)) return fail(ErrorKind::invalid, std::string(name) + ": an unknown word");
  return "'" + std::string(value) + "'";
}

// "… IN ('open', 'resolved')"; nothing for no values.
Result<std::string> any_of(std::string_view name, const std::vector<std::string>& values, std::span<const std::string_view> words) {
  if (values.empty()) return std::string();
  std::string list;
  for (const auto& value : values) list += (list.empty() ? "" : ", ") + TRY(literal(name, value, words));
  return " AND a." + std::string(name) + " IN (" + list + ")";
}

// Whether the search itself knows all of the filter, so that the matches of one page are enough.
bool search_knows(const AlertFilter& filter) {
  return !filter.rule_id && !filter.assignee && !filter.subject && !filter.entity && !filter.feedback && !filter.names_payment_instrument &&
         !filter.seen_from && !filter.seen_to;
}

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
  statement.sql += TRY(any_of("status", filter.statuses, alert_statuses));
  statement.sql += TRY(any_of("severity", filter.severities, severities));
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
    statement.sql += " AND a.feedback = " + TRY(literal("feedback", *filter.feedback, feedbacks));
  if (filter.names_payment_instrument)
    statement.sql += *filter.names_payment_instrument ? " AND a.names_payment_instrument" : " AND NOT a.names_payment_instrument";
  if (filter.seen_from) statement.sql += " AND a.last_seen_at >= " + add(*filter.seen_from) + "::timestamptz";
  if (filter.seen_to) statement.sql += " AND a.last_seen_at < " + add(*filter.seen_to) + "::timestamptz";
  std::optional<std::string> before_at, before_id;
  if (filter.cursor) {
    const auto place = TRY(page_place_from(*filter.cursor));
    before_at = add(place.at) + "::timestamptz";
    before_id = add(place.id) + "::uuid";
    statement.sql += " AND (a.last_seen_at, a.alert_id) < (" + *before_at + ", " + *before_id + ")";
  }
  if (filter.search)
    statement.sql += " AND a.alert_id = ANY(ARRAY(SELECT search_alerts(" + add(*filter.search) + ", " +
                     add(postgres::to_text_array(filter.statuses)) + "::text[], " + add(postgres::to_text_array(filter.severities)) +
                     "::text[], " + before_at.value_or("NULL") + ", " + before_id.value_or("NULL") + ", " +
                     std::to_string(search_knows(filter) ? filter.limit + 1 : search_matches_max) + ")))";
  // A number, as a plan for any limit would be one for a tenth of all rows.
  statement.sql += " ORDER BY a.last_seen_at DESC, a.alert_id DESC LIMIT " + std::to_string(filter.limit + 1);
  return statement;
}

namespace {

Result<AlertPage> page_of(Transaction& transaction, const AlertStatement& statement, int limit) {
  AlertPage page;
  for (const Row& row : TRY(transaction.run(statement.sql, statement.params)).rows) page.alerts.push_back(alert_of(row));
  page.next_cursor =
      cut_page(page.alerts, limit, [](const Alert& last) { return PagePlace{.at = last.last_seen_at, .id = last.alert_id.str()}; });
  return page;
}

}  // namespace

Result<AlertPage> AlertService::list(const TenantId& tenant, const AlertFilter& filter) {
  const auto statement = TRY(alert_list_statement(tenant, filter));
  return pool_.compute<AlertPage>(
      tenant.str(), [&](Transaction& transaction) -> Result<AlertPage> { return page_of(transaction, statement, filter.limit); });
}

Result<AlertNews> AlertService::news(const TenantId& tenant, const AlertFilter& filter,
                                     const std::function<bool(const std::string&)>& is_known) {
  const auto statement = TRY(alert_list_statement(tenant, filter));
  return pool_.compute<AlertNews>(tenant.str(), [&](Transaction& transaction) -> Result<AlertNews> {
    // The version is read before the page: a change in between makes the next poll ask again, never miss it.
    const auto rows = TRY(transaction.run("SELECT alerts_version FROM tenants WHERE tenant_id = $1::uuid", {tenant}));
    if (rows.empty()) return fail(ErrorKind::not_found, "tenant " + tenant.str() + " does not exist");
    AlertNews news{.version = rows.front().text(0)};
    if (!is_known(news.version)) news.page = TRY(page_of(transaction, statement, filter.limit));
    return news;
  });
}

}  // namespace letterlock
