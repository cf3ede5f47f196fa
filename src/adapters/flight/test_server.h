#pragma once

// A FlightServer over a DuckDBRepository in a folder of its own, for the tests of this folder. Time stands still until a
// test moves it. Owned by the test.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "adapters/crypto/crypto.h"
#include "adapters/duckdb/duckdb_repository.h"
#include "adapters/flight/flight_server.h"
#include "adapters/flight/flight_storage.h"

namespace letterlock::flight {

inline const TenantId tenant_a("11111111-1111-4111-8111-111111111111");
inline const TenantId tenant_b("22222222-2222-4222-8222-222222222222");

class TestServer {
 public:
  explicit TestServer(FlightServerOptions options = {}, bool tls = false, std::int64_t reserve_bytes = 0) : tls_(tls) {
    std::filesystem::create_directories(folder_);
    must(crypto::ServiceTokenSigner::create(path("secret"), path("public")));
    signer_ = std::make_unique<crypto::ServiceTokenSigner>(must(crypto::ServiceTokenSigner::load(path("secret"))));
    if (tls) {
      const auto key = must(crypto::make_rsa_key(2048));
      std::ofstream(path("key.pem")) << key.private_key_pem;
      std::ofstream(path("certificate.pem")) << must(
          crypto::make_self_signed_certificate(key.private_key_pem, "localhost", std::chrono::days(1)));
      options.certificate_file = path("certificate.pem");
      options.key_file = path("key.pem");
    }
    repository_ = must(DuckDBRepository::open({.folder = path("tenants"),
                                               .migrations_folder = LETTERLOCK_SOURCE_DIR "/migrations/tenant",
                                               .data_key = [](const TenantId&) -> Result<DataKey> { return DataKey{std::string(32, 'k')}; },
                                               .reserve_bytes = reserve_bytes},
                                              clock_, metrics_));
    server_ = must(FlightServer::start(*repository_, must(crypto::ServiceTokenVerifier::load(path("public"))), clock_, metrics_, options));
  }
  ~TestServer() {
    server_.reset();
    repository_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  FlightServer& server() { return *server_; }
  DuckDBRepository& repository() { return *repository_; }
  ManualClock& clock() { return clock_; }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  const std::filesystem::path& folder() const { return folder_; }
  std::string url() const {
    return tls_ ? "grpc+tls://localhost:" + std::to_string(server_->port()) : "grpc://127.0.0.1:" + std::to_string(server_->port());
  }

  std::string token(const std::string& target, const std::string& tenant, std::chrono::seconds life = std::chrono::hours(1)) const {
    return signer_->sign({.target = target, .tenant_id = tenant, .expires_at = clock_.now() + life});
  }
  // Storage as that target sees it.
  std::unique_ptr<FlightStorage> storage(const std::string& target) const {
    return must(FlightStorage::connect(
        {.url = url(), .ca_file = tls_ ? path("certificate.pem") : "", .token = [this, target](const TenantId& tenant) {
           return Result<std::string>(token(target, tenant.str()));
         }}));
  }

  // A metric's value by its name, labels included; 0 where it was never counted.
  double metric(const std::string& name) const {
    const std::string text = "\n" + metrics_.exposition();
    const auto at = text.find("\n" + name + " ");
    return at == std::string::npos ? 0 : std::stod(text.substr(at + name.size() + 2));
  }

 private:
  template <class T>
  static T must(Result<T> result) {
    if (!result) ADD_FAILURE() << result.error().message;
    if constexpr (!std::is_void_v<T>) return std::move(result).value();
  }

  const bool tls_;
  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("letterlock-flight-" + new_uuid());
  ManualClock clock_{from_unix_micros(1'700'000'000'000'000)};
  Metrics metrics_;
  std::unique_ptr<crypto::ServiceTokenSigner> signer_;
  std::unique_ptr<DuckDBRepository> repository_;
  std::unique_ptr<FlightServer> server_;
};

}  // namespace letterlock::flight
