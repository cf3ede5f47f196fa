// The scheduler over a real PostgreSQL; the broker is a publisher that records and can refuse.

#include "targets/scheduler/scheduler.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::kind_of;
using testing::must;

class RecordingPublisher final : public JobPublisher {
 public:
  Result<std::vector<bool>> publish(std::span<const JobMessage> messages, std::chrono::milliseconds) override {
    const std::lock_guard lock(mutex_);
    published_.insert(published_.end(), messages.begin(), messages.end());
    changed_.notify_all();
    return std::vector<bool>(messages.size(), confirms);
  }
  Result<void> publish_dead(const JobMessage& message, std::string_view reason) override {
    if (!confirms) return fail(ErrorKind::unavailable, "RabbitMQ did not confirm the dead letter");
    const std::lock_guard lock(mutex_);
    dead_.push_back({.message = message, .reason = std::string(reason)});
    return {};
  }

  std::vector<JobMessage> published() const {
    const std::lock_guard lock(mutex_);
    return published_;
  }
  std::vector<DeadJob> dead() const {
    const std::lock_guard lock(mutex_);
    return dead_;
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(120), [&] { return published_.size() >= count; });
  }

  bool confirms = true;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<JobMessage> published_;
  std::vector<DeadJob> dead_;
};

class SchedulerTest : public ::testing::Test {
 protected:
  ControlRig rig_;
  RecordingPublisher publisher_;
  Metrics metrics_;
  Scheduler scheduler_{rig_.jobs, publisher_, rig_.clock, metrics_};

  ClaimedJob claimed_ingestion() {
    must(scheduler_.run_once());
    return must(rig_.control.claim(publisher_.published().back(), "worker"));
  }
};

TEST_F(SchedulerTest, PublishesWhatIsDueOnceAndAgainOnlyAfterItsInterval) {
  const auto tenant = rig_.new_tenant("acme");
  const auto connection = rig_.new_connection(tenant);
  EXPECT_EQ(must(scheduler_.run_once()).published, 1);
  ASSERT_EQ(publisher_.published().size(), 1u);
  EXPECT_EQ(publisher_.published()[0].connection_id, connection);
  EXPECT_TRUE(must(scheduler_.run_once()).idle());

  const auto job = must(rig_.control.claim(publisher_.published()[0], "worker"));
  must(rig_.control.finish_ingestion(job, {}));
  EXPECT_TRUE(must(scheduler_.run_once()).idle()) << "its turn has not come";
  rig_.clock.advance(std::chrono::seconds(331));  // the interval and its jitter of a tenth
  EXPECT_EQ(must(scheduler_.run_once()).published, 1);
}

TEST_F(SchedulerTest, KeepsWhatTheBrokerDidNotConfirmForTheNextRound) {
  rig_.new_connection(rig_.new_tenant("acme"));
  publisher_.confirms = false;
  EXPECT_EQ(must(scheduler_.run_once()).unconfirmed, 1);
  publisher_.confirms = true;
  EXPECT_EQ(must(scheduler_.run_once()).published, 1);
  EXPECT_EQ(publisher_.published()[0], publisher_.published()[1]) << "the same job";
}

// However a job dies, the broker's dead-letter queue hears of it, with the reason, once.
TEST_F(SchedulerTest, TellsTheBrokerOfAJobThatDiedWithItsReasonOnce) {
  rig_.new_connection(rig_.new_tenant("acme"));
  const auto job = claimed_ingestion();
  must(rig_.control.finish_ingestion(job, {.error = Error{.kind = ErrorKind::invalid, .message = "the provider's URL answers with HTML"}}));
  publisher_.confirms = false;
  EXPECT_EQ(kind_of(scheduler_.run_once()), "unavailable") << "the broker is away: told later";
  publisher_.confirms = true;
  EXPECT_EQ(must(scheduler_.run_once()).dead, 1);
  ASSERT_EQ(publisher_.dead().size(), 1u);
  EXPECT_EQ(publisher_.dead()[0].message.job_id, job.message.job_id);
  EXPECT_EQ(publisher_.dead()[0].reason, "the provider's URL answers with HTML");
  EXPECT_EQ(must(scheduler_.run_once()).dead, 0);
}

TEST_F(SchedulerTest, TellsTheBrokerOfAJobWhoseWorkersFellSilent) {
  rig_.new_connection(rig_.new_tenant("acme"));
  for (int attempt = 1; attempt <= 5; ++attempt) {
    claimed_ingestion();
    rig_.clock.advance(ControlRig::lease + std::chrono::seconds(1));
  }
  EXPECT_EQ(must(scheduler_.run_once()).dead, 1);
  ASSERT_EQ(publisher_.dead().size(), 1u);
  EXPECT_NE(publisher_.dead()[0].reason.find("fell silent 5 times"), std::string::npos) << publisher_.dead()[0].reason;
}

