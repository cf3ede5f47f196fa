#include "ports/control_plane_conformance.h"

#include <atomic>
#include <thread>

namespace letterlock {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ControlPlaneConformance);

namespace {

using std::chrono::seconds;

template <class T>
std::string kind_of(const Result<T>& result) {
  return result ? "no error" : std::string(to_string(result.error().kind));
}

template <class T>
std::string fault_of(const Result<T>& result) {
  return result ? "" : std::string(to_string(result.error().kind)) + ": " + result.error().message;
}

SliceOutcome slice(std::int64_t stored = 0) {
  return {.mailboxes = {{.mailbox_id = MailboxId("m1"), .address = "anna@firma.example", .messages_stored = stored, .caught_up = true}},
          .messages_stored = stored,
          .users_seen = 1,
          .last_ingest_seq = stored};
}

SliceOutcome failed(ErrorKind kind, const std::string& message) { return {.error = Error{.kind = kind, .message = message}}; }

Finding finding(const std::string& campaign, const std::string& message, TimePoint at) {
  return {.rule_id = RuleId("a/rule"),
          .rule_version = "1",
          .title = "Title",
          .severity = Severity::high,
          .attack_technique = "T1566.002",
          .subject = "anna@firma.example",
          .entity = "x.example",
          .observed_at = at,
          .confidence = 0.5,
          .evidence_json = R"({"signals":[],"rows":[]})",
          .dedup_key = campaign,
          .mailbox_id = MailboxId("m1"),
          .provider_message_id = ProviderMessageId(message),
          .message_id = message,
          .message_subject = "Grüße, 株式会社 🙂",
          .query_sql = "SELECT 1",
          .query_parameters_json = "{}"};
}

}  // namespace

std::string ControlPlaneConformance::cell(const std::string& sql) {
  const auto rows = world().sql(sql);
  return rows.size() == 1 && rows[0].size() == 1 ? rows[0][0] : "(" + std::to_string(rows.size()) + " rows)";
}

std::string ControlPlaneConformance::state_of(const JobMessage& job) {
  return cell("SELECT state || ', attempt ' || attempt FROM jobs WHERE job_id = '" + job.job_id.str() + "'");
}

std::vector<JobMessage> ControlPlaneConformance::jobs(JobKind kind, const std::string& state) {
  std::vector<JobMessage> found;
  for (const auto& row :
       world().sql("SELECT job_id, coalesce(connection_id::text, ''), attempt FROM jobs WHERE tenant_id = '" + tenant().str() +
                   "' AND kind = '" + std::string(to_string(kind)) + "' AND state = '" + state + "' ORDER BY created_at, job_id"))
    found.push_back({.job_id = JobId(row[0]),
                     .tenant_id = tenant(),
                     .connection_id = ConnectionId(row[1]),
                     .kind = kind,
                     .attempt = std::stoi(row[2])});
  return found;
}

ClaimedJob ControlPlaneConformance::must_claim(const JobMessage& message, const std::string& worker) {
  auto claimed = plane().claim(message, worker);
  EXPECT_TRUE(claimed) << fault_of(claimed);
  return claimed ? *claimed : ClaimedJob{.message = message, .lease_id = new_uuid()};
}

ClaimedJob ControlPlaneConformance::claimed_analysis(std::int64_t newest) {
  const auto finished = plane().finish_ingestion(must_claim(world().queue_ingestion()), slice(newest));
  EXPECT_TRUE(finished) << fault_of(finished);
  const auto queued = jobs(JobKind::analysis, "queued");
  EXPECT_EQ(queued.size(), 1U);
  return must_claim(queued.empty() ? JobMessage{.tenant_id = tenant(), .kind = JobKind::analysis} : queued[0]);
}

TEST_P(ControlPlaneConformance, AJobIsClaimedOnce) {
  const auto message = world().queue_ingestion();
  const auto claimed = must_claim(message);
  EXPECT_EQ(claimed.message, message);
  EXPECT_FALSE(claimed.lease_id.empty());
  EXPECT_GT(claimed.lease_expires_at, world().now());
  EXPECT_EQ(kind_of(plane().claim(message, "worker-2")), "conflict") << "a second delivery";
  ASSERT_TRUE(plane().finish_ingestion(claimed, slice()));
  EXPECT_EQ(kind_of(plane().claim(message, "worker-2")), "conflict") << "done";
  EXPECT_EQ(kind_of(plane().claim({.job_id = JobId(new_uuid()), .tenant_id = tenant()}, "worker-1")), "conflict") << "unknown";
}

