#include "targets/api/internal_routes.h"

#include <memory>

#include "base/encoding.h"
#include "base/log.h"
#include "targets/api/internal_json.h"

namespace letterlock::api {
namespace {

using internal::read;
using internal::write;

struct Internal {
  InternalDependencies api;

  Result<crypto::ServiceClaims> claims_of(const http::Request& request) const {
    constexpr std::string_view bearer = "Bearer ";
    const auto authorization = request.header("authorization");
    if (!authorization.starts_with(bearer)) return fail(ErrorKind::unauthenticated, "a service token is needed");
    return api.verifier.verify(authorization.substr(bearer.size()), api.clock.now());
  }

  // A call about a claimed job: the token is of one of the job's target and tenant, and the path names the job.
  Result<void> check_job(const http::Request& request, const ClaimedJob& job, std::optional<JobKind> only) const {
    const auto claims = TRY(claims_of(request));
    if (claims.target != to_string(job.message.kind) || (only && job.message.kind != *only))
      return fail(ErrorKind::forbidden, "the target " + claims.target + " may not make this call");
    if (claims.tenant_id != job.message.tenant_id.str()) return fail(ErrorKind::forbidden, "the token is of another tenant");
    if (request.path_parameters.at("job_id") != job.message.job_id.str())
      return fail(ErrorKind::invalid, "path and body name different jobs");
    return {};
  }

  Result<std::string> claim(const http::Request& request) const {
    const auto claims = TRY(claims_of(request));  // before anything is told about the body
    const auto body = TRY(read<internal::ClaimBody>(request.body));
    if (claims.target != to_string(body.message.kind))
      return fail(ErrorKind::forbidden, "the target " + claims.target + " may not claim this kind of job");
    if (claims.tenant_id != "*" && claims.tenant_id != body.message.tenant_id.str())
      return fail(ErrorKind::forbidden, "the token is of another tenant");
    if (request.path_parameters.at("job_id") != body.message.job_id.str())
      return fail(ErrorKind::invalid, "path and body name different jobs");
    auto job = TRY(api.control.claim(body.message, body.worker));
    job.service_token = api.signer.sign(
        {.target = claims.target, .tenant_id = job.message.tenant_id.str(), .expires_at = api.clock.now() + api.job_token_valid});
    return write(job);
  }

  template <class Body>
  Result<Body> job_body(const http::Request& request, std::optional<JobKind> only) const {
    TRY(claims_of(request));
    auto body = TRY(read<Body>(request.body));
    TRY(check_job(request, body.job, only));
    return body;
  }

  Result<std::string> renew(const http::Request& request) const {
    const auto body = TRY(job_body<internal::JobBody>(request, std::nullopt));
    return write(internal::LeaseAnswer{TRY(api.control.renew(body.job))});
  }

  Result<std::string> give_back(const http::Request& request) const {
    const auto body = TRY(job_body<internal::JobBody>(request, std::nullopt));
    TRY(api.control.give_back(body.job));
    return std::string("{}");
  }

  Result<std::string> connection(const http::Request& request) const {
    const auto body = TRY(job_body<internal::JobBody>(request, JobKind::ingestion));
    return write(TRY(api.control.get_connection(body.job)));
  }

  Result<std::string> finish_ingestion(const http::Request& request) const {
    const auto body = TRY(job_body<internal::FinishIngestionBody>(request, JobKind::ingestion));
    TRY(api.control.finish_ingestion(body.job, body.outcome));
    return std::string("{}");
  }

  Result<std::string> watermark(const http::Request& request) const {
    const auto body = TRY(job_body<internal::JobBody>(request, JobKind::analysis));
    return write(internal::WatermarkAnswer{TRY(api.control.get_watermark(body.job))});
  }

  Result<std::string> rule_settings(const http::Request& request) const {
    const auto body = TRY(job_body<internal::JobBody>(request, JobKind::analysis));
    return write(internal::RuleSettingsAnswer{TRY(api.control.get_rule_settings(body.job))});
  }

