#include "domain/webhooks/webhook_service.h"

#include <algorithm>
#include <random>

#include "adapters/crypto/hmac.h"
#include "base/backoff.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/page_cursor.h"
#include "base/public_address.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::int64_t webhooks_max = 50;  // of one tenant
constexpr std::chrono::hours old_secret_valid{24};
// Of take_due()'s rows.
constexpr std::size_t secret_column = 6;
constexpr std::size_t old_secret_column = 7;

constexpr std::string_view webhook_columns =
    "webhook_id, name, url, array_to_string(events, ','), enabled, created_at, last_delivered_at, failures";
Webhook webhook_of(const Row& row) {
  Webhook webhook{.webhook_id = row.text(0),
                  .name = row.text(1),
                  .url = row.text(2),
                  .enabled = row.boolean(4),
                  .created_at = row.time(5).value_or(TimePoint{}),
                  .last_delivered_at = row.time(6),
                  .failures = row.integer(7)};
  const auto events = row.text(3);
  for (std::size_t from = 0; from < events.size();) {
    const auto end = std::min(events.find(',', from), events.size());
    webhook.events.push_back(events.substr(from, end - from));
    from = end + 1;
  }
  return webhook;
}

constexpr std::string_view delivery_columns =
    "delivery_id, event_id, event, state, attempts, reason, response_status, body, created_at, CASE WHEN state = 'pending' THEN "
    "next_attempt_at END, delivered_at";
Delivery delivery_of(const Row& row) {
  Delivery delivery{.delivery_id = row.text(0),
                    .event_id = row.text(1),
                    .event = row.text(2),
                    .state = row.text(3),
                    .attempts = static_cast<int>(row.integer(4)),
                    .reason = row.text(5),
                    .body = row.text(7),
                    .created_at = row.time(8).value_or(TimePoint{}),
                    .next_attempt_at = row.time(9),
                    .delivered_at = row.time(10)};
  if (!row.is_null(6)) delivery.response_status = static_cast<int>(row.integer(6));
  return delivery;
}

Error no_webhook(const std::string& id) { return {.kind = ErrorKind::not_found, .message = "webhook " + id + " does not exist"}; }

Result<void> check_name(const std::string& name) {
  if (name.empty() || name.size() > 200) return fail(ErrorKind::invalid, "name: 1 to 200 bytes");
  return {};
}

Result<void> check_url(const std::string& url, bool private_addresses) {
  auto checked = check_server_url(url, private_addresses);
  if (!checked) return fail(std::move(checked).error().during("url"));
  return {};
}

Result<void> check_events(const std::vector<std::string>& events) {
  if (events.empty() || events.size() > webhook_events.size()) return fail(ErrorKind::invalid, "events: name at least one, each once");
  for (const auto& event : events)
    if (!std::ranges::contains(webhook_events, event))
      return fail(ErrorKind::invalid, "events: alert.created, alert.changed, connection.broken or job.dead");
  return {};
}

std::string new_secret() { return "llwh_" + to_base64url(crypto::random_bytes(32)); }
std::string context_of(const std::string& webhook_id) { return "webhook:" + webhook_id; }

template <class T>
Result<T> renamed(Result<T> result) {
  if (!result && result.error().code == "unique")
    return fail(Error{.kind = ErrorKind::conflict, .message = "the webhook's name is taken", .code = "name_taken"});
  return result;
}

}  // namespace

std::string signature_of(const DueDelivery& delivery, TimePoint at) {
  const auto seconds = std::to_string(to_unix_micros(at) / 1'000'000);
  std::string signature = "t=" + seconds;
  for (const auto& secret : delivery.secrets) signature += ",v1=" + crypto::hmac_sha256_hex(secret, seconds + "." + delivery.body);
  return signature;
}