TEST_P(ControlPlaneConformance, OneOfManyWorkersGetsTheJob) {
  const auto message = world().queue_ingestion();
  std::atomic<int> won = 0, refused = 0;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 8; ++i)
      workers.emplace_back([&, i] {
        const auto claimed = plane().claim(message, "worker-" + std::to_string(i));
        if (claimed) ++won;
        if (kind_of(claimed) == "conflict") ++refused;
      });
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(refused, 7);
}

TEST_P(ControlPlaneConformance, AWorkerWhoseLeaseWasGivenAwayIsRefused) {
  const auto message = world().queue_ingestion();
  const auto first = must_claim(message, "worker-1");
  world().pass(first.lease_expires_at - world().now() + seconds(1));
  world().reap();
  EXPECT_EQ(state_of(message), "queued, attempt 2");
  const auto second = must_claim(message, "worker-2");
  EXPECT_EQ(second.message.attempt, 2);
  EXPECT_NE(second.lease_id, first.lease_id);

  EXPECT_EQ(kind_of(plane().renew(first)), "conflict");
  EXPECT_EQ(kind_of(plane().get_connection(first)), "conflict");
  EXPECT_EQ(kind_of(plane().finish_ingestion(first, slice(99))), "conflict");
  EXPECT_EQ(kind_of(plane().give_back(first)), "conflict");
  EXPECT_EQ(state_of(message), "running, attempt 2");
  EXPECT_EQ(cell("SELECT count(*) FROM mailbox_progress"), "0");
  ASSERT_TRUE(plane().finish_ingestion(second, slice()));
  EXPECT_EQ(state_of(message), "done, attempt 2");
}

TEST_P(ControlPlaneConformance, ARenewedLeaseOutlivesItsFirstEnd) {
  const auto message = world().queue_ingestion();
  auto claimed = must_claim(message);
  const auto lease = claimed.lease_expires_at - world().now();
  for (int i = 0; i < 3; ++i) {
    world().pass(lease * 3 / 4);
    const auto until = plane().renew(claimed);
    ASSERT_TRUE(until) << fault_of(until);
    EXPECT_EQ(*until, world().now() + lease);
    world().reap();
  }
  EXPECT_EQ(state_of(message), "running, attempt 1");
}

TEST_P(ControlPlaneConformance, AJobThatIsGivenBackIsThereAgainAtOnceAndCountsNoAttempt) {
  const auto message = world().queue_ingestion();
  const auto claimed = must_claim(message);
  ASSERT_TRUE(plane().give_back(claimed));
  EXPECT_EQ(state_of(message), "queued, attempt 1");
  EXPECT_EQ(kind_of(plane().finish_ingestion(claimed, slice())), "conflict");
  must_claim(message, "worker-2");
}

TEST_P(ControlPlaneConformance, AnAnalysisThatIsGivenBackBesideAQueuedOneLeavesItToThatOne) {
  const auto analysis = claimed_analysis();
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), slice(20)));
  ASSERT_EQ(jobs(JobKind::analysis, "queued").size(), 1U);
  ASSERT_TRUE(plane().give_back(analysis));
  EXPECT_EQ(state_of(analysis.message), "done, attempt 1");
  EXPECT_EQ(jobs(JobKind::analysis, "queued").size(), 1U);
}

TEST_P(ControlPlaneConformance, TheConnectionComesWithItsSecretToTheHolderAlone) {
  const auto claimed = must_claim(world().queue_ingestion());
  const auto connection = plane().get_connection(claimed);
  ASSERT_TRUE(connection) << fault_of(connection);
  EXPECT_EQ(connection->connection_id, world().connection());
  EXPECT_EQ(connection->tenant_id, tenant());
  EXPECT_EQ(connection->secret_json, R"({"client_secret":"s3cret"})");
  EXPECT_FALSE(connection->settings_json.empty());
  EXPECT_EQ(connection->trusted_authserv_ids, std::vector<std::string>{"mx.firma.example"});
  auto stranger = claimed;
  stranger.lease_id = new_uuid();
  EXPECT_EQ(kind_of(plane().get_connection(stranger)), "conflict");
}

