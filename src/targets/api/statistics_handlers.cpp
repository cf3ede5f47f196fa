#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {

http::Response get_alert_statistics(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto days = days_of(request);
  if (!days) return refused(days.error(), request);
  return answer(api.services.alert_statistics.get(*caller.tenant_id, *days), request);
}

http::Response get_mail_statistics(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto days = days_of(request);
  if (!days) return refused(days.error(), request);
  return answer(api.mail.statistics(*caller.tenant_id, *days), request);
}

http::Response get_coverage(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  return answer(api.services.mailboxes.coverage(*caller.tenant_id), request);
}

}  // namespace letterlock::api
