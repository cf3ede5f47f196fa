#include "domain/tenants/installation_key.h"

#include <gtest/gtest.h>

#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::must;
using testing::new_master_key;

class InstallationKey : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(rig.database.ok()); }
  void expect_refused(const crypto::MasterKey& key) {
    const auto refused = check_master_key(rig.pool, key, rig.clock);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::forbidden);
    EXPECT_EQ(refused.error().code, "wrong_master_key");
    EXPECT_TRUE(refused.error().message.contains("another master key")) << refused.error().message;
    EXPECT_TRUE(refused.error().message.contains("LETTERLOCK_MASTER_KEY_FILE")) << refused.error().message;
  }
  ControlRig rig;
};

TEST_F(InstallationKey, OfTheFirstStartIsTheOnlyOneThatStartsAgain) {
  must(check_master_key(rig.pool, rig.master_key, rig.clock));
  expect_refused(new_master_key());
  must(check_master_key(rig.pool, rig.master_key, rig.clock));
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM installation_key"), "1");
}

TEST_F(InstallationKey, OfAnInstallationOfBeforeIsKnownByTheDataKeysThatItUnwraps) {
  rig.new_tenant("firma");
  rig.new_tenant("other");
  expect_refused(new_master_key());
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM installation_key"), "0") << "a wrong key leaves no mark";
  must(check_master_key(rig.pool, rig.master_key, rig.clock));
  expect_refused(new_master_key());
}

TEST_F(InstallationKey, TellsNothingOfTheKey) {
  must(check_master_key(rig.pool, rig.master_key, rig.clock));
  const auto other_use = rig.master_key.mac("installation", "another context");
  EXPECT_NE(rig.database.cell("SELECT key_check FROM installation_key"), other_use);
}

}  // namespace
}  // namespace letterlock
