#pragma once

// The control plane's services over a database of the test's own, under a clock that the test moves. Owned by the test.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "adapters/crypto/crypto.h"
#include "adapters/postgres/pool.h"
#include "base/clock.h"
#include "domain/access/access_service.h"
#include "domain/access/api_key_service.h"
#include "domain/access/audit_log.h"
#include "domain/access/idempotency.h"
#include "domain/access/password_reset_service.h"
#include "domain/access/people_service.h"
#include "domain/alerts/alert_service.h"
#include "domain/alerts/alert_statistics.h"
#include "domain/alerts/suppression_service.h"
#include "domain/detection/rule_settings_service.h"
#include "domain/jobs/control_service.h"
#include "domain/jobs/job_list.h"
#include "domain/jobs/job_store.h"
#include "domain/tenants/installation_service.h"
#include "domain/tenants/tenant_service.h"
#include "domain/webhooks/webhook_service.h"
#include "tests/support/test_database.h"

namespace letterlock::testing {

inline crypto::MasterKey new_master_key() {
  const auto file = std::filesystem::temp_directory_path() / ("letterlock-key-" + new_uuid());
  CHECK(crypto::MasterKey::create(file).has_value());
  auto key = crypto::MasterKey::load(file);
  std::filesystem::remove(file);
  CHECK(key.has_value());
  return *std::move(key);
}

// The value, or a failed test and the type's empty value.
template <class T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  ADD_FAILURE() << to_string(result.error().kind) << ": " << result.error().message;
  return T{};
}
inline void must(const Result<void>& result) {
  if (!result) ADD_FAILURE() << to_string(result.error().kind) << ": " << result.error().message;
}
template <class T>
std::string kind_of(const Result<T>& result) {
  return result ? "no error" : std::string(to_string(result.error().kind));
}

struct ControlRig {
  static constexpr std::chrono::seconds lease{120};

  TestDatabase database;
  ManualClock clock{from_unix_micros(1'700'000'000'000'000)};
  crypto::MasterKey master_key = new_master_key();
  postgres::Pool pool{{.url = database.url(), .role = "letterlock_api"}};
  postgres::Pool scheduler_pool{{.url = database.url(), .role = "letterlock_scheduler", .connections_max = 2}};
  TenantService tenants{pool, master_key, clock};
  AccessService access{pool, clock};
  PeopleService people{pool, access, clock};
  PasswordResetService password_resets{pool, access, clock};
  ApiKeyService api_keys{pool, clock};
  AuditLog audit_log{pool};
  Idempotency idempotency{pool, master_key, clock};
  AlertService alerts{pool, clock};
  AlertStatisticsService alert_statistics{pool, clock};
  SuppressionService suppressions{pool, clock};
  RuleSettingsService rules{pool, clock};
  InstallationService installation{pool, clock};
  MailboxList mailboxes{pool};
  JobList job_list{pool, clock};
  WebhookService webhooks{pool, master_key, clock};
  ControlService control{pool, master_key, clock, {.lease = lease}};
  JobStore jobs{scheduler_pool, clock};

  // What triggers make due at the database's own time is due under this clock too.
  void pass_database_clock() { clock.advance(SystemClock().now() - clock.now() + std::chrono::hours(1)); }
  TenantId new_tenant(const std::string& name) { return must(tenants.create(name)); }
  ConnectionId new_connection(const TenantId& tenant, const std::string& name = "mail") {
    return must(tenants.create_connection(tenant, {.name = name,
                                                   .provider = ProviderKind::microsoft,
                                                   .settings_json = R"({"tenant":"firma.example","client_id":"1"})",
                                                   .secret_json = R"({"client_secret":"s3cret-of-)" + name + "\"}",
                                                   .trusted_authserv_ids = {"mx.firma.example", "odd \"one\", \\x"}}));
  }
  void store_rule_run(const TenantId& tenant) {
    store_analysis(tenant, {.rule_runs = {{.rule_id = RuleId("a/b"), .seconds = 0.5, .findings = 2}}});
  }
  // Findings stored as alerts, the way analysis does it.
  void store_findings(const TenantId& tenant, std::vector<Finding> findings) { store_analysis(tenant, {.findings = std::move(findings)}); }
  void store_analysis(const TenantId& tenant, AnalysisOutcome outcome) {
    const JobId job(new_uuid());
    database.sql("INSERT INTO jobs (job_id, tenant_id, kind, not_before) VALUES ('" + job.str() + "', '" + tenant.str() +
                 "', 'analysis', '2000-01-01')");
    const auto claimed = must(control.claim({.job_id = job, .tenant_id = tenant, .kind = JobKind::analysis}, "test"));
    outcome.watermark_from = must(control.get_watermark(claimed));
    outcome.watermark_to = outcome.watermark_from + 1;
    must(control.finish_analysis(claimed, outcome));
  }
};

inline std::vector<std::string> every_scope() { return {api_key_scopes.begin(), api_key_scopes.end()}; }

// A finding about one message; the same campaign gives the same alert.
inline Finding finding_of(const std::string& campaign, const std::string& message, TimePoint observed_at) {
  return {.rule_id = RuleId("phishing/lookalike_sender"),
          .rule_version = std::string(64, 'a'),
          .title = "Sender looks like somebody you know",
          .severity = Severity::high,
          .attack_technique = "T1566.002",
          .subject = "anna@firma.example",
          .entity = "firma-example.com",
          .observed_at = observed_at,
          .confidence = 0.75,
          .evidence_json = R"({"signals":[{"name":"distance","value":"1"}],"rows":[]})",
          .dedup_key = campaign,
          .mailbox_id = MailboxId("mailbox-1"),
          .provider_message_id = ProviderMessageId(message),
          .message_id = message + "@firma-example.com",
          .message_subject = "Überweisung 株式会社 🙂",
          .query_sql = "SELECT 1",
          .query_parameters_json = "{}"};
}

}  // namespace letterlock::testing
