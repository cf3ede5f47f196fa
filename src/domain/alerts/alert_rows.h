#pragma once

// How rows of alerts become values, and the statement behind the list; shared by alert_service.cpp and alert_list.cpp.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "domain/alerts/alert_service.h"

namespace letterlock {

// What a list shows; get() adds evidence and query. Table a: alerts, p: the assignee.
inline constexpr std::string_view alert_columns =
    "SELECT a.alert_id, a.rule_id, a.rule_version, a.title, a.severity, a.attack_technique, a.subject, a.entity, a.last_seen_at, "
    "a.confidence, a.dedup_key, a.message_subject, a.status, a.sightings, a.first_seen_at, a.assignee_id, p.email, a.feedback, "
    "a.names_payment_instrument";
inline constexpr std::array<std::string_view, 4> alert_statuses{"open", "in_progress", "resolved", "dismissed"};
inline constexpr std::size_t alert_column_count = 19;
inline constexpr std::string_view alert_tables =
    " FROM alerts a LEFT JOIN people p ON p.tenant_id = a.tenant_id AND p.person_id = a.assignee_id WHERE a.tenant_id = $1::uuid";
Alert alert_of(const postgres::Row& row);

struct AlertStatement {
  std::string sql;
  std::vector<postgres::Param> params;
};
// One row more than the page, which tells whether there is a next one. invalid: a filter's value, named.
Result<AlertStatement> alert_list_statement(const TenantId& tenant, const AlertFilter& filter);

}  // namespace letterlock
