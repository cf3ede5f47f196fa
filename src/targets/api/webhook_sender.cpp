#include "targets/api/webhook_sender.h"

#include "base/log.h"

namespace letterlock::api {
namespace {

// What the receiver said, without its body: it is not ours to keep.
DeliveryOutcome outcome_of(const Result<http::ClientResponse>& answer) {
  if (!answer) return {.reason = answer.error().code == "timeout" ? "no answer in time" : answer.error().message};
  if (answer->status >= 200 && answer->status < 300) return {.response_status = answer->status};
  return {.response_status = answer->status, .reason = "answered " + std::to_string(answer->status)};
}

}  // namespace

Result<int> WebhookSender::run_once(std::stop_token stop) {
  const auto due = TRY(webhooks_.take_due(options_.at_once));
  if (due.empty()) return 0;
  std::vector<http::ClientRequest> requests;
  for (const auto& delivery : due)
    requests.push_back({.method = "POST",
                        .url = delivery.url,
                        .headers = {{"content-type", "application/json"},
                                    {"user-agent", "Letterlock-Webhook/1"},
                                    {"x-letterlock-signature", signature_of(delivery, clock_.now())}},
                        .body = delivery.body,
                        .connect_timeout = options_.timeout,
                        .timeout = options_.timeout,
                        .body_bytes_max = 64 << 10});
  const auto answers = client_.send_all(std::move(requests), options_.at_once, stop);
  for (std::size_t i = 0; i < due.size(); ++i) {
    const auto outcome = outcome_of(answers[i]);
    metrics_.count("letterlock_webhook_deliveries_total", "Tries to deliver an event to a webhook",
                   {{"outcome", outcome.reason.empty() ? "delivered" : "failed"}});
    if (const auto recorded = webhooks_.record(due[i], outcome); !recorded)
      LOG(warn, "a webhook's delivery could not be recorded; it will be sent again", {{"reason", recorded.error().message}});
  }
  return static_cast<int>(due.size());
}

void WebhookSender::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const auto sent = run_once(stop);
    if (!sent) LOG(warn, "webhooks could not be looked at", {{"reason", sent.error().message}});
    if (!sent || *sent == 0) clock_.wait(options_.pause, stop);
  }
}

}  // namespace letterlock::api
