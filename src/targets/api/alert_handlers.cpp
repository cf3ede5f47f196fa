#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "targets/api/alert_message.h"
#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {
namespace {

constexpr std::array<std::string_view, 4> statuses{"open", "in_progress", "resolved", "dismissed"};
bool is_status(std::string_view text) { return std::ranges::find(statuses, text) != statuses.end(); }

Error no_status() { return {.kind = ErrorKind::invalid, .message = "status is open, in_progress, resolved or dismissed."}; }

Result<AlertQuery> query_of(const http::Request& request) {
  AlertQuery query{.status = request.query_value("status"),
                   .severity = request.query_value("severity"),
                   .rule_id = request.query_value("rule_id"),
                   .cursor = request.query_value("cursor"),
                   .limit = TRY(limit_of(request))};
  if (query.status && !is_status(*query.status)) return fail(no_status());
  if (query.severity && !severity_from(*query.severity)) return fail(ErrorKind::invalid, "severity is low, medium, high or critical.");
  if (query.rule_id && query.rule_id->size() > 200) return fail(ErrorKind::invalid, "rule_id is longer than 200 characters.");
  if (query.cursor && query.cursor->size() > 500) return fail(ErrorKind::invalid, "cursor is longer than 500 characters.");
  return query;
}

bool matches(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    const auto end = if_none_match.find(',');
    auto one = if_none_match.substr(0, end);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == etag || one == "*") return true;
    if (end == std::string_view::npos) return false;
    if_none_match.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

http::Response list_alerts(const ApiDependencies& api, const http::Request& request, const Caller& caller) {
  const auto query = query_of(request);
  if (!query) return refused(query.error(), request);
  // The version is read before the page: a change in between makes the next poll ask again, never miss it.
  const auto version = api.alerts.version(*caller.tenant_id);
  if (!version) return refused(version.error(), request);
  std::string asked = caller.tenant_id->str() + "\n" + *version;
  for (const auto* part : {&query->status, &query->severity, &query->rule_id, &query->cursor}) asked += "\n" + part->value_or("");
  const auto etag = "\"" + sha256_hex(asked + "\n" + std::to_string(query->limit)).substr(0, 32) + "\"";
  // no-cache, not no-store: the browser keeps the page and asks whether it is still good.
  const std::vector<std::pair<std::string, std::string>> caching{
      {"etag", etag}, {"cache-control", "private, no-cache"}, {"vary", "Cookie, Authorization"}};
  if (matches(request.header("if-none-match"), etag)) return {.status = 304, .headers = caching};
  const auto page = api.alerts.list(*caller.tenant_id, *query);
  if (!page) return refused(page.error(), request);
  http::Response response{.status = 200, .headers = caching, .body = to_json(*page)};
  response.headers.emplace_back("content-type", "application/json");
  return response;
}

http::Response get_alert(const ApiDependencies& api, const http::Request& request, const Caller& caller) {
  const auto id = path_id<AlertId>(request, "alert_id");
  if (!id) return refused(id.error(), request);
  return answer(api.alerts.get(*caller.tenant_id, *id), request);
}

http::Response change_alert(const ApiDependencies& api, const http::Request& request, const Caller& caller) {
  const auto id = path_id<AlertId>(request, "alert_id");
  if (!id) return refused(id.error(), request);
  const auto body = alert_change_body(request.body);
  if (!body) return refused(body.error(), request);
  if (body->status && !is_status(*body->status)) return refused(no_status(), request);
  if (const auto changed = api.alerts.change(*caller.tenant_id, *id, *body, caller); !changed) return refused(changed.error(), request);
  return answer(api.alerts.get(*caller.tenant_id, *id), request);
}

http::Response get_alert_message(const ApiDependencies& api, const http::Request& request, const Caller& caller) {
  const auto id = path_id<AlertId>(request, "alert_id");
  if (!id) return refused(id.error(), request);
  const auto key = api.alerts.newest_message(*caller.tenant_id, *id);
  if (!key) return refused(key.error(), request);
  if (const auto audited = api.access.audit(caller, "message.read", id->str()); !audited) return refused(audited.error(), request);
  return answer(read_alert_message(api.storage, *caller.tenant_id, *key), request);
}

}  // namespace letterlock::api
