#pragma once

// Sends what webhooks are owed: takes due deliveries, posts them, records what became of each. One thread of its own; several processes may
// each have one, a delivery is taken by one of them.

#include <chrono>
#include <stop_token>

#include "adapters/http/client.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "domain/webhooks/webhook_service.h"

namespace letterlock::api {

struct WebhookSenderOptions {
  int at_once = 20;                           // deliveries taken and sent together
  std::chrono::seconds pause{2};              // between two looks where nothing was due
  std::chrono::milliseconds timeout{10'000};  // of one delivery
};

class WebhookSender {
 public:
  WebhookSender(WebhookService& webhooks, http::Client& client, Clock& clock, Metrics& metrics, WebhookSenderOptions options = {})
      : webhooks_(webhooks), client_(client), clock_(clock), metrics_(metrics), options_(options) {}

  // Until stop is requested. What is in flight then is recorded or due again when its lease ends.
  void run(std::stop_token stop);
  // One look; how many were sent, whatever became of them.
  Result<int> run_once(std::stop_token stop);

 private:
  WebhookService& webhooks_;
  http::Client& client_;
  Clock& clock_;
  Metrics& metrics_;
  const WebhookSenderOptions options_;
};

}  // namespace letterlock::api
