#include <array>

#include "targets/api/alert_message.h"
#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {
namespace {

constexpr std::array<std::string_view, 4> statuses{"open", "in_progress", "resolved", "dismissed"};
constexpr std::array<std::string_view, 4> severities{"low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 3> feedbacks{"fraud", "not_fraud", "none"};

Result<AlertFilter> filter_of(const http::Request& request, const Principal& caller) {
  AlertFilter filter{.statuses = TRY(words_of(request, "status", statuses)),
                     .severities = TRY(words_of(request, "severity", severities)),
                     .rule_id = TRY(text_of(request, "rule_id", 200)),
                     .assignee = TRY(text_of(request, "assignee", 36)),
                     .subject = TRY(text_of(request, "subject", 320)),
                     .entity = TRY(text_of(request, "entity", 320)),
                     .feedback = TRY(word_of(request, "feedback", feedbacks)),
                     .names_payment_instrument = TRY(bool_of(request, "names_payment_instrument")),
                     .seen_from = TRY(time_of(request, "seen_from")),
                     .seen_to = TRY(time_of(request, "seen_to")),
                     .search = TRY(text_of(request, "search", 200)),
                     .cursor = TRY(cursor_of(request)),
                     .limit = TRY(limit_of(request))};
  if (filter.assignee == "me") {
    if (caller.by_api_key) return fail(ErrorKind::invalid, "assignee: an API key is nobody; name a person_id");
    filter.assignee = caller.person_id.str();
  }
  return filter;
}

AlertPageView page_of(AlertPage page) {
  AlertPageView view{.next_cursor = std::move(page.next_cursor)};
  for (auto& alert : page.alerts) view.alerts.push_back(view_of(std::move(alert)));
  return view;
}

Result<AlertDetailView> detail_of(const ApiDependencies& api, const TenantId& tenant, const AlertId& id) {
  auto detail = TRY(api.services.alerts.get(tenant, id));
  const auto& finding = detail.alert.newest;
  auto text = api.rules.text_of(finding.rule_id);
  return AlertDetailView{
      .alert = view_of(detail.alert),
      .attack_technique = finding.attack_technique,
      .description = std::move(text.description),
      .runbook = std::move(text.runbook),
      .rule_version = finding.rule_version,
      .dedup_key = finding.dedup_key,
      .suppression_ids = std::move(detail.suppression_ids),
      .query_sql = finding.query_sql,
      .query_parameters = {finding.query_parameters_json.empty() ? "{}" : finding.query_parameters_json},
      .evidence = {finding.evidence_json.empty() || finding.evidence_json == "{}" ? R"({"signals":[],"rows":[]})" : finding.evidence_json},
      .sighting_list = std::move(detail.sightings),
      .history = std::move(detail.history)};
}

// Which sighting of the alert the caller wants: both parts of its key, or the newest.
Result<AlertSighting> sighting_of(const ApiDependencies& api, const http::Request& request, const Principal& caller, const AlertId& id) {
  const auto mailbox = TRY(text_of(request, "mailbox_id", 500));
  const auto message = TRY(text_of(request, "provider_message_id", 2'000));
  if (mailbox.has_value() != message.has_value())
    return fail(ErrorKind::invalid, "mailbox_id and provider_message_id come together, or neither.");
  std::optional<std::pair<MailboxId, ProviderMessageId>> key;
  if (mailbox) key.emplace(MailboxId(*mailbox), ProviderMessageId(*message));
  return api.services.alerts.sighting(*caller.tenant_id, id, key);
}

}  // namespace

AlertView view_of(Alert alert) {
  return {.alert_id = alert.alert_id.str(),
          .rule_id = alert.newest.rule_id.str(),
          .title = std::move(alert.newest.title),
          .severity = alert.newest.severity,
          .status = std::move(alert.status),
          .subject = std::move(alert.newest.subject),
          .entity = std::move(alert.newest.entity),
          .message_subject = std::move(alert.newest.message_subject),
          .confidence = alert.newest.confidence,
          .sightings = alert.sightings,
          .first_seen_at = alert.first_seen_at,
          .last_seen_at = alert.last_seen_at,
          .assignee = std::move(alert.assignee),
          .feedback = std::move(alert.feedback),
          .names_payment_instrument = alert.names_payment_instrument};
}

http::Response list_alerts(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto filter = filter_of(request, caller);
  if (!filter) return refused(filter.error(), request);
  const auto is_known = [&](const std::string& version) {
    return matches(request.header("if-none-match"), etag_of(request, caller, version));
  };
  auto news = api.services.alerts.news(*caller.tenant_id, *filter, is_known);
  if (!news) return refused(news.error(), request);
  // no-cache, not no-store: the browser keeps the page and asks whether it is still good.
  http::Response response{
      .status = 304,
      .headers = {
          {"etag", etag_of(request, caller, news->version)}, {"cache-control", "private, no-cache"}, {"vary", "Cookie, Authorization"}}};
  if (!news->page) return response;
  response.status = 200;
  response.headers.emplace_back("content-type", "application/json");
  response.body = to_json(page_of(*std::move(news->page)));
  return response;
}

http::Response get_alert(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<AlertId>(request, "alert_id");
  if (!id) return refused(id.error(), request);
  return answer(detail_of(api, *caller.tenant_id, *id), request);
}

http::Response change_alert(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<AlertId>(request, "alert_id");
  if (!id) return refused(id.error(), request);
  const auto change = alert_change_body(request.body);
  if (!change) return refused(change.error(), request);
  if (const auto changed = api.services.alerts.change(*caller.tenant_id, {*id}, *change, caller.name); !changed)
    return refused(changed.error(), request);
  return answer(detail_of(api, *caller.tenant_id, *id), request);
}

http::Response change_alerts(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto body = alerts_change_body(request.body);
  if (!body) return refused(body.error(), request);
  const std::vector<AlertId> ids(body->alert_ids.begin(), body->alert_ids.end());
  const auto changed = api.services.alerts.change(*caller.tenant_id, ids, body->change, caller.name);
  if (!changed) return refused(changed.error(), request);
  return json(200, to_json(AlertsChanged{.changed = *changed}));
}

http::Response get_alert_message(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<AlertId>(request, "alert_id");
  if (!id) return refused(id.error(), request);
  const auto sighting = sighting_of(api, request, caller, *id);
  if (!sighting) return refused(sighting.error(), request);
  if (const auto noted = audited(api, caller, "message.read", id->str()); !noted) return refused(noted.error(), request);
  return answer(read_alert_message(api.storage, *caller.tenant_id,
                                   {.mailbox_id = sighting->mailbox_id, .provider_message_id = sighting->provider_message_id}),
                request);
}

http::Response list_similar_messages(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<AlertId>(request, "alert_id");
  if (!id) return refused(id.error(), request);
  const auto found = [&]() -> Result<SimilarMessageList> {
    const auto& tenant = *caller.tenant_id;
    const auto sighting = TRY(api.services.alerts.sighting(tenant, *id, std::nullopt));
    TRY(audited(api, caller, "message.similar", id->str()));
    SimilarMessageList list{TRY(api.mail.similar(tenant, sighting.mailbox_id, sighting.provider_message_id))};
    std::vector<std::pair<MailboxId, ProviderMessageId>> keys;
    for (const auto& message : list.similar_messages) keys.emplace_back(message.mailbox_id, message.provider_message_id);
    const auto alerts = TRY(api.services.alerts.alerts_of(tenant, keys));
    for (std::size_t i = 0; i < alerts.size(); ++i)
      if (!alerts[i].empty()) list.similar_messages[i].alert_id = alerts[i];
    return list;
  }();
  return answer(found, request);
}

http::Response get_entity(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto found = [&]() -> Result<EntityView> {
    const auto& entity = request.path_parameters.at("entity");
    TRY(check_text("entity", entity, 320));
    const auto& tenant = *caller.tenant_id;
    auto alerts = TRY(api.services.alerts.list(tenant, {.entity = entity, .limit = 20}));
    EntityView view{.mail = TRY(api.mail.entity(tenant, entity)), .alerts = page_of(std::move(alerts)).alerts};
    if (view.alerts.empty() && view.mail.messages_in + view.mail.messages_out == 0)
      return fail(ErrorKind::not_found, "Neither mail nor an alert names this address or domain.");
    return view;
  }();
  return answer(found, request);
}

}  // namespace letterlock::api
