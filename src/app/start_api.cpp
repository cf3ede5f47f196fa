#include "app/start_api.h"

#include <filesystem>

#include "app/api_boards.h"
#include "base/log.h"
#include "targets/api/api_routes.h"
#include "targets/api/internal_routes.h"
#include "targets/api/static_files.h"

namespace letterlock {
namespace {

class ApiTarget final : public Running {
 public:
  ApiTarget(Parts& parts, detection::RulePack pack, crypto::ServiceTokenVerifier verifier)
      : pack_(std::move(pack)),
        verifier_(std::move(verifier)),
        access_(parts.local_control->access, parts.clock),
        alerts_(parts.local_control->alerts, pack_, parts.config.share_dir + "/rules"),
        connections_(parts.local_control->tenants),
        tenants_(parts.local_control->tenants) {}

  Result<void> add_routes(Parts& parts) {
    const auto& config = parts.config;
    const auto add = [&](std::vector<http::Route> routes) { std::ranges::move(routes, std::back_inserter(parts.routes)); };
    add(api::api_routes({.access = access_,
                         .alerts = alerts_,
                         .connections = connections_,
                         .tenants = tenants_,
                         .storage = *parts.storage,
                         .rules = [this, &parts](const TenantId& tenant) { return rules_of(pack_, *parts.control, tenant); },
                         .secure_cookies = !config.tls_certificate_file.empty() || config.public_url.starts_with("https://")}));
    add(api::internal_routes({.control = *parts.control, .signer = *parts.signer, .verifier = verifier_, .clock = parts.clock}));
    const std::filesystem::path console = config.share_dir + "/web/dist";
    auto files = api::static_routes(console);
    if (!files && files.error().kind != ErrorKind::not_found) return fail(std::move(files).error());
    add(files ? std::move(*files) : api::console_missing_routes(console));
    return {};
  }
  void stop() override {}  // its routes ended with the listener

 private:
  detection::RulePack pack_;
  crypto::ServiceTokenVerifier verifier_;
  AccessBoardOverDomain access_;
  AlertBoardOverDomain alerts_;
  ConnectionBoardOverDomain connections_;
  TenantBoardOverDomain tenants_;
};

}  // namespace

Result<std::unique_ptr<Running>> start_api(Parts& parts) {
  auto target = std::make_unique<ApiTarget>(parts, TRY(detection::RulePack::load(parts.config.share_dir + "/rules")),
                                            TRY(crypto::ServiceTokenVerifier::load(parts.config.service_public_key_file)));
  TRY(target->add_routes(parts));
  return target;
}

}  // namespace letterlock
