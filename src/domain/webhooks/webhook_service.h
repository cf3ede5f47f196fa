#pragma once

// A tenant's webhooks and what was sent to them. Pool with role letterlock_api. Any thread.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/crypto/crypto.h"
#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"

namespace letterlock {

inline constexpr std::array<std::string_view, 4> webhook_events{"alert.created", "alert.changed", "connection.broken", "job.dead"};

struct Webhook {
  std::string webhook_id;
  std::string name;
  std::string url;
  std::vector<std::string> events;
  bool enabled = true;
  TimePoint created_at;
  std::optional<TimePoint> last_delivered_at;
  std::int64_t failures = 0;  // tries that failed since the last one that did not
};

struct NewWebhook {
  std::string name;
  std::string url;
  std::vector<std::string> events;
};

struct WebhookChange {
  std::optional<std::string> name;
  std::optional<std::string> url;
  std::optional<std::vector<std::string>> events;
  std::optional<bool> enabled;
};

struct WebhookWithSecret {
  Webhook webhook;
  std::string secret;  // "llwh_…", shown once
};

struct Delivery {
  std::string delivery_id;
  std::string event_id;  // the same in every try and replay
  std::string event;
  std::string state;  // pending, delivered, failed
  int attempts = 0;
  std::string reason;  // why the last try failed
  std::optional<int> response_status;
  std::string body;
  TimePoint created_at;
  std::optional<TimePoint> next_attempt_at;
  std::optional<TimePoint> delivered_at;
};

struct DeliveryPage {
  std::vector<Delivery> deliveries;  // the newest first
  std::optional<std::string> next_cursor;
};

// What a sender takes: it has it until the lease ends.
struct DueDelivery {
  std::string delivery_id;
  TenantId tenant_id;
  std::string webhook_id;
  std::string url;
  std::string body;
  int attempt = 1;
  std::vector<std::string> secrets;  // the newest first; the old one for a day after a rotation
};

// What became of one try.
struct DeliveryOutcome {
  std::optional<int> response_status;  // none: no answer
  std::string reason;                  // empty: delivered
  bool give_up = false;                // failed, whatever tries are left
};

struct WebhookOptions {
  bool private_addresses = false;  // plain http and addresses of the own network are fine: for development and tests
  int attempts_max = 12;
  std::chrono::seconds retry_first{30};  // doubles with every try, with jitter: 12 tries take about 17 hours
  std::chrono::seconds retry_max{86'400};
  std::chrono::seconds lease{60};
};

class WebhookService {
 public:
  WebhookService(postgres::Pool& pool, const crypto::MasterKey& master_key, Clock& clock, WebhookOptions options = {})
      : pool_(pool), master_key_(master_key), clock_(clock), options_(options) {}

  Result<std::vector<Webhook>> list(const TenantId& tenant);
  // invalid: not https, an unknown event; conflict: the name is taken, or there are 50 already.
  Result<WebhookWithSecret> create(const TenantId& tenant, const NewWebhook& webhook);
  Result<Webhook> change(const TenantId& tenant, const std::string& webhook_id, const WebhookChange& change);
  Result<void> remove(const TenantId& tenant, const std::string& webhook_id);
  Result<WebhookWithSecret> rotate_secret(const TenantId& tenant, const std::string& webhook_id);  // the old one signs too for 24 h
  Result<Delivery> ping(const TenantId& tenant, const std::string& webhook_id);

  Result<DeliveryPage> deliveries(const TenantId& tenant, const std::string& webhook_id, const std::optional<std::string>& state,
                                  const std::optional<std::string>& cursor, int limit);
  Result<Delivery> replay(const TenantId& tenant, const std::string& webhook_id, const std::string& delivery_id);

  // For the sender: due deliveries of all tenants, each taken once, at most 2 of a webhook and 4 of a tenant; then what became of it.
  // One whose secret cannot be unwrapped is recorded as failed and passed over.
  Result<std::vector<DueDelivery>> take_due(int most);
  Result<void> record(const DueDelivery& delivery, const DeliveryOutcome& outcome);

 private:
  postgres::Pool& pool_;
  const crypto::MasterKey& master_key_;
  Clock& clock_;
  const WebhookOptions options_;
};

// "t=SECONDS,v1=HEX[,v1=HEX]": HMAC-SHA256 with each secret over SECONDS, a full stop and the body.
std::string signature_of(const DueDelivery& delivery, TimePoint at);

}  // namespace letterlock
