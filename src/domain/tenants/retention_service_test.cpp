#include "domain/tenants/retention_service.h"

#include <gtest/gtest.h>

#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::kind_of;
using testing::must;

class RetentionServiceTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(rig.database.ok()); }
  ControlRig rig;
  RetentionService retention{rig.pool, rig.clock};
};

TEST_F(RetentionServiceTest, KeepsMailUnlessToldOtherwise) {
  const auto tenant = rig.new_tenant("firma");
  EXPECT_FALSE(must(retention.get(tenant)).retention_days);
  EXPECT_FALSE(must(retention.take_due()));
  EXPECT_EQ(must(retention.set(tenant, 30)).retention_days, 30);
  EXPECT_FALSE(must(retention.get(rig.new_tenant("other"))).retention_days) << "another tenant's is its own";
  EXPECT_FALSE(must(retention.set(tenant, std::nullopt)).retention_days);
  EXPECT_FALSE(must(retention.take_due()));
  for (const std::int64_t wrong : {0, -1, 36'501}) EXPECT_EQ(kind_of(retention.set(tenant, wrong)), "invalid");
  EXPECT_EQ(kind_of(retention.get(TenantId(new_uuid()))), "not_found");
  EXPECT_EQ(kind_of(retention.set(TenantId("x"), 1)), "not_found");
  must(rig.tenants.remove(tenant));
  EXPECT_EQ(kind_of(retention.set(tenant, 1)), "not_found");
}

TEST_F(RetentionServiceTest, GivesATenantsTurnToOneAtATimeAndOnlyWhatIsAnalysed) {
  const auto tenant = rig.new_tenant("firma"), other = rig.new_tenant("other");
  rig.store_findings(tenant, {});  // an analysis, so that there is a watermark
  must(retention.set(tenant, 30));
  rig.clock.advance(std::chrono::seconds(1));
  must(retention.set(other, 10));

  const auto due = must(retention.take_due());
  ASSERT_TRUE(due);
  EXPECT_EQ(due->tenant_id, tenant) << "the longest due first";
  EXPECT_EQ(due->erasure.received_before, rig.clock.now() - std::chrono::days(30));
  EXPECT_EQ(due->erasure.ingest_seq_max, 1);
  const auto second = must(retention.take_due());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->tenant_id, other);
  EXPECT_EQ(second->erasure.ingest_seq_max, 0) << "nothing of it was analysed";
  EXPECT_FALSE(must(retention.take_due()));
  rig.clock.advance(std::chrono::minutes(11));
  EXPECT_TRUE(must(retention.take_due())) << "whoever had it died";
}

TEST_F(RetentionServiceTest, ComesAgainAtOnceSoonOrInAnHour) {
  const auto tenant = rig.new_tenant("firma");
  must(retention.set(tenant, 30));
  auto due = must(retention.take_due());
  ASSERT_TRUE(due);
  must(retention.record(*due, {.messages = 5, .more = true}));
  due = must(retention.take_due());
  ASSERT_TRUE(due) << "more is left";
  EXPECT_FALSE(must(retention.get(tenant)).checked_at);
  must(retention.record(*due, {.messages = 2, .problem = "storage is away"}));
  auto now = must(retention.get(tenant));
  EXPECT_EQ(now.messages_erased, 7);
  EXPECT_EQ(now.erased_at, rig.clock.now());
  EXPECT_EQ(now.problem, "storage is away");
  EXPECT_FALSE(now.checked_at);
  EXPECT_FALSE(must(retention.take_due()));
  rig.clock.advance(std::chrono::minutes(10));
  due = must(retention.take_due());
  ASSERT_TRUE(due);
  must(retention.record(*due, {}));
  now = must(retention.get(tenant));
  EXPECT_EQ(now.problem, "");
  EXPECT_EQ(now.checked_at, rig.clock.now());
  rig.clock.advance(std::chrono::minutes(59));
  EXPECT_FALSE(must(retention.take_due()));
  rig.clock.advance(std::chrono::minutes(1));
  EXPECT_TRUE(must(retention.take_due()));
}

TEST_F(RetentionServiceTest, AChangeDuringATurnIsNotWaitedFor) {
  const auto tenant = rig.new_tenant("firma");
  must(retention.set(tenant, 30));
  const auto due = must(retention.take_due());
  ASSERT_TRUE(due);
  must(retention.set(tenant, 7));
  must(retention.record(*due, {}));
  EXPECT_FALSE(must(retention.get(tenant)).checked_at) << "of 30 days, not of 7";
  const auto next = must(retention.take_due());
  ASSERT_TRUE(next);
  EXPECT_EQ(next->retention_days, 7);
}

}  // namespace
}  // namespace letterlock