TEST_P(ControlPlaneConformance, AFinishedSliceStoresProgressAndQueuesItsContinuation) {
  const auto message = world().queue_ingestion();
  auto outcome = slice(5);
  outcome.more = true;
  outcome.mailboxes[0].caught_up = false;
  ASSERT_TRUE(plane().finish_ingestion(must_claim(message), outcome));
  EXPECT_EQ(state_of(message), "done, attempt 1");
  const auto next = jobs(JobKind::ingestion, "queued");
  ASSERT_EQ(next.size(), 1U);
  EXPECT_NE(next[0].job_id, message.job_id);
  EXPECT_EQ(next[0].connection_id, world().connection());

  auto rest = slice(2);
  ASSERT_TRUE(plane().finish_ingestion(must_claim(next[0]), rest));
  EXPECT_TRUE(jobs(JobKind::ingestion, "queued").empty());
  EXPECT_EQ(cell("SELECT messages_stored || ' ' || caught_up FROM mailbox_progress"), "7 true") << "progress adds up over slices";
  EXPECT_EQ(cell("SELECT state || state_reason FROM connections"), "ok");
}

TEST_P(ControlPlaneConformance, AThrottledSliceContinuesNotBeforeTheProviderAllows) {
  const auto message = world().queue_ingestion();
  auto outcome = failed(ErrorKind::throttled, "429");
  outcome.more = true;
  outcome.not_before = world().now() + seconds(300);
  ASSERT_TRUE(plane().finish_ingestion(must_claim(message), outcome));
  const auto next = jobs(JobKind::ingestion, "queued");
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(kind_of(plane().claim(next[0], "worker-1")), "conflict") << "too early";
  world().pass(seconds(300));
  EXPECT_EQ(must_claim(next[0]).message.attempt, 1) << "being throttled is no failure";
}

TEST_P(ControlPlaneConformance, APassingFaultIsTriedAgainWithBackOffUntilTheAttemptsAreUsedUp) {
  const auto message = world().queue_ingestion();
  Duration waited{0};
  for (int attempt = 1; attempt <= 5; ++attempt) {
    SCOPED_TRACE(attempt);
    const auto claimed = must_claim(message);
    EXPECT_EQ(claimed.message.attempt, attempt);
    ASSERT_TRUE(plane().finish_ingestion(claimed, failed(ErrorKind::unavailable, "503 from the provider")));
    if (attempt == 5) break;
    EXPECT_EQ(state_of(message), "queued, attempt " + std::to_string(attempt + 1));
    EXPECT_EQ(kind_of(plane().claim(message, "worker-1")), "conflict") << "too early";
    const auto not_before =
        from_rfc3339(cell("SELECT to_char(not_before AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM "
                          "jobs WHERE job_id = '" +
                          message.job_id.str() + "'"));
    ASSERT_TRUE(not_before);
    const auto wait = *not_before - world().now();
    EXPECT_GE(wait, waited) << "each wait is at least as long as the one before";
    EXPECT_GT(wait, Duration(0));
    waited = wait;
    world().pass(wait);
  }
  EXPECT_EQ(state_of(message), "dead, attempt 5");
  EXPECT_EQ(cell("SELECT state_reason FROM connections"), "503 from the provider");
  EXPECT_TRUE(jobs(JobKind::analysis, "queued").empty()) << "nothing arrived";
}

