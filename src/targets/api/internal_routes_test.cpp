// Both ends of /internal/v1 against each other: HttpControlPlane speaks to the routes through a client that calls them.

#include "targets/api/internal_routes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "adapters/http/router.h"
#include "base/encoding.h"
#include "targets/api/http_control_plane.h"

namespace letterlock::api {
namespace {

const TenantId tenant{"11111111-1111-4111-8111-111111111111"};
const TenantId foreign{"22222222-2222-4222-8222-222222222222"};
const TimePoint start = from_unix_micros(1'790'000'000'123'456);

// Keeps what it was told, answers what the test set.
class RecordingControl final : public ControlPlane {
 public:
  Result<ClaimedJob> claim(const JobMessage& message, const std::string& worker) override {
    ++calls;
    if (error) return fail(*error);
    return ClaimedJob{.message = message, .lease_id = "lease of " + worker, .lease_expires_at = start};
  }
  Result<TimePoint> renew(const ClaimedJob& told) override {
    TRY(note(told));
    return start;
  }
  Result<void> give_back(const ClaimedJob& told) override { return note(told); }
  Result<Connection> get_connection(const ClaimedJob& told) override {
    TRY(note(told));
    return connection;
  }
  Result<void> finish_ingestion(const ClaimedJob& told, const SliceOutcome& outcome) override {
    slice = outcome;
    return note(told);
  }
  Result<std::int64_t> get_watermark(const ClaimedJob& told) override {
    TRY(note(told));
    return std::int64_t{1} << 53;
  }
  Result<std::vector<RuleSetting>> get_rule_settings(const ClaimedJob& told) override {
    TRY(note(told));
    return std::vector<RuleSetting>{{.rule_id = RuleId("mail/x"), .enabled = false}};
  }
  Result<void> finish_analysis(const ClaimedJob& told, const AnalysisOutcome& outcome) override {
    analysis = outcome;
    return note(told);
  }
  Result<DataKey> get_data_key(const TenantId&) override {
    ++calls;
    return DataKey{.bytes = std::string("\0\xff", 2) + std::string(30, 'k')};
  }

  Result<void> report_storage(const StorageState& state) override {
    ++calls;
    reported = state;
    return {};
  }

  int calls = 0;
  StorageState reported;
  std::optional<Error> error;
  ClaimedJob job;
  SliceOutcome slice;
  AnalysisOutcome analysis;
  Connection connection{.connection_id = ConnectionId("c"),
                        .tenant_id = tenant,
                        .provider = ProviderKind::microsoft,
                        .name = "M \"365\"",
                        .settings_json = R"({"a":1})",
                        .secret_json = R"({"client_secret":"s"})",
                        .trusted_authserv_ids = {"mx.example.com"}};

 private:
  Result<void> note(const ClaimedJob& told) {
    ++calls;
    job = told;
    if (error) return fail(*error);
    return {};
  }
};

// Hands requests to the routes; `outages` requests are lost first.
class RouteClient final : public http::Client {
 public:
  explicit RouteClient(std::vector<http::Route> routes) : router_(std::move(routes)) {}
  Result<http::ClientResponse> send(const http::ClientRequest& sent, std::stop_token) override {
    ++requests;
    if (outages > 0) {
      --outages;
      return fail(ErrorKind::unavailable, "connection refused");
    }
    http::Request request{
        .method = sent.method, .raw_path = sent.url.substr(std::string("http://api").size()), .headers = sent.headers, .body = sent.body};
    std::string pattern;
    auto response = http::dispatch(router_, request, pattern);
    return http::ClientResponse{.status = response.status, .headers = response.headers, .body = std::move(response.body)};
  }
  std::vector<Result<http::ClientResponse>> send_all(std::vector<http::ClientRequest>, int, std::stop_token) override { return {}; }

  int requests = 0;
  int outages = 0;

 private:
  http::Router router_;
};

class InternalRoutes : public testing::Test {
 protected:
  void SetUp() override {
    const auto folder = std::filesystem::temp_directory_path() / ("letterlock-keys-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    const auto secret = (folder / "secret").string();
    const auto open = (folder / "public").string();
    ASSERT_TRUE(crypto::ServiceTokenSigner::create(secret, open));
    signer.emplace(crypto::ServiceTokenSigner::load(secret).value());
    ASSERT_TRUE(crypto::ServiceTokenSigner::create(secret + "2", open + "2"));
    stranger.emplace(crypto::ServiceTokenSigner::load(secret + "2").value());
    verifier.emplace(crypto::ServiceTokenVerifier::load(open).value());
    std::filesystem::remove_all(folder);
    client.emplace(internal_routes({.control = control, .signer = *signer, .verifier = *verifier, .clock = clock}));
  }

  std::string token(std::string target, std::string of = "*") {
    return signer->sign({.target = std::move(target), .tenant_id = std::move(of), .expires_at = clock.now() + std::chrono::hours(1)});
  }
  HttpControlPlane plane(std::string own_token) {
    return {{.api_url = "http://api/", .service_token = std::move(own_token)}, *client, clock};
  }
  JobMessage message(JobKind kind) {
    return {.job_id = JobId("job 1"), .tenant_id = tenant, .connection_id = ConnectionId("c"), .kind = kind, .attempt = 3};
  }
  // A claimed job whose token is as given.
  ClaimedJob job(JobKind kind, std::string service_token) {
    return {.message = message(kind), .lease_id = "l", .lease_expires_at = start, .service_token = std::move(service_token)};
  }

  ManualClock clock{start};
  RecordingControl control;
  std::optional<crypto::ServiceTokenSigner> signer, stranger;  // another installation's
  std::optional<crypto::ServiceTokenVerifier> verifier;
  std::optional<RouteClient> client;
};

TEST_F(InternalRoutes, AClaimHandsOutATokenForThatTargetAndTenantAlone) {
  const auto claimed = plane(token("ingestion")).claim(message(JobKind::ingestion), "worker 7");
  ASSERT_TRUE(claimed) << claimed.error().message;
  EXPECT_EQ(claimed->message, message(JobKind::ingestion));
  EXPECT_EQ(claimed->lease_id, "lease of worker 7");
  EXPECT_EQ(claimed->lease_expires_at, start);
  const auto claims = verifier->verify(claimed->service_token, clock.now());
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->target, "ingestion");
  EXPECT_EQ(claims->tenant_id, tenant.str());
}

TEST_F(InternalRoutes, StorageAloneReportsOnTheMailStore) {
  const StorageState state{.disk = {.free_bytes = 1, .used_bytes = 2, .reserve_bytes = 3}, .is_writable = false, .read_failure = "ü"};
  ASSERT_TRUE(plane(token("storage")).report_storage(state));
  EXPECT_EQ(control.reported.disk.reserve_bytes, 3);
  EXPECT_FALSE(control.reported.is_writable);
  EXPECT_EQ(control.reported.read_failure, "ü");
  for (const auto& wrong : {token("ingestion"), token("analysis"), token("storage", tenant.str()), std::string("nonsense")})
    EXPECT_FALSE(plane(wrong).report_storage(state));
  EXPECT_EQ(control.calls, 1);
}

TEST_F(InternalRoutes, EverythingAboutAJobSurvivesTheWire) {
  auto plane = this->plane(token("ingestion"));
  const auto reading = job(JobKind::ingestion, token("ingestion", tenant.str()));
  const auto looking = job(JobKind::analysis, token("analysis", tenant.str()));
  EXPECT_EQ(plane.renew(reading).value(), start);
  ASSERT_TRUE(plane.give_back(reading));
  EXPECT_EQ(control.job.lease_id, "l");
  EXPECT_EQ(control.job.message, reading.message);

  const auto connection = plane.get_connection(reading).value();
  EXPECT_EQ(connection.provider, ProviderKind::microsoft);
  EXPECT_EQ(connection.name, control.connection.name);
  EXPECT_EQ(connection.settings_json, control.connection.settings_json);
  EXPECT_EQ(connection.secret_json, control.connection.secret_json);
  EXPECT_EQ(connection.trusted_authserv_ids, control.connection.trusted_authserv_ids);

  SliceOutcome slice{
      .mailboxes = {{.mailbox_id = MailboxId("ü"),
                     .address = "a@x",
                     .state = MailboxState::suspended,
                     .reason = "r",
                     .messages_stored = 3,
                     .caught_up = true}},
      .messages_stored = 5,
      .more = true,
      .not_before = start,
      .last_ingest_seq = 9,
      .first_stored_at = start,
      .error = Error{.kind = ErrorKind::throttled, .message = "slow", .retry_after = std::chrono::seconds(9), .code = "quota"},
      .went_back_to = 8};
  ASSERT_TRUE(plane.finish_ingestion(reading, slice));
  EXPECT_EQ(control.slice.first_stored_at, start);
  EXPECT_EQ(control.slice.went_back_to, 8);
  ASSERT_EQ(control.slice.mailboxes.size(), 1U);
  EXPECT_EQ(control.slice.mailboxes[0].mailbox_id, MailboxId("ü"));
  EXPECT_EQ(control.slice.mailboxes[0].state, MailboxState::suspended);
  EXPECT_TRUE(control.slice.mailboxes[0].caught_up);
  EXPECT_EQ(control.slice.messages_stored, 5);
  EXPECT_TRUE(control.slice.more);
  EXPECT_EQ(control.slice.not_before, start);
  ASSERT_TRUE(control.slice.error);
  EXPECT_EQ(control.slice.error->kind, ErrorKind::throttled);
  EXPECT_EQ(control.slice.error->retry_after, std::chrono::seconds(9));
  EXPECT_EQ(control.slice.error->code, "quota");

  EXPECT_EQ(plane.get_watermark(looking).value(), std::int64_t{1} << 53);
  const auto settings = plane.get_rule_settings(looking).value();
  ASSERT_EQ(settings.size(), 1U);
  EXPECT_EQ(settings[0].rule_id, RuleId("mail/x"));
  EXPECT_FALSE(settings[0].enabled);

  AnalysisOutcome outcome{.findings = {{.rule_id = RuleId("mail/x"),
                                        .severity = Severity::critical,
                                        .observed_at = start,
                                        .confidence = 0.25,
                                        .evidence_json = R"({"signals":[]})",
                                        .provider_message_id = ProviderMessageId("m"),
                                        .message_subject = "\"\n\\ü"}},
                          .watermark_from = 1,
                          .watermark_to = 2,
                          .more = true,
                          .notes = {"rule y failed"}};
  ASSERT_TRUE(plane.finish_analysis(looking, outcome));
  ASSERT_EQ(control.analysis.findings.size(), 1U);
  EXPECT_EQ(control.analysis.findings[0].severity, Severity::critical);
  EXPECT_EQ(control.analysis.findings[0].observed_at, start);
  EXPECT_EQ(control.analysis.findings[0].confidence, 0.25);
  EXPECT_EQ(control.analysis.findings[0].message_subject, "\"\n\\ü");
  EXPECT_EQ(control.analysis.watermark_to, 2);
  EXPECT_FALSE(control.analysis.error);
  EXPECT_EQ(control.analysis.notes, outcome.notes);
}

TEST_F(InternalRoutes, ADataKeyGoesToStorageAlone) {
  EXPECT_EQ(plane(token("storage")).get_data_key(tenant).value().bytes, std::string("\0\xff", 2) + std::string(30, 'k'));
  EXPECT_EQ(plane(token("storage", tenant.str())).get_data_key(tenant).value().bytes.size(), 32U);
  const int allowed = control.calls;
  for (const auto* target : {"ingestion", "analysis", "scheduler", "api", ""})
    EXPECT_EQ(plane(token(target)).get_data_key(tenant).error().kind, ErrorKind::forbidden) << target;
  EXPECT_EQ(plane(token("ingestion", tenant.str())).get_data_key(tenant).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(plane(token("storage", foreign.str())).get_data_key(tenant).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(plane("").get_data_key(tenant).error().kind, ErrorKind::unauthenticated);
  EXPECT_EQ(control.calls, allowed) << "a refused call must not reach the control plane";
}

TEST_F(InternalRoutes, NoCallIsTakenWithoutTheRightToken) {
  const auto until = [&](const std::string& target, std::chrono::seconds life) {
    return signer->sign({.target = target, .tenant_id = tenant.str(), .expires_at = clock.now() + life});
  };
  const auto foreign_key = [&](const std::string& target) {
    return stranger->sign({.target = target, .tenant_id = tenant.str(), .expires_at = clock.now() + std::chrono::hours(1)});
  };
  const auto of_ingestion = token("ingestion", tenant.str()), of_analysis = token("analysis", tenant.str());
  const auto claims_of = [](const std::string& text) { return text.substr(0, text.rfind('.')); };
  const auto jwt = to_base64url(R"({"alg":"none"})") + "." + to_base64url(R"({"target":"ingestion"})") + ".";
  struct Case {
    std::string what, of_ingestion, of_analysis;
    ErrorKind kind;
  };
  const auto unauthenticated = ErrorKind::unauthenticated, forbidden = ErrorKind::forbidden;
  const std::vector<Case> cases{
      {"none", "", "", unauthenticated},
      {"key: another installation's", foreign_key("ingestion"), foreign_key("analysis"), unauthenticated},
      {"key: forged", of_ingestion + "x", of_analysis + "x", unauthenticated},
      {"key: the signature of the other's", claims_of(of_ingestion) + of_analysis.substr(of_analysis.rfind('.')),
       claims_of(of_analysis) + of_ingestion.substr(of_ingestion.rfind('.')), unauthenticated},
      {"target: the other's", of_analysis, of_ingestion, forbidden},
      {"target: storage's", token("storage", tenant.str()), token("storage", tenant.str()), forbidden},
      {"target: any", token("*", tenant.str()), token("*", tenant.str()), forbidden},
      {"target: none", token("", tenant.str()), token("", tenant.str()), forbidden},
      {"tenant: another", token("ingestion", foreign.str()), token("analysis", foreign.str()), forbidden},
      {"tenant: all, the target's own token", token("ingestion"), token("analysis"), forbidden},
      {"tenant: none", token("ingestion", ""), token("analysis", ""), forbidden},
      {"time: over since a second", until("ingestion", std::chrono::seconds(-1)), until("analysis", std::chrono::seconds(-1)),
       unauthenticated},
      {"time: over at this moment", until("ingestion", std::chrono::seconds(0)), until("analysis", std::chrono::seconds(0)),
       unauthenticated},
      {"algorithm: none", claims_of(of_ingestion) + ".", claims_of(of_analysis) + ".", unauthenticated},
      {"algorithm: another version", "ll2" + of_ingestion.substr(3), "ll2" + of_analysis.substr(3), unauthenticated},
      {"algorithm: a JWT without one", jwt, jwt, unauthenticated},
  };
  auto plane = this->plane("");
  for (const auto& [what, for_ingestion, for_analysis, kind] : cases) {
    SCOPED_TRACE(what);
    const auto reading = job(JobKind::ingestion, for_ingestion);
    const auto looking = job(JobKind::analysis, for_analysis);
    EXPECT_EQ(plane.renew(reading).error().kind, kind);
    EXPECT_EQ(plane.give_back(reading).error().kind, kind);
    EXPECT_EQ(plane.get_connection(reading).error().kind, kind);
    EXPECT_EQ(plane.finish_ingestion(reading, {}).error().kind, kind);
    EXPECT_EQ(plane.get_watermark(looking).error().kind, kind);
    EXPECT_EQ(plane.get_rule_settings(looking).error().kind, kind);
    EXPECT_EQ(plane.finish_analysis(looking, {}).error().kind, kind);
  }
  EXPECT_EQ(this->plane("").claim(message(JobKind::ingestion), "w").error().kind, ErrorKind::unauthenticated);
  EXPECT_EQ(this->plane(token("analysis")).claim(message(JobKind::ingestion), "w").error().kind, ErrorKind::forbidden);
  EXPECT_EQ(this->plane(token("ingestion", foreign.str())).claim(message(JobKind::ingestion), "w").error().kind, ErrorKind::forbidden);
  EXPECT_EQ(control.calls, 0) << "a refused call must not reach the control plane";
}

TEST_F(InternalRoutes, SecretsOfAConnectionAreNotForAnalysis) {
  auto plane = this->plane("");
  const auto looking = job(JobKind::analysis, token("analysis", tenant.str()));
  EXPECT_EQ(plane.get_connection(looking).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(plane.finish_ingestion(looking, {}).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(control.calls, 0);
}

TEST_F(InternalRoutes, AnErrorKeepsItsKindCodeAndRetryAfterAndOnlyOutagesAreTriedAgain) {
  auto plane = this->plane(token("ingestion"));
  control.error = Error{.kind = ErrorKind::conflict, .message = "somebody has it", .code = "leased"};
  const auto refused = plane.claim(message(JobKind::ingestion), "w");
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_EQ(refused.error().code, "leased");
  EXPECT_TRUE(refused.error().message.contains("somebody has it"));
  EXPECT_EQ(client->requests, 1);
  control.error.reset();
  client->outages = 3;
  EXPECT_TRUE(plane.claim(message(JobKind::ingestion), "w"));
  EXPECT_EQ(client->requests, 5);
  EXPECT_GT(clock.waited(), std::chrono::milliseconds(300));
  client->outages = 100;
  EXPECT_EQ(plane.claim(message(JobKind::ingestion), "w").error().kind, ErrorKind::unavailable);
  EXPECT_EQ(client->requests, 11) << "six tries, then it is the caller's";
}

}  // namespace
}  // namespace letterlock::api