Result<std::vector<Webhook>> WebhookService::list(const TenantId& tenant) {
  return pool_.compute<std::vector<Webhook>>(tenant.str(), [&](Transaction& transaction) -> Result<std::vector<Webhook>> {
    std::vector<Webhook> webhooks;
    const auto rows = TRY(transaction.run(
        "SELECT " + std::string(webhook_columns) + " FROM webhooks WHERE tenant_id = $1::uuid ORDER BY created_at, webhook_id", {tenant}));
    for (const Row& row : rows.rows) webhooks.push_back(webhook_of(row));
    return webhooks;
  });
}

Result<WebhookWithSecret> WebhookService::create(const TenantId& tenant, const NewWebhook& webhook) {
  TRY(check_name(webhook.name));
  TRY(check_url(webhook.url, options_.private_addresses));
  TRY(check_events(webhook.events));
  const auto id = new_uuid();
  const auto secret = new_secret();
  const auto wrapped = postgres::to_bytea(master_key_.wrap(secret, context_of(id)));
  auto created = pool_.compute<Webhook>(tenant.str(), [&](Transaction& transaction) -> Result<Webhook> {
    if (TRY(transaction.run("SELECT count(*) FROM webhooks WHERE tenant_id = $1::uuid", {tenant})).front().integer(0) >= webhooks_max)
      return fail(ErrorKind::conflict, "there are 50 webhooks already: remove one first");
    const auto rows =
        TRY(transaction.run("INSERT INTO webhooks (webhook_id, tenant_id, name, url, events, secret_wrapped, created_at) VALUES ($1::uuid, "
                            "$2::uuid, $3, $4, $5::text[], $6::bytea, $7::timestamptz) RETURNING " +
                                std::string(webhook_columns),
                            {id, tenant, webhook.name, webhook.url, postgres::to_text_array(webhook.events), wrapped, clock_.now()}));
    return webhook_of(rows.front());
  });
  return WebhookWithSecret{.webhook = TRY(renamed(std::move(created))), .secret = secret};
}

Result<Webhook> WebhookService::change(const TenantId& tenant, const std::string& webhook_id, const WebhookChange& change) {
  if (!change.name && !change.url && !change.events && !change.enabled)
    return fail(ErrorKind::invalid, "Nothing to change: send a name, url, events or enabled.");
  if (change.name) TRY(check_name(*change.name));
  if (change.url) TRY(check_url(*change.url, options_.private_addresses));
  if (change.events) TRY(check_events(*change.events));
  if (!is_uuid(webhook_id)) return fail(no_webhook(webhook_id));
  std::optional<std::string> events, enabled;
  if (change.events) events = postgres::to_text_array(*change.events);
  if (change.enabled) enabled = *change.enabled ? "t" : "f";
  return renamed(pool_.compute<Webhook>(tenant.str(), [&](Transaction& transaction) -> Result<Webhook> {
    const auto rows = TRY(transaction.run(
        "UPDATE webhooks SET name = coalesce($3, name), url = coalesce($4, url), events = coalesce($5::text[], events), enabled = "
        "coalesce($6::boolean, enabled) WHERE tenant_id = $1::uuid AND webhook_id = $2::uuid RETURNING " +
            std::string(webhook_columns),
        {tenant, webhook_id, change.name, change.url, events, enabled}));
    if (rows.empty()) return fail(no_webhook(webhook_id));
    return webhook_of(rows.front());
  }));
}

Result<void> WebhookService::remove(const TenantId& tenant, const std::string& webhook_id) {
  if (!is_uuid(webhook_id)) return fail(no_webhook(webhook_id));
  return pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    const auto gone =
        TRY(transaction.run("DELETE FROM webhooks WHERE tenant_id = $1::uuid AND webhook_id = $2::uuid", {tenant, webhook_id}));
    if (gone.affected == 0) return fail(no_webhook(webhook_id));
    return {};
  });
}