TEST_P(ControlPlaneConformance, AFullDiskIsToldAndTriedAgainAsOftenAsItTakes) {
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), slice(3)));
  const auto read_at = cell("SELECT last_sync_at || ' ' || last_read_at FROM connections, mailbox_progress");
  const auto message = world().queue_ingestion();
  for (int i = 0; i < 8; ++i) {
    SCOPED_TRACE(i);
    world().pass(seconds(60));
    SliceOutcome full{.mailboxes = {{.mailbox_id = MailboxId("m1"), .address = "anna@firma.example", .reason = "the disk is full"}},
                      .error = Error{.kind = ErrorKind::unavailable, .message = "the disk is full", .code = "disk_full"}};
    ASSERT_TRUE(plane().finish_ingestion(must_claim(message), full));
    EXPECT_EQ(state_of(message), "queued, attempt 1") << "it would be dead long before there is room";
  }
  EXPECT_EQ(cell("SELECT state || ', ' || state_code || ': ' || state_reason FROM connections"), "stalled, disk_full: the disk is full");
  EXPECT_EQ(cell("SELECT last_sync_at || ' ' || last_read_at FROM connections, mailbox_progress"), read_at) << "it was not read";
  EXPECT_EQ(cell("SELECT caught_up || ' ' || reason FROM mailbox_progress"), "false the disk is full");
  world().pass(seconds(60));
  ASSERT_TRUE(plane().finish_ingestion(must_claim(message), slice(4)));
  EXPECT_EQ(cell("SELECT state || ', ' || state_code || ': ' || state_reason FROM connections"), "ok, : ");
  EXPECT_NE(cell("SELECT last_sync_at || ' ' || last_read_at FROM connections, mailbox_progress"), read_at);
}

TEST_P(ControlPlaneConformance, ASliceThatReadNoMailboxRefreshesNoTime) {
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), slice(3)));
  const auto read_at = cell("SELECT last_sync_at FROM connections");
  world().pass(seconds(300));
  const SliceOutcome fenced{.mailboxes = {{.mailbox_id = MailboxId("m1"), .address = "anna@firma.example", .reason = "another worker"}}};
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), fenced));
  EXPECT_EQ(cell("SELECT last_sync_at FROM connections"), read_at);
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), {}));
  EXPECT_NE(cell("SELECT last_sync_at FROM connections"), read_at) << "a directory without a mailbox was read";
}

TEST_P(ControlPlaneConformance, ADamagedFileBreaksTheConnectionUntilAnAnalysisReadItWhole) {
  const Error damaged{.kind = ErrorKind::internal, .message = "the mail store's file is damaged", .code = "damaged_file"};
  const auto analysis = claimed_analysis();
  ASSERT_TRUE(plane().finish_analysis(analysis, {.error = damaged}));
  const auto connection = [&] { return cell("SELECT state || ', ' || state_code || ': ' || state_reason FROM connections"); };
  EXPECT_EQ(connection(), "broken, damaged_file: the mail store's file is damaged");
  EXPECT_EQ(cell("SELECT problem FROM watermarks"), "the mail store's file is damaged");

  // A slice that does not read what is damaged.
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), slice(11)));
  EXPECT_EQ(connection(), "broken, damaged_file: the mail store's file is damaged");
  world().pass(seconds(3600));
  const auto again = must_claim(jobs(JobKind::analysis, "queued").at(0));
  ASSERT_TRUE(plane().finish_analysis(again, {.watermark_from = 0, .watermark_to = 11}));
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), slice(11)));
  EXPECT_EQ(connection(), "ok, : ");

  // A slice that does.
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), {.error = damaged}));
  EXPECT_EQ(connection(), "broken, damaged_file: the mail store's file is damaged");
}

TEST_P(ControlPlaneConformance, SaysHowFarTheAnalysisIsBehind) {
  const auto lag = [&] {
    return cell(
        "SELECT newest_ingest_seq - ingest_seq || ' since ' || coalesce(extract(epoch FROM behind_since)::bigint::text, 'never') FROM "
        "watermarks");
  };
  const auto epoch = [](TimePoint at) { return std::to_string(to_unix_micros(at) / 1'000'000); };
  const auto first = world().now();
  auto stored = slice(10);
  stored.first_stored_at = first;
  world().pass(seconds(100));
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), stored));
  EXPECT_EQ(lag(), "10 since " + epoch(first));
  auto more = slice(15);
  more.first_stored_at = world().now();
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), more));
  EXPECT_EQ(lag(), "15 since " + epoch(first)) << "the oldest waits on";

  const auto analysis = must_claim(jobs(JobKind::analysis, "queued").at(0));
  ASSERT_TRUE(plane().finish_analysis(
      analysis, {.watermark_from = 0, .watermark_to = 12, .more = true, .newest_ingest_seq = 15, .oldest_left_at = first + seconds(100)}));
  EXPECT_EQ(lag(), "3 since " + epoch(first + seconds(100)));
  const auto rest = must_claim(jobs(JobKind::analysis, "queued").at(0));
  ASSERT_TRUE(plane().finish_analysis(rest, {.watermark_from = 12, .watermark_to = 15, .newest_ingest_seq = 15}));
  EXPECT_EQ(lag(), "0 since never");
}

