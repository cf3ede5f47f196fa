#include "domain/jobs/control_service.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <thread>

#include "tests/support/control_under_test.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::kind_of;
using testing::must;

INSTANTIATE_TEST_SUITE_P(InProcess, ControlPlaneConformance,
                         ::testing::Values(ControlPlaneFactory{[] { return std::make_unique<testing::ControlRigUnderTest>(); }}));

class ControlServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig.database.ok());
    tenant = rig.new_tenant("firma");
    connection = rig.new_connection(tenant);
  }
  ClaimedJob claimed_ingestion() {
    return must(rig.control.claim({.job_id = must(rig.tenants.sync_now(tenant, connection)), .tenant_id = tenant}, "worker"));
  }
  ClaimedJob claimed_analysis() {
    must(rig.control.finish_ingestion(claimed_ingestion(), {.last_ingest_seq = 1}));
    const auto job = rig.database.cell("SELECT job_id FROM jobs WHERE kind = 'analysis' AND state = 'queued'");
    return must(rig.control.claim({.job_id = JobId(job), .tenant_id = tenant, .kind = JobKind::analysis}, "worker"));
  }
  // Run the call while another transaction has queued an analysis job and not committed yet; it commits once the call waits for it.
  template <class Call>
  void while_an_analysis_is_being_queued(Call call) {
    postgres::Pool admin({.url = rig.database.url(), .connections_max = 1});
    std::jthread caller;
    must(admin.transact("", [&](postgres::Transaction& transaction) -> Result<void> {
      TRY(transaction.run("INSERT INTO jobs (job_id, tenant_id, kind, created_at) VALUES (gen_random_uuid(), $1::uuid, 'analysis', now())",
                          {tenant}));
      caller = std::jthread(call);
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      while (rig.database.cell("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") ==
             "0")
        if (std::chrono::steady_clock::now() > deadline) return fail(ErrorKind::internal, "the call never waited");
      return {};
    }));
  }

  ControlRig rig;
  TenantId tenant;
  ConnectionId connection;
};

TEST_F(ControlServiceTest, GivingBackAnAnalysisWhileAnotherIsBeingQueuedLeavesOneQueued) {
  const auto analysis = claimed_analysis();
  Result<void> given;
  while_an_analysis_is_being_queued([&] { given = rig.control.give_back(analysis); });
  must(given);
  EXPECT_EQ(rig.database.cell("SELECT string_agg(state, ' ' ORDER BY state) FROM jobs WHERE kind = 'analysis'"), "done queued");
}

TEST_F(ControlServiceTest, FailingAnAnalysisWhileAnotherIsBeingQueuedLeavesOneQueued) {
  const auto analysis = claimed_analysis();
  Result<void> finished;
  while_an_analysis_is_being_queued([&] {
    finished = rig.control.finish_analysis(analysis, {.error = Error{.kind = ErrorKind::unavailable, .message = "storage is away"}});
  });
  must(finished);
  EXPECT_EQ(rig.database.cell("SELECT string_agg(state, ' ' ORDER BY state) FROM jobs WHERE kind = 'analysis'"), "done queued");
}

TEST_F(ControlServiceTest, RetriesOfJobsThatFailedTogetherDoNotComeBackTogether) {
  std::set<std::string> times;
  for (int i = 0; i < 8; ++i) {
    const auto other = rig.new_connection(tenant, "mail-" + std::to_string(i));
    const auto claimed = must(rig.control.claim({.job_id = must(rig.tenants.sync_now(tenant, other)), .tenant_id = tenant}, "worker"));
    must(rig.control.finish_ingestion(claimed, {.error = Error{.kind = ErrorKind::unavailable, .message = "503"}}));
    times.insert(rig.database.cell("SELECT not_before FROM jobs WHERE job_id = '" + claimed.message.job_id.str() + "'"));
  }
  EXPECT_GE(times.size(), 2U);
}

TEST_F(ControlServiceTest, HandsOutATokenForTheJobsTargetAndTenantAlone) {
  const auto folder = std::filesystem::temp_directory_path() / ("letterlock-token-" + new_uuid());
  std::filesystem::create_directory(folder);
  must(crypto::ServiceTokenSigner::create(folder / "secret", folder / "public"));
  const auto signer = crypto::ServiceTokenSigner::load(folder / "secret");
  const auto verifier = crypto::ServiceTokenVerifier::load(folder / "public");
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(signer && verifier);
  ControlService control(rig.pool, rig.master_key, rig.clock, {.signer = &*signer});
  const auto job = must(control.claim({.job_id = must(rig.tenants.sync_now(tenant, connection)), .tenant_id = tenant}, "worker"));
  const auto claims = must(verifier->verify(job.service_token, rig.clock.now()));
  EXPECT_EQ(claims.target, "ingestion");
  EXPECT_EQ(claims.tenant_id, tenant.str());
  EXPECT_EQ(kind_of(verifier->verify(job.service_token, claims.expires_at + std::chrono::seconds(1))), "unauthenticated");
}

TEST_F(ControlServiceTest, AJobOfAnotherTenantIsNotThere) {
  const auto other = rig.new_tenant("other");
  const auto job = must(rig.tenants.sync_now(tenant, connection));
  EXPECT_EQ(kind_of(rig.control.claim({.job_id = job, .tenant_id = other}, "worker")), "conflict");
  EXPECT_EQ(kind_of(rig.control.claim({.job_id = job, .tenant_id = TenantId("no uuid")}, "worker")), "invalid");
  auto claimed = must(rig.control.claim({.job_id = job, .tenant_id = tenant}, "worker"));
  EXPECT_EQ(claimed.message.connection_id, connection);
  claimed.message.tenant_id = other;
  EXPECT_EQ(kind_of(rig.control.get_connection(claimed)), "conflict");
  EXPECT_EQ(kind_of(rig.control.finish_ingestion(claimed, {})), "conflict");
}

}  // namespace
}  // namespace letterlock
