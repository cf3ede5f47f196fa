// The control plane over /internal/v1 against the suite of its port: HttpControlPlane, the routes, ControlService, PostgreSQL.

#include "targets/api/http_control_plane.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "adapters/http/router.h"
#include "targets/api/internal_routes.h"
#include "tests/support/control_under_test.h"

namespace letterlock::api {
namespace {

using testing::must;

// Hands requests to the routes. Any thread.
class RouteClient final : public http::Client {
 public:
  explicit RouteClient(std::vector<http::Route> routes) : router_(std::move(routes)) {}
  Result<http::ClientResponse> send(const http::ClientRequest& sent, std::stop_token) override {
    http::Request request{
        .method = sent.method, .raw_path = sent.url.substr(std::string("http://api").size()), .headers = sent.headers, .body = sent.body};
    std::string pattern;
    auto response = http::dispatch(router_, request, pattern);
    return http::ClientResponse{.status = response.status, .headers = response.headers, .body = std::move(response.body)};
  }
  std::vector<Result<http::ClientResponse>> send_all(std::vector<http::ClientRequest>, int, std::stop_token) override { return {}; }

 private:
  http::Router router_;
};

struct TokenKeys {
  TokenKeys() {
    const auto folder = std::filesystem::temp_directory_path() / ("letterlock-tokens-" + new_uuid());
    std::filesystem::create_directory(folder);
    must(crypto::ServiceTokenSigner::create(folder / "secret", folder / "public"));
    signer = crypto::ServiceTokenSigner::load(folder / "secret").value();
    verifier = crypto::ServiceTokenVerifier::load(folder / "public").value();
    std::filesystem::remove_all(folder);
  }
  std::optional<crypto::ServiceTokenSigner> signer;
  std::optional<crypto::ServiceTokenVerifier> verifier;
};

// In the product each target has a plane of its own; the suite plays all of them.
class PlaneOfEveryTarget final : public ControlPlane {
 public:
  PlaneOfEveryTarget(const TokenKeys& keys, http::Client& client, Clock& clock)
      : ingestion_(options(keys, clock, "ingestion"), client, clock),
        analysis_(options(keys, clock, "analysis"), client, clock),
        storage_(options(keys, clock, "storage"), client, clock) {}
  Result<ClaimedJob> claim(const JobMessage& message, const std::string& worker) override { return of(message).claim(message, worker); }
  Result<TimePoint> renew(const ClaimedJob& job) override { return of(job.message).renew(job); }
  Result<void> give_back(const ClaimedJob& job) override { return of(job.message).give_back(job); }
  Result<Connection> get_connection(const ClaimedJob& job) override { return of(job.message).get_connection(job); }
  Result<void> finish_ingestion(const ClaimedJob& job, const SliceOutcome& outcome) override {
    return of(job.message).finish_ingestion(job, outcome);
  }
  Result<std::int64_t> get_watermark(const ClaimedJob& job) override { return of(job.message).get_watermark(job); }
  Result<std::vector<RuleSetting>> get_rule_settings(const ClaimedJob& job) override { return of(job.message).get_rule_settings(job); }
  Result<void> finish_analysis(const ClaimedJob& job, const AnalysisOutcome& outcome) override {
    return of(job.message).finish_analysis(job, outcome);
  }
  Result<DataKey> get_data_key(const TenantId& tenant) override { return storage_.get_data_key(tenant); }
  Result<void> report_storage(const StorageState& state) override { return storage_.report_storage(state); }

 private:
  static HttpControlPlaneOptions options(const TokenKeys& keys, Clock& clock, std::string target) {
    return {.api_url = "http://api",
            .service_token =
                keys.signer->sign({.target = std::move(target), .tenant_id = "*", .expires_at = clock.now() + std::chrono::hours(48)})};
  }
  ControlPlane& of(const JobMessage& message) { return message.kind == JobKind::ingestion ? ingestion_ : analysis_; }

  HttpControlPlane ingestion_, analysis_, storage_;
};

class HttpUnderTest final : public testing::ControlRigUnderTest {
 public:
  ControlPlane& plane() override { return plane_; }

 private:
  TokenKeys keys_;
  RouteClient client_{internal_routes({.control = rig.control, .signer = *keys_.signer, .verifier = *keys_.verifier, .clock = rig.clock})};
  PlaneOfEveryTarget plane_{keys_, client_, rig.clock};
};

}  // namespace
}  // namespace letterlock::api

namespace letterlock {
INSTANTIATE_TEST_SUITE_P(OverHttp, ControlPlaneConformance,
                         ::testing::Values(ControlPlaneFactory{[] { return std::make_unique<api::HttpUnderTest>(); }}));
}  // namespace letterlock
