#include "targets/storage/storage_reporter.h"

#include <gtest/gtest.h>

#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::must;

// Over a real control plane: what the console reads is what was measured.
class StorageReporterTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(rig.database.ok()); }
  StorageHealth shown() { return must(rig.installation.installation()).storage; }
  std::string shown_to_a_tenant() { return must(rig.mailboxes.coverage(rig.new_tenant("firma-" + new_uuid()))).storage_state; }
  ControlRig rig;
};

TEST_F(StorageReporterTest, WhatIsMeasuredIsShownAndUnknownWhereNothingIsReported) {
  EXPECT_EQ(shown().state, "unknown");
  EXPECT_EQ(shown().reported_at, std::nullopt);
  Result<StorageState> measured = StorageState{.disk = {.free_bytes = 10, .used_bytes = 20, .reserve_bytes = 5}};
  StorageReporter reporter([&] { return measured; }, rig.control, rig.clock);
  must(reporter.report_once());
  EXPECT_EQ(shown().state, "ok");
  EXPECT_EQ(shown().free_bytes, 10);
  EXPECT_EQ(shown_to_a_tenant(), "ok");

  measured->is_writable = false;
  must(reporter.report_once());
  EXPECT_EQ(shown().state, "disk_full");
  EXPECT_EQ(shown_to_a_tenant(), "disk_full");

  measured->read_failure = "Input/output error";
  must(reporter.report_once());
  EXPECT_EQ(shown().state, "unreadable");
  measured = fail(ErrorKind::unavailable, "the disk cannot be measured");
  must(reporter.report_once());
  EXPECT_EQ(shown().state, "unreadable");

  rig.database.sql("UPDATE storage_report SET reported_at = now() - interval '61 seconds'");
  EXPECT_EQ(shown().state, "unknown") << "an old report is not taken for the present";
  EXPECT_TRUE(shown().reported_at);
  EXPECT_EQ(shown_to_a_tenant(), "unknown");
}

TEST_F(StorageReporterTest, ReportsUntilItIsStopped) {
  int measurements = 0;
  std::stop_source stop;
  StorageReporter reporter(
      [&]() -> Result<StorageState> {
        if (++measurements == 3) stop.request_stop();
        return StorageState{};
      },
      rig.control, rig.clock, std::chrono::seconds(0));
  reporter.run(stop.get_token());
  EXPECT_EQ(measurements, 3);
  EXPECT_EQ(shown().state, "ok");
}

}  // namespace
}  // namespace letterlock