TEST_F(SchedulerTest, AReplayedJobIsPublishedAgainAndToldAgainIfItDiesAgain) {
  rig_.new_connection(rig_.new_tenant("acme"));
  const Error error{.kind = ErrorKind::invalid, .message = "no mail API there"};
  const auto job = claimed_ingestion();
  must(rig_.control.finish_ingestion(job, {.error = error}));
  must(scheduler_.run_once());
  must(rig_.jobs.replay(job.message.job_id));
  EXPECT_EQ(kind_of(rig_.jobs.replay(job.message.job_id)), "conflict") << "it is queued";
  const auto again = claimed_ingestion();
  EXPECT_EQ(again.message.job_id, job.message.job_id);
  must(rig_.control.finish_ingestion(again, {.error = error}));
  EXPECT_EQ(must(scheduler_.run_once()).dead, 1);
  EXPECT_EQ(publisher_.dead().size(), 2u);
}

TEST_F(SchedulerTest, SweepsWhatNobodyElseGivesUpOrDeletesNowAndThen) {
  rig_.pass_database_clock();
  const auto tenant = rig_.new_tenant("acme");
  const auto hook =
      must(rig_.webhooks.create(tenant, {.name = "h", .url = "https://h.example/", .events = {"job.dead"}})).webhook.webhook_id;
  must(rig_.webhooks.ping(tenant, hook));
  must(rig_.webhooks.change(tenant, hook, {.enabled = false}));
  rig_.database.sql("UPDATE webhook_deliveries SET event = 'job.dead'");
  must(rig_.people.invite({.name = "o", .role = Role::owner}, tenant, "new@acme.example", Role::viewer));
  rig_.store_rule_run(tenant);
  const auto left = [&] {
    return rig_.database.cell(
        "SELECT (SELECT coalesce(max(state), 'gone') FROM webhook_deliveries) || ' ' || (SELECT count(*) FROM invitations) || ' ' || "
        "(SELECT count(*) FROM rule_runs)");
  };
  const auto after = [&](std::chrono::days days) {
    rig_.clock.advance(days);
    must(scheduler_.run_once());
    return left();
  };
  EXPECT_EQ(after(std::chrono::days(6)), "pending 1 1");
  EXPECT_EQ(after(std::chrono::days(2)), "failed 1 1") << "due for 7 days";
  EXPECT_EQ(after(std::chrono::days(7)), "failed 0 1") << "its end was 7 days ago";
  EXPECT_EQ(after(std::chrono::days(74)), "gone 0 1") << "made 30 days ago";
  EXPECT_EQ(after(std::chrono::days(3)), "gone 0 0") << "90 days";
  // Not in each round.
  must(rig_.people.invite({.name = "o", .role = Role::owner}, tenant, "new@acme.example", Role::viewer));
  rig_.database.sql("UPDATE invitations SET expires_at = '2000-01-01'");
  must(scheduler_.run_once());
  EXPECT_EQ(rig_.database.cell("SELECT count(*) FROM invitations"), "1");
  rig_.clock.advance(std::chrono::minutes(10));
  must(scheduler_.run_once());
  EXPECT_EQ(rig_.database.cell("SELECT count(*) FROM invitations"), "0");
}

