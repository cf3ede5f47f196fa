#include "domain/webhooks/webhook_service.h"

#include <gtest/gtest.h>

#include <map>

#include "adapters/crypto/hmac.h"
#include "tests/support/control_rig.h"
#include "tests/support/inside_urls.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::finding_of;
using testing::kind_of;
using testing::must;

class WebhookTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig.database.ok());
    rig.pass_database_clock();
    tenant = rig.new_tenant("firma");
    made =
        must(rig.webhooks.create(tenant, {.name = "siem", .url = "https://siem.example/in", .events = {"alert.created", "alert.changed"}}));
  }
  std::vector<DueDelivery> due() { return must(rig.webhooks.take_due(10)); }
  ControlRig rig;
  TenantId tenant;
  WebhookWithSecret made;
};

TEST_F(WebhookTest, AnAlertIsToldInTheTransactionThatMakesItWithoutContentOfMail) {
  const auto other = rig.new_tenant("other");
  rig.store_findings(other, {finding_of("c", "m", rig.clock.now())});
  rig.store_findings(tenant, {finding_of("c", "m", rig.clock.now())});
  rig.store_findings(tenant, {finding_of("c", "m2", rig.clock.now())});
  auto sent = due();
  ASSERT_EQ(sent.size(), 1U) << "one alert of this tenant; another sighting is no new alert";
  EXPECT_TRUE(sent[0].body.contains("\"event\": \"alert.created\"")) << sent[0].body;
  EXPECT_TRUE(sent[0].body.contains(tenant.str()));
  for (const auto* content : {"Überweisung", "anna@firma.example", "firma-example.com"})
    EXPECT_FALSE(sent[0].body.contains(content)) << content;
  EXPECT_TRUE(due().empty()) << "taken";
  must(rig.webhooks.record(sent[0], {.response_status = 200}));
  EXPECT_EQ(must(rig.webhooks.deliveries(tenant, made.webhook.webhook_id, "delivered", std::nullopt, 10)).deliveries.size(), 1U);

  const auto alert = must(rig.alerts.list(tenant, {})).alerts.at(0).alert_id;
  must(rig.alerts.change(tenant, {alert}, {.note = "a note is no change"}, "anna"));
  EXPECT_TRUE(due().empty());
  must(rig.alerts.change(tenant, {alert}, {.status = "resolved"}, "anna"));
  sent = due();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].body.contains("alert.changed"));
}

TEST_F(WebhookTest, ASignatureIsVerifiedByWhoeverHasTheSecretTheOldOneTooForADay) {
  must(rig.webhooks.ping(tenant, made.webhook.webhook_id));
  const auto rotated = must(rig.webhooks.rotate_secret(tenant, made.webhook.webhook_id));
  EXPECT_NE(rotated.secret, made.secret);
  const auto sent = due();
  ASSERT_EQ(sent.size(), 1U);
  const auto at = rig.clock.now();
  const auto seconds = std::to_string(to_unix_micros(at) / 1'000'000);
  EXPECT_EQ(signature_of(sent[0], at), "t=" + seconds + ",v1=" + crypto::hmac_sha256_hex(rotated.secret, seconds + "." + sent[0].body) +
                                           ",v1=" + crypto::hmac_sha256_hex(made.secret, seconds + "." + sent[0].body));
  rig.clock.advance(std::chrono::hours(25));
  must(rig.webhooks.ping(tenant, made.webhook.webhook_id));
  for (const auto& later : due()) EXPECT_EQ(later.secrets, std::vector<std::string>{rotated.secret});
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM webhooks WHERE to_jsonb(webhooks)::text LIKE '%llwh_%'"), "0");
}

TEST_F(WebhookTest, AFailedDeliveryComesAgainLaterAndLaterThenFailsAndCanBeReplayed) {
  must(rig.webhooks.ping(tenant, made.webhook.webhook_id));
  Duration waited{0};
  for (int attempt = 1; attempt <= 12; ++attempt) {
    auto sent = due();
    for (int hours = 0; sent.empty() && hours < 40'000; ++hours) {
      rig.clock.advance(std::chrono::seconds(10));
      waited += std::chrono::seconds(10);
      sent = due();
    }
    ASSERT_EQ(sent.size(), 1U) << attempt;
    EXPECT_EQ(sent[0].attempt, attempt);
    must(rig.webhooks.record(sent[0], {.response_status = 500, .reason = "answered 500"}));
  }
  EXPECT_GT(waited, std::chrono::hours(8));
  EXPECT_LT(waited, std::chrono::hours(18));
  auto page = must(rig.webhooks.deliveries(tenant, made.webhook.webhook_id, std::nullopt, std::nullopt, 10));
  EXPECT_EQ(page.deliveries.at(0).state, "failed");
  EXPECT_EQ(page.deliveries.at(0).response_status, 500);
  EXPECT_EQ(must(rig.webhooks.list(tenant)).at(0).failures, 12);
  rig.clock.advance(std::chrono::hours(48));
  EXPECT_TRUE(due().empty());
  const auto event = page.deliveries[0].event_id;
  must(rig.webhooks.replay(tenant, made.webhook.webhook_id, page.deliveries[0].delivery_id));
  const auto again = due();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_TRUE(again[0].body.contains(event)) << "the same event";
  must(rig.webhooks.record(again[0], {.response_status = 204}));
  EXPECT_EQ(must(rig.webhooks.list(tenant)).at(0).failures, 0);
}