  Result<std::string> finish_analysis(const http::Request& request) const {
    const auto body = TRY(job_body<internal::FinishAnalysisBody>(request, JobKind::analysis));
    TRY(api.control.finish_analysis(body.job, body.outcome));
    return std::string("{}");
  }

  Result<std::string> storage_report(const http::Request& request) const {
    const auto claims = TRY(claims_of(request));
    if (claims.target != "storage" || claims.tenant_id != "*")
      return fail(ErrorKind::forbidden, "only storage may report on the mail store");
    TRY(api.control.report_storage(TRY(read<StorageState>(request.body))));
    return std::string("{}");
  }

  Result<std::string> data_key(const http::Request& request) const {
    const auto claims = TRY(claims_of(request));
    const auto& tenant = request.path_parameters.at("tenant_id");
    if (claims.target != "storage") return fail(ErrorKind::forbidden, "only storage may fetch data keys");
    if (claims.tenant_id != "*" && claims.tenant_id != tenant) return fail(ErrorKind::forbidden, "the token is of another tenant");
    if (!is_uuid(tenant)) return fail(ErrorKind::not_found, "there is no such tenant");
    auto key = TRY(api.control.get_data_key(TenantId(tenant)));
    auto answer = write(internal::DataKeyAnswer{to_hex(key.bytes)});
    crypto::wipe(key.bytes);
    return answer;
  }
};

// Of a call with a service token; without one no body is read.
constexpr std::size_t body_bytes_max = 16 << 20;

using Call = Result<std::string> (Internal::*)(const http::Request&) const;

http::Response refusal(const Error& error) {
  return {.status = http::status_of(error.kind), .headers = {{"content-type", "application/json"}}, .body = internal::write_error(error)};
}

http::Response respond(const Internal& internal, Call call, const http::Request& request) {
  auto answer = (internal.*call)(request);
  if (answer) return {.headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}}, .body = std::move(*answer)};
  const auto& error = answer.error();
  if (error.kind != ErrorKind::conflict && error.kind != ErrorKind::not_found)
    write_log(log_level_of(error.kind), "an internal call was refused", {{"path", request.path}, {"reason", error.message}});
  return refusal(error);
}

}  // namespace

std::vector<http::Route> internal_routes(const InternalDependencies& dependencies) {
  const auto shared = std::make_shared<const Internal>(dependencies);
  const auto to = [&](Call call) { return [shared, call](const http::Request& request) { return respond(*shared, call, request); }; };
  std::vector<http::Route> routes{
      {"POST", "/internal/v1/jobs/{job_id}/claim", to(&Internal::claim)},
      {"POST", "/internal/v1/jobs/{job_id}/renew", to(&Internal::renew)},
      {"POST", "/internal/v1/jobs/{job_id}/give-back", to(&Internal::give_back)},
      {"POST", "/internal/v1/jobs/{job_id}/connection", to(&Internal::connection)},
      {"POST", "/internal/v1/jobs/{job_id}/finish-ingestion", to(&Internal::finish_ingestion)},
      {"POST", "/internal/v1/jobs/{job_id}/watermark", to(&Internal::watermark)},
      {"POST", "/internal/v1/jobs/{job_id}/rule-settings", to(&Internal::rule_settings)},
      {"POST", "/internal/v1/jobs/{job_id}/finish-analysis", to(&Internal::finish_analysis)},
      {"POST", "/internal/v1/tenants/{tenant_id}/data-key", to(&Internal::data_key)},
      {"POST", "/internal/v1/storage-report", to(&Internal::storage_report)},
  };
  for (auto& route : routes) {
    route.body_bytes_max = body_bytes_max;
    route.admit = [shared](const http::Request& request) -> std::optional<http::Response> {
      const auto claims = shared->claims_of(request);
      return claims ? std::nullopt : std::optional(refusal(claims.error()));
    };
  }
  routes.push_back({"*", "/internal/{path...}", [](const http::Request&) { return http::problem(404, "not_found", "Not found", ""); }});
  return routes;
}

}  // namespace letterlock::api