TEST_P(ControlPlaneConformance, AStoreThatWentBackIsJudgedAgainFromThere) {
  const auto analysis = claimed_analysis(20);
  ASSERT_TRUE(plane().finish_analysis(analysis, {.watermark_from = 0, .watermark_to = 20}));
  const auto reading = must_claim(world().queue_ingestion());
  EXPECT_EQ(plane().get_connection(reading)->newest_ingest_seq, 20);
  auto restored = slice(5);
  restored.last_ingest_seq = 12;
  restored.went_back_to = 7;
  ASSERT_TRUE(plane().finish_ingestion(reading, restored));
  EXPECT_EQ(cell("SELECT ingest_seq || ' ' || newest_ingest_seq FROM watermarks"), "7 12");
  EXPECT_EQ(jobs(JobKind::analysis, "queued").size(), 1U) << "numbers 8 to 12 are other mail than before";
}

TEST_P(ControlPlaneConformance, StorageReportsAreKeptWithTheirTime) {
  ASSERT_TRUE(plane().report_storage({.disk = {.free_bytes = 1, .used_bytes = 2, .reserve_bytes = 3}, .is_writable = false}));
  ASSERT_TRUE(plane().report_storage(
      {.disk = {.free_bytes = std::int64_t{1} << 50, .used_bytes = 5, .reserve_bytes = 6}, .is_writable = true, .read_failure = "EIO"}));
  EXPECT_EQ(cell("SELECT free_bytes || ' ' || used_bytes || ' ' || reserve_bytes || ' ' || is_writable || ' ' || read_failure FROM "
                 "storage_report WHERE reported_at > now() - interval '1 minute'"),
            "1125899906842624 5 6 true EIO");
}

TEST_P(ControlPlaneConformance, RefusedCredentialsBreakTheConnectionUntilASliceSucceeds) {
  const auto message = world().queue_ingestion();
  ASSERT_TRUE(plane().finish_ingestion(must_claim(message), failed(ErrorKind::unauthenticated, "invalid_client")));
  EXPECT_EQ(state_of(message), "done, attempt 1") << "a retry before somebody mends it helps nobody";
  EXPECT_TRUE(jobs(JobKind::ingestion, "queued").empty());
  EXPECT_EQ(cell("SELECT state || ': ' || state_reason FROM connections"), "broken: invalid_client");
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), slice()));
  EXPECT_EQ(cell("SELECT state || ': ' || state_reason FROM connections"), "ok: ");
}

TEST_P(ControlPlaneConformance, AFaultOfOursIsDeadAtOnce) {
  const auto message = world().queue_ingestion();
  ASSERT_TRUE(plane().finish_ingestion(must_claim(message), failed(ErrorKind::internal, "broken invariant")));
  EXPECT_EQ(state_of(message), "dead, attempt 1");
  EXPECT_EQ(cell("SELECT reason FROM jobs WHERE job_id = '" + message.job_id.str() + "'"), "broken invariant");
}

TEST_P(ControlPlaneConformance, MailThatArrivedBeforeAFaultIsAnalysedAllTheSame) {
  auto outcome = failed(ErrorKind::unavailable, "cut in mid-page");
  outcome.last_ingest_seq = 7;
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), outcome));
  EXPECT_EQ(jobs(JobKind::analysis, "queued").size(), 1U);
}

TEST_P(ControlPlaneConformance, NoMailNoAnalysisMuchMailOneAnalysis) {
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), slice(0)));
  EXPECT_TRUE(jobs(JobKind::analysis, "queued").empty());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), slice(i + 1)));
  EXPECT_EQ(jobs(JobKind::analysis, "queued").size(), 1U);
  // One that runs may have looked already: then another one is queued for what came after.
  must_claim(jobs(JobKind::analysis, "queued").at(0));
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), slice(9)));
  EXPECT_EQ(jobs(JobKind::analysis, "queued").size(), 1U);
}

