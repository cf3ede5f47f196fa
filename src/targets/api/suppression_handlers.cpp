#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {

http::Response list_suppressions(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto found = [&]() -> Result<SuppressionPage> {
    return api.services.suppressions.list(*caller.tenant_id, TRY(bool_of(request, "active")), TRY(cursor_of(request)),
                                          TRY(limit_of(request)));
  }();
  return answer(found, request);
}

http::Response create_suppression(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto made = [&]() -> Result<Suppression> {
    const auto body = TRY(new_suppression_body(request.body));
    TRY(audited(api, caller, "suppression.create", body.key.entity.value_or(body.key.rule_id.value_or(body.key.subject.value_or("")))));
    return api.services.suppressions.create(*caller.tenant_id, body, caller.name);
  }();
  return answer(made, request, 201);
}

http::Response end_suppression(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<std::string>(request, "suppression_id");
  if (!id) return refused(id.error(), request);
  if (const auto noted = audited(api, caller, "suppression.end", *id); !noted) return refused(noted.error(), request);
  return answer(api.services.suppressions.end(*caller.tenant_id, *id, caller.name), request);
}

}  // namespace letterlock::api