// 2.9 million jobs a day at 10,000 tenants: what is done goes after a while, and what people look at stays as it was.
TEST_F(SchedulerTest, SweepsDoneJobsAuditEntriesAndExpiredSessionsInBatches) {
  rig_.pass_database_clock();
  const auto tenant = rig_.new_tenant("acme");
  rig_.new_connection(tenant);
  const auto claimed = claimed_ingestion();
  must(rig_.control.finish_ingestion(
      claimed,
      {.mailboxes = {{.mailbox_id = MailboxId("m"), .address = "m@x", .messages_stored = 7, .caught_up = true}}, .messages_stored = 7}));
  const auto person = must(
      rig_.access.create_person({.email = "o@acme.example", .password = "long enough a word", .role = Role::owner, .tenant_id = tenant}));
  const auto at = [&](std::chrono::days ago) { return "'" + to_rfc3339(rig_.clock.now() - ago) + "'"; };
  const auto add = [&](const std::string& state, std::chrono::days ago, int count) {
    rig_.database.sql("INSERT INTO jobs (job_id, tenant_id, kind, state, created_at, finished_at) SELECT gen_random_uuid(), '" +
                      tenant.str() + "', 'analysis', '" + state + "', " + at(ago) + ", " + at(ago) + " FROM generate_series(1, " +
                      std::to_string(count) + ")");
  };
  add("done", std::chrono::days(15), 25);
  add("done", std::chrono::days(13), 2);
  add("dead", std::chrono::days(500), 3);
  rig_.database.sql("UPDATE jobs SET dead_letter_at = now() WHERE state = 'dead'");
  for (const auto days : {401, 402, 403, 399, 1})
    rig_.database.sql("INSERT INTO audit_log (tenant_id, actor, action, object, at) VALUES (" +
                      std::string(days == 402 ? "NULL" : "'" + tenant.str() + "'") + ", 'a', 'b', 'c', " + at(std::chrono::days(days)) +
                      ")");
  for (const auto days : {1, 2, 0})
    rig_.database.sql("INSERT INTO sessions (token_hash, tenant_id, person_id, csrf_token, expires_at) VALUES ('" + std::to_string(days) +
                      "', '" + tenant.str() + "', '" + person.str() + "', 'c', " +
                      (days == 0 ? at(std::chrono::days(-1)) : at(std::chrono::days(days))) + ")");
  const auto left = [&] {
    return rig_.database.cell(
        "SELECT (SELECT count(*) FILTER (WHERE state = 'done') || ' done ' || count(*) FILTER (WHERE state = 'dead') || ' dead, ' FROM "
        "jobs) "
        "|| (SELECT count(*) FROM audit_log) || ' audit, ' || (SELECT count(*) FROM sessions) || ' sessions'");
  };
  const auto shown = [&] {
    const auto coverage = must(rig_.mailboxes.coverage(tenant));
    const auto queues = must(rig_.installation.installation()).queues;
    return std::to_string(coverage.messages_stored) + " " + std::to_string(coverage.jobs.dead) + " " +
           std::to_string(coverage.jobs.queued) + " " + std::to_string(queues[0].done_last_hour) + " " +
           std::to_string(queues[0].dead + queues[1].dead) + " " + std::to_string(must(rig_.installation.tenants())[0].jobs_dead);
  };
  EXPECT_EQ(left(), "28 done 3 dead, 5 audit, 3 sessions");
  const auto before = shown();
  EXPECT_EQ(before, "7 3 0 1 3 3");

  Scheduler small(rig_.jobs, publisher_, rig_.clock, metrics_, {.sweep_rows_max = 10, .sweep_batches_max = 2});
  must(small.run_once());
  EXPECT_EQ(left(), "8 done 3 dead, 2 audit, 1 sessions") << "two batches of ten at most";
  must(small.run_once());
  EXPECT_EQ(left(), "3 done 3 dead, 2 audit, 1 sessions") << "the rest in the next round, not ten minutes later";
  EXPECT_EQ(shown(), before) << "what people see comes from what is kept";

  Scheduler strict(rig_.jobs, publisher_, rig_.clock, metrics_, {.kept = {.jobs = std::chrono::days(12), .audit = std::chrono::days(10)}});
  must(strict.run_once());
  EXPECT_EQ(left(), "1 done 3 dead, 1 audit, 1 sessions");
}

// Two loops over one database: one leads; when it ends, the other takes over.
TEST_F(SchedulerTest, OneLeadsAndAnotherTakesOverWhenItEnds) {
  SystemClock clock;
  JobStore store(rig_.scheduler_pool, clock);
  RecordingPublisher first_publisher, second_publisher;
  Scheduler first(store, first_publisher, clock, metrics_), second(store, second_publisher, clock, metrics_);
  Leader first_leader(rig_.database.url()), second_leader(rig_.database.url());
  ASSERT_TRUE(must(first_leader.hold()));
  std::jthread first_loop([&](std::stop_token stop) { first.run(first_leader, stop); });
  std::jthread second_loop([&](std::stop_token stop) { second.run(second_leader, stop); });
  const auto tenant = rig_.new_tenant("acme");
  rig_.new_connection(tenant, "one");
  EXPECT_TRUE(first_publisher.wait_for(1));
  EXPECT_TRUE(second_publisher.published().empty());
  first_loop.request_stop();
  first_loop.join();
  rig_.new_connection(tenant, "two");
  EXPECT_TRUE(second_publisher.wait_for(1));
  EXPECT_EQ(first_publisher.published().size(), 1u);
}

}  // namespace
}  // namespace letterlock