TEST_P(ControlPlaneConformance, MailIsAnalysedWhoeverStoredItUntilTheWatermarkHasPassedIt) {
  auto nothing_new = slice(0);
  nothing_new.last_ingest_seq = 10;  // stored by a worker that died before it could say so
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), nothing_new));
  const auto queued = jobs(JobKind::analysis, "queued");
  ASSERT_EQ(queued.size(), 1U);
  ASSERT_TRUE(plane().finish_analysis(must_claim(queued[0]), {.watermark_from = 0, .watermark_to = 10}));
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), nothing_new));
  EXPECT_TRUE(jobs(JobKind::analysis, "queued").empty());
}

TEST_P(ControlPlaneConformance, ManyFinishesOfOneJobCountOnce) {
  const auto claimed = must_claim(world().queue_ingestion());
  auto outcome = slice(3);
  outcome.more = true;
  std::atomic<int> stored = 0, refused = 0;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 8; ++i)
      workers.emplace_back([&] {
        const auto finished = plane().finish_ingestion(claimed, outcome);
        if (finished) ++stored;
        if (kind_of(finished) == "conflict") ++refused;
      });
  }
  EXPECT_EQ(stored, 1);
  EXPECT_EQ(refused, 7);
  EXPECT_EQ(jobs(JobKind::analysis, "queued").size(), 1U);
  EXPECT_EQ(jobs(JobKind::ingestion, "queued").size(), 1U);
  EXPECT_EQ(cell("SELECT messages_stored FROM mailbox_progress"), "3");
}

TEST_P(ControlPlaneConformance, FinishedAnalysisStoresAlertsAndMovesTheWatermark) {
  const auto analysis = claimed_analysis();
  ASSERT_EQ(*plane().get_watermark(analysis), 0);
  AnalysisOutcome outcome{
      .findings = {finding("a", "1", world().now()), finding("a", "2", world().now()), finding("b", "1", world().now())},
      .watermark_from = 0,
      .watermark_to = 10,
      .more = true,
      .notes = {"a/slow was cut after 30 s."}};
  const auto finished = plane().finish_analysis(analysis, outcome);
  ASSERT_TRUE(finished) << fault_of(finished);
  EXPECT_EQ(*plane().get_watermark(analysis), 10);
  EXPECT_EQ(cell("SELECT string_agg(dedup_key || sightings, ' ' ORDER BY dedup_key) FROM alerts"), "a2 b1");
  EXPECT_EQ(cell("SELECT count(*) FROM alert_sightings"), "3");
  EXPECT_EQ(cell("SELECT message_subject FROM alerts WHERE dedup_key = 'b'"), "Grüße, 株式会社 🙂");
  EXPECT_EQ(cell("SELECT state || ': ' || reason FROM jobs WHERE job_id = '" + analysis.message.job_id.str() + "'"),
            "done: a/slow was cut after 30 s.");
  EXPECT_EQ(jobs(JobKind::analysis, "queued").size(), 1U) << "the continuation";
}

TEST_P(ControlPlaneConformance, FinishedTwiceAnalysisChangesNothing) {
  const auto analysis = claimed_analysis();
  const AnalysisOutcome outcome{.findings = {finding("a", "1", world().now())}, .watermark_from = 0, .watermark_to = 10};
  ASSERT_TRUE(plane().finish_analysis(analysis, outcome));
  const auto version = cell("SELECT alerts_version FROM tenants");
  EXPECT_EQ(kind_of(plane().finish_analysis(analysis, outcome)), "conflict");
  EXPECT_EQ(cell("SELECT alerts_version FROM tenants"), version);
  EXPECT_EQ(cell("SELECT sightings FROM alerts"), "1");
  EXPECT_EQ(*plane().get_watermark(analysis), 10);
}

