#include "targets/api/http_control_plane.h"

#include <random>

#include "adapters/crypto/crypto.h"
#include "base/encoding.h"
#include "targets/api/internal_json.h"

namespace letterlock::api {

using internal::read;
using internal::write;

HttpControlPlane::HttpControlPlane(HttpControlPlaneOptions options, http::Client& client, Clock& clock, std::stop_token stop)
    : options_(std::move(options)), client_(client), clock_(clock), stop_(std::move(stop)) {
  while (options_.api_url.ends_with('/')) options_.api_url.pop_back();
}

Result<std::string> HttpControlPlane::call(const std::string& path, const std::string& token, std::string body) {
  return call(path, token, std::move(body), options_.backoff, options_.timeout);
}

Result<std::string> HttpControlPlane::call(const std::string& path, const std::string& token, std::string body,
                                           const BackoffOptions& tries_allowed, std::chrono::milliseconds timeout) {
  const http::ClientRequest request{.method = "POST",
                                    .url = options_.api_url + "/internal/v1" + path,
                                    .headers = {{"authorization", "Bearer " + token}, {"content-type", "application/json"}},
                                    .body = std::move(body),
                                    .timeout = timeout};
  Backoff backoff(tries_allowed, std::random_device{}());
  for (int tries = 1;; ++tries) {
    auto response = client_.send(request, stop_);
    if (response && response->status == 200) return std::move(response->body);
    auto error = response ? internal::read_error(response->status, response->body) : std::move(response).error();
    if (error.kind != ErrorKind::unavailable || error.code == "cancelled" || backoff.exhausted(tries))
      return fail(std::move(error).during("calling api" + path));
    if (!clock_.wait(backoff.delay(tries), stop_)) return fail(std::move(error).during("calling api" + path));
  }
}

Result<std::string> HttpControlPlane::call_job(const ClaimedJob& job, std::string_view action, std::string body) {
  return call("/jobs/" + url_encode(job.message.job_id.str()) + "/" + std::string(action), job.service_token, std::move(body));
}

Result<ClaimedJob> HttpControlPlane::claim(const JobMessage& message, const std::string& worker) {
  const auto body = TRY(call("/jobs/" + url_encode(message.job_id.str()) + "/claim", options_.service_token,
                             write(internal::ClaimBody{.message = message, .worker = worker})));
  return read<ClaimedJob>(body);
}

Result<TimePoint> HttpControlPlane::renew(const ClaimedJob& job) {
  const auto body = TRY(call_job(job, "renew", write(internal::JobBody{job})));
  return TRY(read<internal::LeaseAnswer>(body)).lease_expires_at;
}

Result<void> HttpControlPlane::give_back(const ClaimedJob& job) {
  TRY(call_job(job, "give-back", write(internal::JobBody{job})));
  return {};
}

Result<Connection> HttpControlPlane::get_connection(const ClaimedJob& job) {
  auto body = TRY(call_job(job, "connection", write(internal::JobBody{job})));
  auto connection = read<Connection>(body);
  crypto::wipe(body);
  return connection;
}

Result<void> HttpControlPlane::finish_ingestion(const ClaimedJob& job, const SliceOutcome& outcome) {
  TRY(call_job(job, "finish-ingestion", write(internal::FinishIngestionBody{.job = job, .outcome = outcome})));
  return {};
}

Result<std::int64_t> HttpControlPlane::get_watermark(const ClaimedJob& job) {
  const auto body = TRY(call_job(job, "watermark", write(internal::JobBody{job})));
  return TRY(read<internal::WatermarkAnswer>(body)).watermark;
}

Result<std::vector<RuleSetting>> HttpControlPlane::get_rule_settings(const ClaimedJob& job) {
  const auto body = TRY(call_job(job, "rule-settings", write(internal::JobBody{job})));
  return TRY(read<internal::RuleSettingsAnswer>(body)).rule_settings;
}

Result<void> HttpControlPlane::finish_analysis(const ClaimedJob& job, const AnalysisOutcome& outcome) {
  TRY(call_job(job, "finish-analysis", write(internal::FinishAnalysisBody{.job = job, .outcome = outcome})));
  return {};
}

Result<DataKey> HttpControlPlane::get_data_key(const TenantId& tenant) {
  auto body = TRY(call("/tenants/" + url_encode(tenant.str()) + "/data-key", options_.service_token, "{}"));
  auto answer = TRY(read<internal::DataKeyAnswer>(body));
  crypto::wipe(body);
  auto bytes = from_hex(answer.data_key_hex);
  crypto::wipe(answer.data_key_hex);
  if (!bytes || bytes->size() != 32) return fail(ErrorKind::internal, "api sent a data key that is not 32 bytes long");
  return DataKey{.bytes = std::move(*bytes)};
}

Result<void> HttpControlPlane::report_storage(const StorageState& state) {
  // One short try: the next report is due soon, and an ordered stop waits for this one.
  TRY(call("/storage-report", options_.service_token, write(state), {.tries_max = 1}, std::chrono::seconds(5)));
  return {};
}

}  // namespace letterlock::api