TEST_F(WebhookTest, ASenderThatDiesLeavesItsDeliveriesDueAgain) {
  must(rig.webhooks.ping(tenant, made.webhook.webhook_id));
  ASSERT_EQ(due().size(), 1U);
  EXPECT_TRUE(due().empty());
  rig.clock.advance(std::chrono::seconds(61));
  EXPECT_EQ(due().size(), 1U);
}

TEST_F(WebhookTest, ATenantWithManyDueDeliveriesHoldsUpNobody) {
  for (int i = 0; i < 5; ++i) must(rig.webhooks.ping(tenant, made.webhook.webhook_id));
  for (const auto* name : {"two", "three"}) {
    const auto more = must(rig.webhooks.create(tenant, {.name = name, .url = "https://siem.example/", .events = {"job.dead"}}));
    for (int i = 0; i < 5; ++i) must(rig.webhooks.ping(tenant, more.webhook.webhook_id));
  }
  const auto other = rig.new_tenant("other");
  const auto theirs = must(rig.webhooks.create(other, {.name = "siem", .url = "https://other.example/", .events = {"job.dead"}}));
  must(rig.webhooks.ping(other, theirs.webhook.webhook_id));
  EXPECT_EQ(must(rig.webhooks.take_due(2)).size(), 2U);
  EXPECT_EQ(rig.database.cell("SELECT count(DISTINCT tenant_id) FROM webhook_deliveries WHERE attempts > 0"), "2") << "one of each";
  std::map<std::string, int> by_webhook;
  for (const auto& delivery : due()) ++by_webhook[delivery.webhook_id];
  int taken = 0;
  for (const auto& [webhook, count] : by_webhook) {
    EXPECT_LE(count, 2) << webhook;
    taken += count;
  }
  EXPECT_EQ(taken, 4);
}

TEST_F(WebhookTest, WhatIsDueLongestIsTakenFirstANewDeliveryFromItsBeginningOn) {
  must(rig.webhooks.ping(tenant, made.webhook.webhook_id));
  const auto retry = must(rig.webhooks.ping(tenant, made.webhook.webhook_id)).delivery_id;
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM webhook_deliveries WHERE next_attempt_at = created_at"), "2");
  rig.database.sql("UPDATE webhook_deliveries SET attempts = 1, next_attempt_at = now() - interval '1 hour' WHERE delivery_id = '" + retry +
                   "'");
  EXPECT_EQ(must(rig.webhooks.take_due(1)).at(0).delivery_id, retry);
}

TEST_F(WebhookTest, OfMoreThanTenThousandThatWaitTheOldestAreGivenUpWithAReason) {
  rig.database.sql(
      "INSERT INTO webhook_deliveries (tenant_id, webhook_id, event_id, event, body, created_at) SELECT tenant_id, webhook_id, "
      "gen_random_uuid(), 'job.dead', n::text, now() + n * interval '1 ms' FROM webhooks, generate_series(1, 10003) n");
  EXPECT_EQ(must(rig.jobs.sweep()), 3);
  EXPECT_EQ(rig.database.cell("SELECT string_agg(body, ',' ORDER BY created_at) FROM webhook_deliveries WHERE state = 'failed' AND reason "
                              "LIKE 'more than 10,000%'"),
            "1,2,3");
  EXPECT_EQ(must(rig.jobs.sweep()), 0);
}

TEST_F(WebhookTest, ASecretThatCannotBeReadFailsItsOwnDeliveriesAlone) {
  const auto broken =
      must(rig.webhooks.create(rig.new_tenant("other"), {.name = "b", .url = "https://b.example/", .events = {"job.dead"}}));
  const auto other = TenantId(rig.database.cell("SELECT tenant_id FROM webhooks WHERE name = 'b'"));
  must(rig.webhooks.ping(other, broken.webhook.webhook_id));
  must(rig.webhooks.ping(tenant, made.webhook.webhook_id));
  rig.database.sql("UPDATE webhooks SET secret_wrapped = 'nonsense' WHERE name = 'b'");
  const auto sent = due();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].webhook_id, made.webhook.webhook_id);
  const auto failed = must(rig.webhooks.deliveries(other, broken.webhook.webhook_id, "failed", std::nullopt, 10)).deliveries.at(0);
  EXPECT_TRUE(failed.reason.contains("secret cannot be read")) << failed.reason;
  // As the reason says: the old secret, still broken, does not hold up the new one.
  const auto rotated = must(rig.webhooks.rotate_secret(other, broken.webhook.webhook_id));
  must(rig.webhooks.replay(other, broken.webhook.webhook_id, failed.delivery_id));
  EXPECT_EQ(due().at(0).secrets, std::vector<std::string>{rotated.secret});
}

