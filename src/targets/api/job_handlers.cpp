#include <array>

#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {
namespace {

constexpr std::array<std::string_view, 4> states{"queued", "running", "done", "dead"};
constexpr std::array<std::string_view, 2> kinds{"ingestion", "analysis"};

Result<std::optional<JobState>> state_of(const http::Request& request) {
  const auto word = TRY(word_of(request, "state", states));
  return word ? job_state_from(*word) : std::nullopt;
}

}  // namespace

http::Response list_jobs(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto found = [&]() -> Result<JobPage> {
    JobFilter filter{.state = TRY(state_of(request)), .cursor = TRY(cursor_of(request)), .limit = TRY(limit_of(request))};
    if (const auto kind = TRY(word_of(request, "kind", kinds))) filter.kind = job_kind_from(*kind);
    if (const auto connection = TRY(text_of(request, "connection_id", 36))) filter.connection_id = ConnectionId(*connection);
    return api.services.jobs.list(*caller.tenant_id, filter);
  }();
  return answer(found, request);
}

http::Response get_job(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<JobId>(request, "job_id");
  if (!id) return refused(id.error(), request);
  return answer(api.services.jobs.get(*caller.tenant_id, *id), request);
}

http::Response replay_job(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<JobId>(request, "job_id");
  if (!id) return refused(id.error(), request);
  if (const auto noted = audited(api, caller, "job.replay", id->str()); !noted) return refused(noted.error(), request);
  if (const auto replayed = api.services.jobs.replay(*caller.tenant_id, *id); !replayed) return refused(replayed.error(), request);
  return json(202, to_json(Queued{id->str()}));
}

http::Response get_installation(const ApiDependencies& api, const http::Request& request, const Principal&) {
  return answer(api.services.installation.installation(), request);
}

http::Response list_installation_jobs(const ApiDependencies& api, const http::Request& request, const Principal&) {
  const auto found = [&]() -> Result<InstallationJobPage> {
    InstallationJobFilter filter{.state = TRY(state_of(request)), .cursor = TRY(cursor_of(request)), .limit = TRY(limit_of(request))};
    if (const auto tenant = TRY(text_of(request, "tenant_id", 36))) filter.tenant_id = TenantId(*tenant);
    return api.services.installation.jobs(filter);
  }();
  return answer(found, request);
}

http::Response replay_installation_job(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<JobId>(request, "job_id");
  if (!id) return refused(id.error(), request);
  const auto replayed = [&]() -> Result<void> {
    const auto tenant = TRY(api.services.installation.tenant_of(*id));
    TRY(audited(api, caller, "job.replay", id->str()));
    return api.services.jobs.replay(tenant, *id);
  }();
  if (!replayed) return refused(replayed.error(), request);
  return json(202, to_json(Queued{id->str()}));
}

}  // namespace letterlock::api