TEST_P(ControlPlaneConformance, TheSameFindingsOfALaterRunChangeNothing) {
  const auto first = claimed_analysis();
  ASSERT_TRUE(plane().finish_analysis(first, {.findings = {finding("a", "1", world().now())}, .watermark_from = 0, .watermark_to = 10}));
  const auto version = cell("SELECT alerts_version FROM tenants");
  const auto second = claimed_analysis(11);
  ASSERT_TRUE(plane().finish_analysis(second, {.findings = {finding("a", "1", world().now())}, .watermark_from = 10, .watermark_to = 11}));
  EXPECT_EQ(cell("SELECT alerts_version FROM tenants"), version);
  EXPECT_EQ(cell("SELECT sightings FROM alerts"), "1");
  EXPECT_EQ(cell("SELECT count(*) FROM alert_events"), "1");
}

TEST_P(ControlPlaneConformance, AWatermarkThatMovedMeanwhileIsAConflictAndStoresNothing) {
  const auto first = claimed_analysis();
  const auto second = claimed_analysis();
  ASSERT_TRUE(plane().finish_analysis(second, {.watermark_from = 0, .watermark_to = 20}));
  const auto late =
      plane().finish_analysis(first, {.findings = {finding("a", "1", world().now())}, .watermark_from = 0, .watermark_to = 10});
  EXPECT_EQ(kind_of(late), "conflict");
  EXPECT_EQ(cell("SELECT count(*) FROM alerts"), "0");
  EXPECT_EQ(*plane().get_watermark(second), 20);
}

TEST_P(ControlPlaneConformance, AFailedAnalysisIsTriedAgainOrLeftToTheOneThatIsQueued) {
  const AnalysisOutcome broken{.findings = {finding("a", "1", world().now())},
                               .watermark_to = 10,
                               .error = Error{.kind = ErrorKind::unavailable, .message = "storage is away"}};
  const auto analysis = claimed_analysis();
  ASSERT_TRUE(plane().finish_analysis(analysis, broken));
  EXPECT_EQ(state_of(analysis.message), "queued, attempt 2");
  EXPECT_EQ(cell("SELECT count(*) FROM alerts"), "0");
  EXPECT_EQ(*plane().get_watermark(analysis), 0);

  world().pass(seconds(3600));
  const auto again = must_claim(analysis.message);
  ASSERT_TRUE(plane().finish_ingestion(must_claim(world().queue_ingestion()), slice(30)));
  ASSERT_TRUE(plane().finish_analysis(again, broken));
  EXPECT_EQ(state_of(again.message), "done, attempt 2");
  EXPECT_EQ(jobs(JobKind::analysis, "queued").size(), 1U);
}

TEST_P(ControlPlaneConformance, LeasesOfTwoAnalysesThatRunOutTogetherLeaveOneQueued) {
  claimed_analysis();
  claimed_analysis();
  world().pass(std::chrono::hours(1));
  world().reap();
  EXPECT_EQ(jobs(JobKind::analysis, "queued").size(), 1U);
  EXPECT_TRUE(jobs(JobKind::analysis, "running").empty());
}

TEST_P(ControlPlaneConformance, RuleSettingsAreThoseOfTheTenant) {
  const auto analysis = claimed_analysis();
  ASSERT_TRUE(plane().get_rule_settings(analysis));
  EXPECT_TRUE(plane().get_rule_settings(analysis)->empty());
  world().sql("INSERT INTO rule_settings VALUES ('" + tenant().str() + "', 'a/off', false), ('" + tenant().str() + "', 'a/on', true)");
  const auto settings = plane().get_rule_settings(analysis);
  ASSERT_TRUE(settings);
  ASSERT_EQ(settings->size(), 2U);
  EXPECT_EQ((*settings)[0].rule_id.str(), "a/off");
  EXPECT_FALSE((*settings)[0].enabled);
  EXPECT_TRUE((*settings)[1].enabled);
}

TEST_P(ControlPlaneConformance, TheDataKeyIsTheTenantsAndAlwaysTheSame) {
  const auto key = plane().get_data_key(tenant());
  ASSERT_TRUE(key) << fault_of(key);
  EXPECT_EQ(key->bytes.size(), 32U);
  EXPECT_EQ(plane().get_data_key(tenant())->bytes, key->bytes);
  EXPECT_EQ(kind_of(plane().get_data_key(TenantId(new_uuid()))), "not_found");
}

}  // namespace letterlock