TEST_F(WebhookTest, SwitchedOffSuspendedOrRemovedNothingIsSent) {
  must(rig.webhooks.change(tenant, made.webhook.webhook_id, {.enabled = false}));
  rig.store_findings(tenant, {finding_of("c", "m", rig.clock.now())});
  EXPECT_TRUE(due().empty());
  must(rig.webhooks.change(tenant, made.webhook.webhook_id, {.enabled = true}));
  must(rig.webhooks.ping(tenant, made.webhook.webhook_id));
  must(rig.installation.change(tenant, {.state = "suspended"}));
  EXPECT_TRUE(due().empty());
  must(rig.installation.change(tenant, {.state = "active"}));
  must(rig.webhooks.remove(tenant, made.webhook.webhook_id));
  EXPECT_TRUE(due().empty());
}

TEST_F(WebhookTest, RefusesAddressesThatAreNotPlainHttps) {
  for (const auto* bad :
       {"", "http://x.example/", "ftp://x.example/", "https://", "https:///x", "https://user:pw@x.example/", "https://x.example/#f",
        "https://x.example/a b", "https://x.example\\@y/", "javascript:alert(1)", "HTTPS//x", "https://127.0.0.1/hook",
        "https://localhost:8443/", "https://[::1]:8443/", "https://[::1", "https://10.0.0.7", "https://2130706433/"})
    EXPECT_EQ(kind_of(rig.webhooks.create(tenant, {.name = "n", .url = bad, .events = {"job.dead"}})), "invalid") << bad;
  for (const auto& [what, host, by_name] : testing::inside_urls()) {
    if (!by_name) continue;
    const auto url = "https://" + host + ":8443/hook";
    EXPECT_EQ(kind_of(rig.webhooks.create(tenant, {.name = "n", .url = url, .events = {"job.dead"}})), "invalid") << what;
    EXPECT_EQ(kind_of(rig.webhooks.change(tenant, made.webhook.webhook_id, {.url = url})), "invalid") << what;
  }
  EXPECT_EQ(kind_of(rig.webhooks.create(tenant, {.name = "n", .url = "https://x.example/", .events = {}})), "invalid");
  EXPECT_EQ(kind_of(rig.webhooks.create(tenant, {.name = "n", .url = "https://x.example/", .events = {"ping"}})), "invalid");
  EXPECT_EQ(kind_of(rig.webhooks.create(tenant, {.name = "siem", .url = "https://x.example/", .events = {"job.dead"}})), "conflict");
}

TEST_F(WebhookTest, AnotherTenantsWebhookDoesNotExist) {
  const auto other = rig.new_tenant("other");
  const auto& id = made.webhook.webhook_id;
  const auto delivery = must(rig.webhooks.ping(tenant, id)).delivery_id;
  EXPECT_EQ(kind_of(rig.webhooks.change(other, id, {.enabled = false})), "not_found");
  EXPECT_EQ(kind_of(rig.webhooks.remove(other, id)), "not_found");
  EXPECT_EQ(kind_of(rig.webhooks.rotate_secret(other, id)), "not_found");
  EXPECT_EQ(kind_of(rig.webhooks.ping(other, id)), "not_found");
  EXPECT_EQ(kind_of(rig.webhooks.deliveries(other, id, std::nullopt, std::nullopt, 10)), "not_found");
  EXPECT_EQ(kind_of(rig.webhooks.replay(other, id, delivery)), "not_found");
  EXPECT_TRUE(must(rig.webhooks.list(other)).empty());
}

TEST_F(WebhookTest, ABrokenConnectionAndADeadJobAreToldToo) {
  const auto hook =
      must(rig.webhooks.create(tenant, {.name = "ops", .url = "https://ops.example/", .events = {"connection.broken", "job.dead"}}));
  const auto connection = rig.new_connection(tenant);
  const auto fail_with = [&](ErrorKind kind) {
    const auto job = must(rig.tenants.sync_now(tenant, connection));
    const auto claimed = must(rig.control.claim({.job_id = job, .tenant_id = tenant, .connection_id = connection}, "worker"));
    must(rig.control.finish_ingestion(claimed, {.error = Error{.kind = kind, .message = "x"}}));
  };
  fail_with(ErrorKind::unauthenticated);
  fail_with(ErrorKind::unauthenticated);
  auto sent = due();
  ASSERT_EQ(sent.size(), 1U) << "broken once";
  EXPECT_TRUE(sent[0].body.contains("connection.broken"));
  fail_with(ErrorKind::invalid);
  sent = due();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].body.contains("job.dead"));
}

}  // namespace
}  // namespace letterlock
