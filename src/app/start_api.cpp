#include "app/start_api.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "domain/detection/rule_pack.h"
#include "targets/api/api_routes.h"
#include "targets/api/domain_services.h"
#include "targets/api/internal_routes.h"
#include "targets/api/static_files.h"

namespace letterlock {
namespace {

class ApiTarget final : public Running {
 public:
  ApiTarget(Parts& parts, detection::RulePack pack, crypto::ServiceTokenVerifier verifier)
      : pack_(std::move(pack)),
        rules_folder_(parts.config.share_dir + "/rules"),
        verifier_(std::move(verifier)),
        access_(parts.local_control->access, parts.clock),
        alerts_(parts.local_control->alerts, [this](const RuleId& rule) { return text_of(rule); }),
        connections_(parts.local_control->tenants, access_),
        tenants_(parts.local_control->tenants) {}

  Result<void> add_routes(Parts& parts) {
    const auto& config = parts.config;
    const auto add = [&](std::vector<http::Route> routes) { std::ranges::move(routes, std::back_inserter(parts.routes)); };
    add(api::api_routes({.access = access_,
                         .alerts = alerts_,
                         .connections = connections_,
                         .tenants = tenants_,
                         .storage = *parts.storage,
                         .rules = [this, &parts](const TenantId& tenant) { return rules_of(*parts.control, tenant); },
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
  // What the pack says about a rule now; a retired rule's alerts stay readable.
  api::RuleText text_of(const RuleId& id) const {
    const auto* rule = pack_.find(id);
    if (!rule) return {};
    std::ifstream runbook(rules_folder_ + "/" + id.str() + ".md");
    return {.description = rule->description, .runbook = std::string(std::istreambuf_iterator<char>(runbook), {})};
  }

  Result<std::vector<api::RuleView>> rules_of(ControlPlane& control, const TenantId& tenant) const {
    const auto settings = TRY(control.get_rule_settings(ClaimedJob{.message = {.tenant_id = tenant}}));
    std::vector<api::RuleView> views;
    for (const auto& rule : pack_.rules()) {
      const auto found = std::ranges::find(settings, rule.id, &RuleSetting::rule_id);
      views.push_back({.rule_id = rule.id.str(),
                       .title = rule.title,
                       .severity = std::string(to_string(rule.severity)),
                       .attack_technique = rule.attack_technique,
                       .description = rule.description,
                       .enabled = found == settings.end() || found->enabled});
    }
    return views;
  }

  const detection::RulePack pack_;
  const std::string rules_folder_;
  const crypto::ServiceTokenVerifier verifier_;
  api::DomainAccess access_;
  api::DomainAlerts alerts_;
  api::DomainConnections connections_;
  api::DomainTenants tenants_;
};

}  // namespace

Result<std::unique_ptr<Running>> start_api(Parts& parts) {
  auto target = std::make_unique<ApiTarget>(parts, TRY(detection::RulePack::load(parts.config.share_dir + "/rules")),
                                            TRY(crypto::ServiceTokenVerifier::load(parts.config.service_public_key_file)));
  TRY(target->add_routes(parts));
  return target;
}

}  // namespace letterlock
