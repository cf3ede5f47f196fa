#include "app/start_api.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "targets/api/api_routes.h"
#include "targets/api/internal_routes.h"
#include "targets/api/retention_runner.h"
#include "targets/api/static_files.h"
#include "targets/api/webhook_sender.h"

namespace letterlock {
namespace {

class ApiTarget final : public Running {
 public:
  ApiTarget(Parts& parts, detection::RulePack pack, crypto::ServiceTokenVerifier verifier)
      : rules_(std::move(pack), parts.config.share_dir + "/rules"),
        verifier_(std::move(verifier)),
        mail_(*parts.api_storage, parts.clock),
        probe_([&parts](const Connection& connection) { return parts.make_provider(connection); }, parts.clock),
        limiter_(parts.clock, {.requests_max = parts.config.requests_per_minute_max}),
        open_limiter_(parts.clock, {.requests_max = parts.config.sign_ins_per_minute_max}),
        webhook_sender_(parts.local_control->services.webhooks, *parts.outside_client, parts.clock, parts.metrics),
        retention_runner_(parts.local_control->services.retention, *parts.api_storage, parts.clock, parts.metrics) {}

  Result<void> add_routes(Parts& parts) {
    const auto& config = parts.config;
    const auto add = [&](std::vector<http::Route> routes) { std::ranges::move(routes, std::back_inserter(parts.routes)); };
    add(api::api_routes({.services = parts.local_control->services,
                         .storage = *parts.api_storage,
                         .mail = mail_,
                         .probe = probe_,
                         .rules = rules_,
                         .limiter = limiter_,
                         .open_limiter = open_limiter_,
                         .secure_cookies = !config.tls_certificate_file.empty() || config.public_url.starts_with("https://")}));
    parts.internal_routes =
        api::internal_routes({.control = *parts.control, .signer = *parts.signer, .verifier = verifier_, .clock = parts.clock});
    const std::filesystem::path console = config.share_dir + "/web/dist";
    auto files = api::static_routes(console);
    if (!files && files.error().kind != ErrorKind::not_found) return fail(std::move(files).error());
    add(files ? std::move(*files) : api::console_missing_routes(console));
    return {};
  }

  void start_threads() {
    retention_thread_ = std::jthread([this](std::stop_token stop) { retention_runner_.run(stop); });
    webhook_thread_ = std::jthread([this](std::stop_token stop) { webhook_sender_.run(stop); });
  }

  // Its routes ended with the listener.
  void stop() override {
    webhook_thread_.request_stop();
    retention_thread_.request_stop();
    webhook_thread_.join();
    retention_thread_.join();
  }

 private:
  const api::RuleCatalogue rules_;
  const crypto::ServiceTokenVerifier verifier_;
  MailHistory mail_;
  ConnectionProbe probe_;
  api::RateLimiter limiter_, open_limiter_;
  api::WebhookSender webhook_sender_;
  api::RetentionRunner retention_runner_;
  std::jthread webhook_thread_, retention_thread_;
};

}  // namespace

Result<std::unique_ptr<Running>> start_api(Parts& parts) {
  auto target = std::make_unique<ApiTarget>(parts, TRY(detection::RulePack::load(parts.config.share_dir + "/rules")),
                                            TRY(crypto::ServiceTokenVerifier::load(parts.config.service_public_key_file)));
  TRY(target->add_routes(parts));
  target->start_threads();
  return target;
}

}  // namespace letterlock
