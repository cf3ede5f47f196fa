#pragma once

// The control plane of a target whose process does not hold PostgreSQL: /internal/v1 of `api`. Owned by app/; any thread.

#include <stop_token>
#include <string>

#include "adapters/http/client.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "ports/control_plane.h"

namespace letterlock::api {

struct HttpControlPlaneOptions {
  std::string api_url;        // "https://127.0.0.1:8443", without a path
  std::string service_token;  // this target's own
  BackoffOptions backoff{.first = std::chrono::milliseconds(200), .max = std::chrono::milliseconds(5'000), .tries_max = 6};
  std::chrono::milliseconds timeout{30'000};  // of one try
};

// `unavailable` is tried again with back-off. A claim or finish whose answer was lost is then refused with `conflict`, which
// callers treat as "somebody else's": the lease runs out, and nothing is done twice.
class HttpControlPlane final : public ControlPlane {
 public:
  HttpControlPlane(HttpControlPlaneOptions options, http::Client& client, Clock& clock, std::stop_token stop = {});

  Result<ClaimedJob> claim(const JobMessage& message, const std::string& worker) override;
  Result<TimePoint> renew(const ClaimedJob& job) override;
  Result<void> give_back(const ClaimedJob& job) override;
  Result<Connection> get_connection(const ClaimedJob& job) override;
  Result<void> finish_ingestion(const ClaimedJob& job, const SliceOutcome& outcome) override;
  Result<std::int64_t> get_watermark(const ClaimedJob& job) override;
  Result<std::vector<RuleSetting>> get_rule_settings(const ClaimedJob& job) override;
  Result<void> finish_analysis(const ClaimedJob& job, const AnalysisOutcome& outcome) override;
  Result<DataKey> get_data_key(const TenantId& tenant) override;
  Result<void> report_storage(const StorageState& state) override;

 private:
  Result<std::string> call(const std::string& path, const std::string& token, std::string body);
  Result<std::string> call(const std::string& path, const std::string& token, std::string body, const BackoffOptions& tries_allowed,
                           std::chrono::milliseconds timeout);
  Result<std::string> call_job(const ClaimedJob& job, std::string_view action, std::string body);

  HttpControlPlaneOptions options_;
  http::Client& client_;
  Clock& clock_;
  std::stop_token stop_;
};

}  // namespace letterlock::api
