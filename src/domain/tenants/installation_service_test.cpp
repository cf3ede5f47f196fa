#include "domain/tenants/installation_service.h"

#include <gtest/gtest.h>

#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::kind_of;
using testing::must;

class InstallationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig.database.ok());
    tenant = rig.new_tenant("firma");
    connection = rig.new_connection(tenant);
  }
  ControlRig rig;
  TenantId tenant;
  ConnectionId connection;
};

TEST_F(InstallationTest, ASuspendedTenantGetsNoJobsAndNobodyComesIn) {
  must(rig.access.create_person({.email = "o@firma.example",
                                 .password = "correct horse battery",
                                 .role = Role::owner,
                                 .tenant_id = tenant,
                                 .interactive_hash = true}));
  const auto session = must(rig.access.sign_in("o@firma.example", "correct horse battery")).token;
  const auto key = must(rig.api_keys.create_for(tenant, "", {.name = "k", .role = Role::viewer, .scopes = {"alerts:read"}})).key;
  const auto queued = must(rig.tenants.sync_now(tenant, connection));
  must(rig.installation.change(tenant, {.state = "suspended"}));

  EXPECT_EQ(kind_of(rig.access.session(session)), "forbidden");
  EXPECT_EQ(kind_of(rig.access.api_key(key)), "forbidden");
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(kind_of(rig.access.sign_in("o@firma.example", "correct horse battery")), "forbidden")
        << "the right password locks nobody out";
  const auto refused = rig.access.sign_in("o@firma.example", "correct horse battery");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "suspended");
  EXPECT_EQ(kind_of(rig.access.sign_in("o@firma.example", "wrong password here")), "unauthenticated")
      << "only who knows the password learns it";

  rig.clock.advance(std::chrono::hours(2));
  EXPECT_EQ(kind_of(rig.control.claim({.job_id = queued, .tenant_id = tenant, .connection_id = connection}, "worker")), "conflict");
  EXPECT_TRUE(must(rig.jobs.unpublished(10, std::chrono::seconds(600))).empty());
  EXPECT_EQ(must(rig.jobs.insert_due(10)), 0);
  rig.database.sql("INSERT INTO jobs (job_id, tenant_id, kind) VALUES (gen_random_uuid(), '" + tenant.str() + "', 'analysis')");
  EXPECT_TRUE(must(rig.jobs.unpublished(10, std::chrono::seconds(600))).empty()) << "whoever queues a job, it waits";

  must(rig.installation.change(tenant, {.state = "active"}));
  must(rig.access.session(session));
  EXPECT_EQ(must(rig.jobs.unpublished(10, std::chrono::seconds(600))).size(), 2U);
  must(rig.control.claim({.job_id = queued, .tenant_id = tenant, .connection_id = connection}, "worker"));
}

// A job that is queued by a transaction which began under the other state of its tenant.
TEST_F(InstallationTest, AJobQueuedWhileItsTenantIsSuspendedOrResumedIsSettledByTheNextRound) {
  const auto runnable = [&] { return must(rig.jobs.unpublished(10, std::chrono::seconds(600))).size(); };
  const auto queue_while = [&](const char* state) {
    must(rig.pool.transact(tenant.str(), [&](postgres::Transaction& transaction) -> Result<void> {
      TRY(
          transaction.run("INSERT INTO jobs (job_id, tenant_id, connection_id, kind, not_before) VALUES ($1::uuid, $2::uuid, $3::uuid, "
                          "'ingestion', $4::timestamptz)",
                          {new_uuid(), tenant, connection, rig.clock.now()}));
      return rig.installation.change(tenant, {.state = state});
    }));
  };
  queue_while("suspended");
  EXPECT_EQ(runnable(), 1U) << "the trigger saw an active tenant";
  must(rig.jobs.reap());
  EXPECT_EQ(runnable(), 0U);
  rig.database.sql("DELETE FROM jobs");
  queue_while("active");
  EXPECT_EQ(runnable(), 0U) << "the trigger saw a suspended tenant";
  must(rig.jobs.reap());
  EXPECT_EQ(runnable(), 1U);
}

