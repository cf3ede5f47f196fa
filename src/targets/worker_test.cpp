#include "targets/worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <stdexcept>

namespace letterlock {
namespace {

using namespace std::chrono_literals;

JobMessage some_job() {
  return {.job_id = JobId(new_uuid()),
          .tenant_id = TenantId(new_uuid()),
          .connection_id = ConnectionId(new_uuid()),
          .kind = JobKind::ingestion};
}

// One job's row, kept in memory: claimable once, with a lease by the real clock.
class OneJob final : public ControlPlane {
 public:
  Duration lease = 10s;
  std::optional<Error> claim_error;
  std::atomic<bool> lease_given_away = false;
  std::atomic<int> claims = 0, renewals = 0, given_back = 0;

  Result<ClaimedJob> claim(const JobMessage& message, const std::string& worker) override {
    ++claims;
    if (claim_error) return fail(*claim_error);
    if (claimed_.exchange(true)) return fail(ErrorKind::conflict, "taken");
    return ClaimedJob{.message = message, .lease_id = worker, .lease_expires_at = clock_.now() + lease, .service_token = "token"};
  }
  Result<TimePoint> renew(const ClaimedJob&) override {
    if (lease_given_away) return fail(ErrorKind::conflict, "given away");
    ++renewals;
    return clock_.now() + lease;
  }
  Result<void> give_back(const ClaimedJob&) override {
    ++given_back;
    return {};
  }
  Result<Connection> get_connection(const ClaimedJob&) override { return fail(ErrorKind::internal, "not asked for"); }
  Result<void> finish_ingestion(const ClaimedJob&, const SliceOutcome&) override { return fail(ErrorKind::internal, "not asked for"); }
  Result<std::int64_t> get_watermark(const ClaimedJob&) override { return fail(ErrorKind::internal, "not asked for"); }
  Result<std::vector<RuleSetting>> get_rule_settings(const ClaimedJob&) override { return fail(ErrorKind::internal, "not asked for"); }
  Result<void> finish_analysis(const ClaimedJob&, const AnalysisOutcome&) override { return fail(ErrorKind::internal, "not asked for"); }
  Result<DataKey> get_data_key(const TenantId&) override { return fail(ErrorKind::internal, "not asked for"); }
  Result<void> report_storage(const StorageState&) override { return fail(ErrorKind::internal, "not asked for"); }

 private:
  SystemClock clock_;
  std::atomic<bool> claimed_ = false;
};

// Work whose body the test gives; it notes what was recorded.
class GivenWork final : public JobWork {
 public:
  std::function<Result<std::optional<Record>>(std::stop_token)> body;
  std::deque<Error> record_errors;  // answers of the next recordings; then success
  int recorded = 0;
  std::optional<Error> failure;

  Result<std::optional<Record>> run(const ClaimedJob&, std::stop_token stop) override { return body(stop); }
  Result<void> record_failure(const ClaimedJob&, const Error& error) override {
    failure = error;
    return {};
  }
  Record record() {
    return [this]() -> Result<void> {
      if (!record_errors.empty()) {
        const auto error = record_errors.front();
        record_errors.pop_front();
        return fail(error);
      }
      ++recorded;
      return {};
    };
  }
};

class WorkerTest : public testing::Test {
 protected:
  void wait_until(const std::function<bool()>& condition, std::stop_token stop) {
    while (!condition() && !stop.stop_requested()) clock_.wait(1ms, stop);
  }