Result<WebhookWithSecret> WebhookService::rotate_secret(const TenantId& tenant, const std::string& webhook_id) {
  if (!is_uuid(webhook_id)) return fail(no_webhook(webhook_id));
  const auto secret = new_secret();
  const auto wrapped = postgres::to_bytea(master_key_.wrap(secret, context_of(webhook_id)));
  auto rotated = pool_.compute<Webhook>(tenant.str(), [&](Transaction& transaction) -> Result<Webhook> {
    const auto rows =
        TRY(transaction.run("UPDATE webhooks SET old_secret_wrapped = secret_wrapped, old_secret_until = $3::timestamptz, secret_wrapped = "
                            "$4::bytea WHERE tenant_id = $1::uuid AND webhook_id = $2::uuid RETURNING " +
                                std::string(webhook_columns),
                            {tenant, webhook_id, clock_.now() + old_secret_valid, wrapped}));
    if (rows.empty()) return fail(no_webhook(webhook_id));
    return webhook_of(rows.front());
  });
  return WebhookWithSecret{.webhook = TRY(std::move(rotated)), .secret = secret};
}

Result<Delivery> WebhookService::ping(const TenantId& tenant, const std::string& webhook_id) {
  if (!is_uuid(webhook_id)) return fail(no_webhook(webhook_id));
  return pool_.compute<Delivery>(tenant.str(), [&](Transaction& transaction) -> Result<Delivery> {
    const auto event = TRY(transaction.run("SELECT ping_webhook($1::uuid)", {webhook_id})).front().text(0);
    const auto rows = TRY(transaction.run("SELECT " + std::string(delivery_columns) +
                                              " FROM webhook_deliveries WHERE tenant_id = $1::uuid AND webhook_id = $2::uuid AND event_id "
                                              "= $3::uuid",
                                          {tenant, webhook_id, event}));
    if (rows.empty()) return fail(no_webhook(webhook_id));
    return delivery_of(rows.front());
  });
}

Result<DeliveryPage> WebhookService::deliveries(const TenantId& tenant, const std::string& webhook_id,
                                                const std::optional<std::string>& state, const std::optional<std::string>& cursor,
                                                int limit) {
  if (!is_uuid(webhook_id)) return fail(no_webhook(webhook_id));
  const auto before = TRY(page_start(cursor));
  return pool_.compute<DeliveryPage>(tenant.str(), [&](Transaction& transaction) -> Result<DeliveryPage> {
    if (TRY(transaction.run("SELECT 1 FROM webhooks WHERE tenant_id = $1::uuid AND webhook_id = $2::uuid", {tenant, webhook_id})).empty())
      return fail(no_webhook(webhook_id));
    const auto rows = TRY(transaction.run(
        "SELECT " + std::string(delivery_columns) +
            " FROM webhook_deliveries WHERE tenant_id = $1::uuid AND webhook_id = $2::uuid AND ($3::text IS NULL OR state = $3) AND "
            "($4::timestamptz IS NULL OR (created_at, delivery_id) < ($4, $5::uuid)) ORDER BY created_at DESC, delivery_id DESC LIMIT "
            "$6::int",
        {tenant, webhook_id, state, before.at, before.id, limit + 1}));
    DeliveryPage page;
    for (const Row& row : rows.rows) page.deliveries.push_back(delivery_of(row));
    page.next_cursor =
        cut_page(page.deliveries, limit, [](const Delivery& last) { return PagePlace{.at = last.created_at, .id = last.delivery_id}; });
    return page;
  });
}

Result<Delivery> WebhookService::replay(const TenantId& tenant, const std::string& webhook_id, const std::string& delivery_id) {
  if (!is_uuid(webhook_id) || !is_uuid(delivery_id)) return fail(no_webhook(webhook_id));
  return pool_.compute<Delivery>(tenant.str(), [&](Transaction& transaction) -> Result<Delivery> {
    const auto rows = TRY(transaction.run(
        "UPDATE webhook_deliveries SET state = 'pending', attempts = 0, next_attempt_at = $4::timestamptz, reason = '' WHERE tenant_id = "
        "$1::uuid AND webhook_id = $2::uuid AND delivery_id = $3::uuid RETURNING " +
            std::string(delivery_columns),
        {tenant, webhook_id, delivery_id, clock_.now()}));
    if (rows.empty()) return fail(ErrorKind::not_found, "delivery " + delivery_id + " does not exist");
    return delivery_of(rows.front());
  });
}