TEST_F(InstallationTest, HealthAndQueuesCountWithoutContent) {
  must(rig.tenants.sync_now(tenant, connection));
  rig.database.sql("INSERT INTO jobs (job_id, tenant_id, kind, state, finished_at, reason) VALUES (gen_random_uuid(), '" + tenant.str() +
                   "', 'analysis', 'dead', now(), 'it broke')");
  rig.store_findings(tenant, {testing::finding_of("c", "m", rig.clock.now())});
  const auto health = must(rig.installation.health(tenant));
  EXPECT_EQ(health.tenant.name, "firma");
  EXPECT_EQ(health.tenant.jobs_dead, 1);
  EXPECT_EQ(health.tenant.alerts_open, 1);
  EXPECT_EQ(health.owners, 0);
  EXPECT_EQ(health.coverage.connections.syncing, 1);
  EXPECT_FALSE(health.coverage.is_covered);
  EXPECT_EQ(kind_of(rig.installation.health(TenantId(new_uuid()))), "not_found");

  const auto installation = must(rig.installation.installation());
  EXPECT_EQ(installation.tenants, 1);
  ASSERT_EQ(installation.queues.size(), 2U);
  EXPECT_EQ(installation.queues[0].kind, JobKind::ingestion);
  EXPECT_EQ(installation.queues[0].queued, 1);
  EXPECT_EQ(installation.queues[0].oldest_queued_at, rig.clock.now());
  EXPECT_EQ(installation.queues[1].dead, 1);

  const auto dead = must(rig.installation.jobs({.state = JobState::dead})).jobs;
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].tenant_name, "firma");
  EXPECT_EQ(dead[0].reason, "it broke");
  EXPECT_EQ(must(rig.installation.tenant_of(dead[0].job_id)), tenant);
  EXPECT_EQ(kind_of(rig.job_list.replay(rig.new_tenant("other"), dead[0].job_id)), "not_found");
  must(rig.job_list.replay(tenant, dead[0].job_id));
  EXPECT_EQ(must(rig.job_list.get(tenant, dead[0].job_id)).state, JobState::queued);
  EXPECT_EQ(kind_of(rig.job_list.replay(tenant, dead[0].job_id)), "conflict") << "it is not dead any more";
  EXPECT_EQ(must(rig.installation.tenants()).size(), 2U);
  EXPECT_EQ(must(rig.installation.health(tenant)).tenant.name, "firma") << "of the one that was asked for";
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM list_tenant_health('" + tenant.str() + "')"), "1");
}

TEST_F(InstallationTest, ATenantIsCoveredWhenEveryMailboxIsCaughtUp) {
  const auto read = [&](bool caught_up, MailboxState state) {
    const auto job = must(rig.tenants.sync_now(tenant, connection));
    const auto claimed = must(rig.control.claim({.job_id = job, .tenant_id = tenant, .connection_id = connection}, "worker"));
    must(rig.control.finish_ingestion(
        claimed, {.mailboxes = {{.mailbox_id = MailboxId("m1"), .address = "anna@firma.example", .state = state, .caught_up = caught_up},
                                {.mailbox_id = MailboxId("m2"), .address = "ben@firma.example", .state = MailboxState::no_mailbox}}}));
  };
  read(false, MailboxState::active);
  EXPECT_FALSE(must(rig.mailboxes.coverage(tenant)).is_covered);
  EXPECT_EQ(must(rig.mailboxes.coverage(tenant)).mailboxes.reading, 1);
  read(true, MailboxState::active);
  EXPECT_TRUE(must(rig.mailboxes.coverage(tenant)).is_covered);
  read(true, MailboxState::failed);
  EXPECT_FALSE(must(rig.mailboxes.coverage(tenant)).is_covered);
  EXPECT_EQ(must(rig.mailboxes.list(tenant, {.states = {"failed"}})).mailboxes.size(), 1U);
  EXPECT_EQ(must(rig.mailboxes.list(tenant, {.search = "BEN"})).mailboxes.size(), 1U);
  const auto first = must(rig.mailboxes.list(tenant, {.limit = 1}));
  ASSERT_TRUE(first.next_cursor);
  EXPECT_EQ(must(rig.mailboxes.list(tenant, {.cursor = first.next_cursor, .limit = 1})).mailboxes.at(0).address, "ben@firma.example");
  EXPECT_EQ(kind_of(rig.mailboxes.list(rig.new_tenant("other"), {.connection_id = connection})), "not_found");
  must(rig.tenants.remove_connection(tenant, connection));
  EXPECT_TRUE(must(rig.mailboxes.list(tenant, {})).mailboxes.empty());
}

TEST_F(InstallationTest, NamesStayUnique) {
  rig.new_tenant("other");
  const auto taken = rig.installation.change(tenant, {.name = "other"});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, "name_taken");
  must(rig.installation.change(tenant, {.name = "firma gmbh"}));
  EXPECT_EQ(must(rig.tenants.find("firma gmbh")), tenant);
  EXPECT_EQ(kind_of(rig.installation.change(tenant, {.state = "deleted"})), "invalid");
  EXPECT_EQ(kind_of(rig.installation.change(tenant, {})), "invalid");
}

}  // namespace
}  // namespace letterlock