  SystemClock clock_;
  Metrics metrics_;
  OneJob control_;
  GivenWork work_;
  JobTokens tokens_;
  Worker worker_{
      {.kind = JobKind::ingestion, .name = "test", .record_backoff = {.first = 1ms, .max = 1ms, .tries_max = 3}, .renew_interval_min = 1ms},
      control_,
      work_,
      &tokens_,
      clock_,
      metrics_};
};

TEST_F(WorkerTest, ClaimsWorksRecordsAndAcknowledges) {
  work_.body = [&](std::stop_token) -> Result<std::optional<JobWork::Record>> { return work_.record(); };
  EXPECT_EQ(worker_.handle(some_job()).kind, Disposition::Kind::ack);
  EXPECT_EQ(work_.recorded, 1);
}

TEST_F(WorkerTest, ASecondDeliveryDoesNothing) {
  const auto job = some_job();
  int runs = 0;
  work_.body = [&](std::stop_token) -> Result<std::optional<JobWork::Record>> { return ++runs, work_.record(); };
  EXPECT_EQ(worker_.handle(job).kind, Disposition::Kind::ack);
  EXPECT_EQ(worker_.handle(job).kind, Disposition::Kind::ack);
  EXPECT_EQ(control_.claims, 2);
  EXPECT_EQ(runs, 1);
}

TEST_F(WorkerTest, ComesLaterWhenTheControlPlaneIsAway) {
  control_.claim_error = Error{.kind = ErrorKind::unavailable, .message = "no connection", .retry_after = 7s};
  const auto disposition = worker_.handle(some_job());
  EXPECT_EQ(disposition.kind, Disposition::Kind::retry_later);
  EXPECT_EQ(disposition.delay, 7s);
}

TEST_F(WorkerTest, KeepsTheJobWhenThisProcessIsNotTrusted) {
  control_.claim_error = Error{.kind = ErrorKind::unauthenticated, .message = "token expired"};
  EXPECT_EQ(worker_.handle(some_job()).kind, Disposition::Kind::retry_later);
}

TEST_F(WorkerTest, DeadLettersAJobThatTheControlPlaneCannotUnderstand) {
  control_.claim_error = Error{.kind = ErrorKind::invalid, .message = "no such kind"};
  const auto disposition = worker_.handle(some_job());
  EXPECT_EQ(disposition.kind, Disposition::Kind::dead_letter);
  EXPECT_EQ(disposition.reason, "no such kind");
}

TEST_F(WorkerTest, KeepsTheLeaseOfWorkThatIsLongerThanIt) {
  control_.lease = 30ms;
  work_.body = [&](std::stop_token stop) -> Result<std::optional<JobWork::Record>> {
    wait_until([&] { return control_.renewals >= 5; }, stop);
    EXPECT_FALSE(stop.stop_requested());
    return work_.record();
  };
  EXPECT_EQ(worker_.handle(some_job()).kind, Disposition::Kind::ack);
  EXPECT_EQ(work_.recorded, 1);
}

TEST_F(WorkerTest, StopsWorkingAndRecordsNothingWhenTheLeaseIsGivenAway) {
  control_.lease = 30ms;
  work_.body = [&](std::stop_token stop) -> Result<std::optional<JobWork::Record>> {
    control_.lease_given_away = true;
    wait_until([] { return false; }, stop);
    return work_.record();
  };
  EXPECT_EQ(worker_.handle(some_job()).kind, Disposition::Kind::ack);
  EXPECT_EQ(work_.recorded, 0);
  EXPECT_EQ(control_.given_back, 0);
}

TEST_F(WorkerTest, GivesTheJobBackWhenStoppedBeforeAnythingWasDone) {
  work_.body = [&](std::stop_token stop) -> Result<std::optional<JobWork::Record>> {
    worker_.request_stop();
    EXPECT_TRUE(stop.stop_requested());
    return std::nullopt;
  };
  EXPECT_EQ(worker_.handle(some_job()).kind, Disposition::Kind::ack);
  EXPECT_EQ(control_.given_back, 1);
}

TEST_F(WorkerTest, RecordsWhatWasDoneBeforeTheStop) {
  work_.body = [&](std::stop_token) -> Result<std::optional<JobWork::Record>> {
    worker_.request_stop();
    return work_.record();
  };
  EXPECT_EQ(worker_.handle(some_job()).kind, Disposition::Kind::ack);
  EXPECT_EQ(work_.recorded, 1);
  EXPECT_EQ(control_.given_back, 0);
}

TEST_F(WorkerTest, RecordsAgainWhenTheControlPlaneIsAwayForAMoment) {
  work_.record_errors.assign(2, Error{.kind = ErrorKind::unavailable, .message = "restarting"});
  work_.body = [&](std::stop_token) -> Result<std::optional<JobWork::Record>> { return work_.record(); };
  EXPECT_EQ(worker_.handle(some_job()).kind, Disposition::Kind::ack);
  EXPECT_EQ(work_.recorded, 1);
}

TEST_F(WorkerTest, LeavesTheJobToItsLeaseWhenItCannotBeRecorded) {
  work_.record_errors.assign(50, Error{.kind = ErrorKind::unavailable, .message = "gone"});
  work_.body = [&](std::stop_token) -> Result<std::optional<JobWork::Record>> { return work_.record(); };
  EXPECT_EQ(worker_.handle(some_job()).kind, Disposition::Kind::ack);
  EXPECT_EQ(work_.recorded, 0);
  EXPECT_EQ(work_.record_errors.size(), 47u);  // three tries
}

TEST_F(WorkerTest, RecordsTheReasonOfAFailure) {
  work_.body = [](std::stop_token) -> Result<std::optional<JobWork::Record>> { return fail(ErrorKind::unavailable, "storage is away"); };
  EXPECT_EQ(worker_.handle(some_job()).kind, Disposition::Kind::ack);
  ASSERT_TRUE(work_.failure);
  EXPECT_EQ(work_.failure->message, "storage is away");
}

TEST_F(WorkerTest, AnExceptionIsAFailureOfTheJobNotOfTheProcess) {
  work_.body = [](std::stop_token) -> Result<std::optional<JobWork::Record>> { throw std::runtime_error("vector"); };
  EXPECT_EQ(worker_.handle(some_job()).kind, Disposition::Kind::ack);
  ASSERT_TRUE(work_.failure);
  EXPECT_EQ(work_.failure->kind, ErrorKind::internal);
}

TEST_F(WorkerTest, TheJobsTokenIsThereWhileItRuns) {
  const auto job = some_job();
  work_.body = [&](std::stop_token) -> Result<std::optional<JobWork::Record>> {
    EXPECT_EQ(tokens_.token(job.tenant_id).value(), "token");
    return work_.record();
  };
  worker_.handle(job);
  EXPECT_EQ(tokens_.token(job.tenant_id).error().kind, ErrorKind::unauthenticated);
}

}  // namespace
}  // namespace letterlock
