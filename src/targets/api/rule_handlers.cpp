#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {

http::Response list_rules(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  return answer(api.rules.list(api.services.rules, *caller.tenant_id), request);
}

http::Response get_rule(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  return answer(api.rules.get(api.services.rules, *caller.tenant_id, RuleId(request.path_parameters.at("rule_id"))), request);
}

http::Response change_rule(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto changed = [&]() -> Result<RuleDetailView> {
    const RuleId id(request.path_parameters.at("rule_id"));
    if (!api.rules.has(id)) return fail(ErrorKind::not_found, "There is no such rule.");
    const auto change = TRY(rule_change_body(request.body));
    TRY(audited(api, caller, "rule.change", id.str()));
    TRY(api.services.rules.change(*caller.tenant_id, id, change));
    return api.rules.get(api.services.rules, *caller.tenant_id, id);
  }();
  return answer(changed, request);
}

}  // namespace letterlock::api
