#pragma once

// What every implementation of ports/control_plane.h must do. An implementation's test file instantiates the suite:
//   INSTANTIATE_TEST_SUITE_P(Name, ControlPlaneConformance, ::testing::Values(ControlPlaneFactory{[] { … }}));

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ports/control_plane.h"

namespace letterlock {

// A control plane over a database of its own with one tenant and one connection (secret {"client_secret":"s3cret"}).
class ControlPlaneUnderTest {
 public:
  virtual ~ControlPlaneUnderTest() = default;
  virtual ControlPlane& plane() = 0;
  virtual TenantId tenant() const = 0;
  virtual ConnectionId connection() const = 0;
  virtual TimePoint now() const = 0;
  virtual void pass(Duration time) = 0;      // the clock moves on
  virtual void reap() = 0;                   // the scheduler's turn: jobs whose lease ran out are queued again
  virtual JobMessage queue_ingestion() = 0;  // the connection's active ingestion job, or a new one
  // Columns of the control database, as text: "select state from jobs …" → rows of cells.
  virtual std::vector<std::vector<std::string>> sql(const std::string& text) = 0;
};

struct ControlPlaneFactory {
  std::function<std::unique_ptr<ControlPlaneUnderTest>()> make;
};

class ControlPlaneConformance : public ::testing::TestWithParam<ControlPlaneFactory> {
 protected:
  void SetUp() override {
    under_test_ = GetParam().make();
    ASSERT_TRUE(under_test_);
  }

  ControlPlaneUnderTest& world() { return *under_test_; }
  ControlPlane& plane() { return under_test_->plane(); }
  TenantId tenant() const { return under_test_->tenant(); }

  std::string cell(const std::string& sql);
  std::string state_of(const JobMessage& job);  // "queued, attempt 2"
  // The tenant's jobs of one kind in one state, oldest first.
  std::vector<JobMessage> jobs(JobKind kind, const std::string& state);
  ClaimedJob must_claim(const JobMessage& message, const std::string& worker = "worker-1");
  // A claimed analysis job: what a slice that stored mail leads to.
  ClaimedJob claimed_analysis(std::int64_t newest = 10);

 private:
  std::unique_ptr<ControlPlaneUnderTest> under_test_;
};

}  // namespace letterlock
