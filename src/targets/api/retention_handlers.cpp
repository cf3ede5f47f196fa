#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {

http::Response get_retention(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  return answer(api.services.retention.get(*caller.tenant_id), request);
}

http::Response set_retention(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto changed = [&]() -> Result<Retention> {
    const auto days = TRY(retention_body(request.body));
    TRY(audited(api, caller, "retention.change", days ? std::to_string(*days) + " days" : "keep"));
    return api.services.retention.set(*caller.tenant_id, days);
  }();
  return answer(changed, request);
}

}  // namespace letterlock::api