Result<std::vector<DueDelivery>> WebhookService::take_due(int most) {
  const auto now = clock_.now();
  const auto rows = TRY(pool_.compute<postgres::Rows>("", [&](Transaction& transaction) {
    return transaction.run(
        "SELECT delivery_id, tenant_id, webhook_id, url, body, attempts, secret_wrapped, old_secret_wrapped FROM "
        "take_deliveries($1::timestamptz, $2::timestamptz, $3::int)",
        {now, now + options_.lease, most});
  }));
  std::vector<DueDelivery> due;
  for (const Row& row : rows.rows) {
    DueDelivery delivery{.delivery_id = row.text(0),
                         .tenant_id = TenantId(row.text(1)),
                         .webhook_id = row.text(2),
                         .url = row.text(3),
                         .body = row.text(4),
                         .attempt = static_cast<int>(row.integer(5))};
    // Without the newest secret nothing is sent; without the old one it signs alone.
    for (const std::size_t column : {secret_column, old_secret_column}) {
      if (row.is_null(column)) continue;
      auto secret = master_key_.unwrap(row.bytes(column), context_of(delivery.webhook_id));
      if (secret)
        delivery.secrets.push_back(*std::move(secret));
      else
        LOG(error, "a webhook's secret cannot be unwrapped",
            {{"webhook", delivery.webhook_id},
             {"tenant", delivery.tenant_id},
             {"which", column == secret_column ? "secret" : "old_secret"},
             {"reason", secret.error().message}});
      if (!secret && column == secret_column) break;
    }
    if (!delivery.secrets.empty())
      due.push_back(std::move(delivery));
    else if (const auto noted =
                 record(delivery, {.reason = "the webhook's secret cannot be read: rotate it, then replay", .give_up = true});
             !noted)
      LOG(warn, "a webhook's delivery could not be recorded; it will be taken again", {{"reason", noted.error().message}});
  }
  return due;
}

Result<void> WebhookService::record(const DueDelivery& delivery, const DeliveryOutcome& outcome) {
  const auto now = clock_.now();
  const bool delivered = outcome.reason.empty();
  const bool failed = !delivered && (outcome.give_up || delivery.attempt >= options_.attempts_max);
  // Seeded anew each time: deliveries that failed together must not come back together.
  Backoff backoff({.first = options_.retry_first, .max = options_.retry_max}, std::random_device{}());
  std::optional<std::string> status;
  if (outcome.response_status) status = std::to_string(*outcome.response_status);
  return pool_.transact(delivery.tenant_id.str(), [&](Transaction& transaction) -> Result<void> {
    // A delivery that was replayed, or a webhook that was removed meanwhile, is left alone.
    TRY(transaction.run(
        "UPDATE webhook_deliveries SET state = $3, next_attempt_at = $4::timestamptz, response_status = $5::int, reason = left($6, 500), "
        "delivered_at = CASE WHEN $3 = 'delivered' THEN $7::timestamptz END WHERE tenant_id = $1::uuid AND delivery_id = $2::uuid AND "
        "state = 'pending' AND attempts = $8::int",
        {delivery.tenant_id, delivery.delivery_id,
         delivered ? "delivered"
         : failed  ? "failed"
                   : "pending",
         now + backoff.delay(delivery.attempt), status, outcome.reason, now, delivery.attempt}));
    TRY(transaction.run(
        "UPDATE webhooks SET failures = CASE WHEN $3::boolean THEN 0 ELSE failures + 1 END, last_delivered_at = CASE WHEN $3::boolean THEN "
        "$4::timestamptz ELSE last_delivered_at END WHERE tenant_id = $1::uuid AND webhook_id = $2::uuid",
        {delivery.tenant_id, delivery.webhook_id, delivered, now}));
    return {};
  });
}

}  // namespace letterlock
