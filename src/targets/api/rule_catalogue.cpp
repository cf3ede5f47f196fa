#include "targets/api/rule_catalogue.h"

#include <fstream>
#include <iterator>

namespace letterlock::api {
namespace {

RuleView view_of(const detection::Rule& rule, const std::map<std::string, RuleStatus>& known) {
  RuleView view{.rule_id = rule.id.str(),
                .title = rule.title,
                .severity = std::string(to_string(rule.severity)),
                .attack_technique = rule.attack_technique,
                .description = rule.description};
  const auto found = known.find(rule.id.str());
  if (found == known.end()) return view;
  const auto& status = found->second;
  view.enabled = status.thresholds.enabled;
  view.severity_override = status.thresholds.severity_override;
  view.confidence_min = status.thresholds.confidence_min;
  view.alerts = status.alerts;
  view.alerts_open = status.alerts_open;
  view.fraud = status.fraud;
  view.not_fraud = status.not_fraud;
  view.last_finding_at = status.last_finding_at;
  view.cost = status.cost;
  return view;
}

}  // namespace

RuleText RuleCatalogue::text_of(const RuleId& id) const {
  const auto* rule = pack_.find(id);
  if (!rule) return {};  // a retired rule's alerts stay readable
  std::ifstream runbook(folder_ + "/" + id.str() + ".md");
  return {.description = rule->description, .runbook = std::string(std::istreambuf_iterator<char>(runbook), {})};
}

Result<RuleList> RuleCatalogue::list(RuleSettingsService& settings, const TenantId& tenant) const {
  const auto known = TRY(settings.status(tenant));
  RuleList list;
  for (const auto& rule : pack_.rules()) list.rules.push_back(view_of(rule, known));
  return list;
}

Result<RuleDetailView> RuleCatalogue::get(RuleSettingsService& settings, const TenantId& tenant, const RuleId& id) const {
  const auto* rule = pack_.find(id);
  if (!rule) return fail(ErrorKind::not_found, "There is no such rule.");
  return RuleDetailView{.rule = view_of(*rule, TRY(settings.status(tenant))),
                        .rule_version = rule->version,
                        .query_sql = rule->query,
                        .runbook = text_of(id).runbook,
                        .sources = rule->sources};
}

}  // namespace letterlock::api
