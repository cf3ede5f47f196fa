#pragma once

// For tests: a simulator without a server; requests go straight to the handlers, and the clock is the test's.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "adapters/crypto/crypto.h"
#include "base/encoding.h"
#include "sim/reply.h"
#include "sim/simulator.h"

namespace letterlock::sim {

class SimulatorTest : public ::testing::Test {
 protected:
  void SetUp() override { start({.mailboxes = 3, .messages = 25, .page_size_max = 10}); }
  void start(SimulatorOptions options) {
    auto made = Simulator::create(std::move(options), clock_);
    ASSERT_TRUE(made) << made.error().message;
    sim_ = std::move(*made);
    ready_ = sim_->connection_json("http://google.test", "http://microsoft.test", "http://control.test");
  }

  http::Response send(Endpoint endpoint, const std::string& method, const std::string& target, const std::string& token,
                      std::string body = "", const std::string& prefer = "") {
    auto request = inner_request(method, target);
    request.headers = {{"host", endpoint == Endpoint::google ? "google.test" : "microsoft.test"}};
    if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
    if (!prefer.empty()) request.headers.emplace_back("prefer", prefer);
    request.body = std::move(body);
    return sim_->handle(endpoint, request);
  }
  Json control(const std::string& target, const Json& body = {}) {
    auto request = inner_request(body.is_null() ? "GET" : "POST", target);
    if (!body.is_null()) request.body = body.dump();
    const auto response = sim_->handle(Endpoint::control, request);
    EXPECT_EQ(response.status, 200) << response.body;
    return *Json::parse(response.body);
  }

  // The answer of /token for these claims.
  http::Response grant(const std::string& scope, const std::string& subject, int life_seconds = 3600) {
    const auto* key = ready_.find("google")->find("service_account_key");
    const auto seconds = to_unix_micros(clock_.now()) / 1'000'000;
    const auto claims = Json::object({{"iss", key->text("client_email")},
                                      {"sub", subject},
                                      {"scope", scope},
                                      {"aud", "https://oauth2.googleapis.com/token"},
                                      {"iat", seconds - 10},
                                      {"exp", seconds - 10 + life_seconds}});
    const auto assertion = crypto::sign_jwt(crypto::JwtAlgorithm::rs256, key->text("private_key"), "{}", claims.dump());
    EXPECT_TRUE(assertion);
    return send(Endpoint::google, "POST", "/token", "",
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + *assertion);
  }
  std::string google_token(const std::string& scope, const std::string& subject) {
    const auto answer = grant("https://www.googleapis.com/auth/" + scope, subject);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json::parse(answer.body)->text("access_token");
  }
  std::string microsoft_token() {
    const auto* microsoft = ready_.find("microsoft");
    const auto answer =
        send(Endpoint::microsoft, "POST", "/" + microsoft->text("tenant") + "/oauth2/v2.0/token", "",
             "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_id=" + microsoft->text("client_id") +
                 "&client_secret=" + url_encode(microsoft->text("client_secret")));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json::parse(answer.body)->text("access_token");
  }
  std::string address(const char* provider, std::size_t mailbox = 0) {
    return control(std::string("/control/truth?provider=") + provider).find("mailboxes")->items()[mailbox].text("address");
  }

  ManualClock clock_{*from_rfc3339("2026-11-23T12:00:00Z")};
  std::unique_ptr<Simulator> sim_;
  Json ready_;
};

}  // namespace letterlock::sim
