#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "domain/ingestion/memory_storage.h"
#include "domain/ingestion/service.h"
#include "domain/ingestion/tenant_facts.h"

namespace letterlock::ingestion {
namespace {

using namespace std::chrono_literals;

// A provider with as many messages per mailbox as the test says, three to a step.
class CountingProvider final : public Provider {
 public:
  struct Mailbox {
    int messages = 0;
    std::optional<Error> error;  // after the messages
    std::string bytes = "From: a@x.test\r\nSubject: s\r\n\r\nhello\r\n";
  };
  std::map<std::string, Mailbox> mailboxes;
  std::optional<Error> list_error;
  std::vector<std::string> walked;
  std::optional<std::vector<MailboxSetting>> settings;  // of every mailbox
  std::optional<Error> settings_error;
  std::vector<std::string> settings_read;
  // Where set, a mailbox is read from its beginning each time, as an archive is: each message takes this long, those before the cursor too.
  ManualClock* clock = nullptr;
  std::chrono::seconds message_takes{0};
  std::mutex mutex;

  Result<void> check(std::stop_token) override { return {}; }
  Result<void> list_users(const UserSink& sink, std::stop_token) override {
    if (list_error) return std::unexpected(*list_error);
    std::vector<User> users;
    for (const auto& [id, mailbox] : mailboxes) users.push_back({.user_id = UserId(id), .primary_email = id + "@x.test"});
    return sink(std::move(users));
  }
  Result<void> walk(const User& user, std::span<const StoredCursor> cursors, const WalkLimits&, const StepSink& sink,
                    std::stop_token) override {
    {
      const std::lock_guard lock(mutex);
      walked.push_back(user.user_id.str());
    }
    const auto& mailbox = mailboxes.at(user.user_id.str());
    int at = cursors.empty() ? 0 : std::stoi(cursors.front().value);
    std::chrono::nanoseconds reread_for = at * message_takes;
    if (clock) clock->advance(at * message_takes);
    while (at < mailbox.messages) {
      Step step{.cursor = {.mailbox_id = MailboxId(user.user_id.str()), .source = "counting"}};
      step.reread_for = std::exchange(reread_for, std::chrono::nanoseconds(0));
      if (clock) clock->advance(std::min(3, mailbox.messages - at) * message_takes);
      for (int i = 0; i < 3 && at < mailbox.messages; ++i, ++at)
        step.messages.push_back(
            {.provider_message_id = ProviderMessageId(std::to_string(at)), .raw = {.format = "rfc5322", .bytes = mailbox.bytes}});
      step.next_value = std::to_string(at);
      if (!TRY(sink(std::move(step)))) return {};
    }
    if (mailbox.error) return std::unexpected(*mailbox.error);
    return {};
  }
  Result<std::optional<std::vector<MailboxSetting>>> read_settings(const User& user, std::stop_token) override {
    const std::lock_guard lock(mutex);
    settings_read.push_back(user.user_id.str());
    if (settings_error) return std::unexpected(*settings_error);
    return settings;
  }
  std::vector<std::string> authserv_ids() const override { return {}; }
};

// Hands the one CountingProvider out again and again.
class Borrowed final : public Provider {
 public:
  explicit Borrowed(Provider& real) : real_(real) {}
  Result<void> check(std::stop_token stop) override { return real_.check(stop); }
  Result<void> list_users(const UserSink& sink, std::stop_token stop) override { return real_.list_users(sink, stop); }
  Result<void> walk(const User& user, std::span<const StoredCursor> cursors, const WalkLimits& limits, const StepSink& sink,
                    std::stop_token stop) override {
    return real_.walk(user, cursors, limits, sink, stop);
  }
  Result<std::optional<std::vector<MailboxSetting>>> read_settings(const User& user, std::stop_token stop) override {
    return real_.read_settings(user, stop);
  }
  std::vector<std::string> authserv_ids() const override { return {}; }

 private:
  Provider& real_;
};

// The parser, with CPU times as the test says: by the mailbox that the messages lie in.
class TimedParser final : public mail::MessageParser {
 public:
  std::map<std::string, double> seconds;
  std::set<std::string> over_budget;  // names of messages
  std::vector<std::string> read;      // names, in order
  std::optional<Error> error;

  Result<bool> parse(std::span<const mail::ParseInput> inputs, const mail::ParseContext& context, const mail::ParseOrigin& origin,
                     const mail::ParseSink& sink, std::stop_token stop) override {
    if (error) return std::unexpected(*error);
    const auto timed = [&](std::size_t index, mail::ParseOutput&& output) {
      read.emplace_back(inputs[index].name);
      output.cpu = std::chrono::duration<double>(seconds[origin.mailbox]);
      if (over_budget.contains(read.back()))
        output.email =
            fail({.kind = ErrorKind::invalid, .message = "not understood: it took more than 5 s of CPU time", .code = "over_budget"});
      return sink(index, std::move(output));
    };
    return real_.parse(inputs, context, origin, timed, stop);
  }

 private:
  mail::InProcessParser real_;
};

class SliceTest : public testing::Test {
 protected:
  Result<SliceOutcome> sync(Options options = {}) {
    options.mailboxes_parallel = 1;
    if (!service_)
      service_ = std::make_unique<Service>(
          storage_, parser(),
          [this](const Connection&) -> Result<std::unique_ptr<Provider>> { return std::make_unique<Borrowed>(provider_); }, clock_,
          metrics_, options);
    clock_.advance(1min);
    return service_->sync_tenant(connection_, {});
  }
  mail::MessageParser& parser() { return timed_ ? static_cast<mail::MessageParser&>(*timed_) : parser_; }
  const MailboxProgress& progress(const SliceOutcome& outcome, const std::string& id) {
    const auto found = std::ranges::find(outcome.mailboxes, MailboxId(id), &MailboxProgress::mailbox_id);
    CHECK(found != outcome.mailboxes.end());
    return *found;
  }

  MemoryStorage storage_;
  mail::InProcessParser parser_;
  std::optional<TimedParser> timed_;
  CountingProvider provider_;
  ManualClock clock_{*from_rfc3339("2026-11-23T12:00:00Z")};
  Metrics metrics_;
  Connection connection_{.connection_id = ConnectionId("c"), .tenant_id = TenantId("t")};
  std::unique_ptr<Service> service_;
};

TEST_F(SliceTest, ReadsEveryMailboxOnceAndThenNothing) {
  provider_.mailboxes = {{"a", {.messages = 7}}, {"b", {.messages = 1}}, {"c", {}}};
  auto outcome = sync();
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->error);
  EXPECT_EQ(outcome->messages_stored, 8);
  EXPECT_EQ(outcome->last_ingest_seq, 8);
  EXPECT_EQ(outcome->users_seen, 3);
  EXPECT_FALSE(outcome->more);
  EXPECT_TRUE(progress(*outcome, "c").caught_up);
  EXPECT_EQ(storage_.facts.domains, std::vector<std::string>{"x.test"});

  outcome = sync();
  EXPECT_EQ(outcome->messages_stored, 0);
  EXPECT_EQ(outcome->last_ingest_seq, 8) << "the newest in the tenant: whoever stored it may have died before he could say so";
}

TEST_F(SliceTest, StopsAtItsLimitAndStarvesNobody) {
  provider_.mailboxes = {{"big", {.messages = 100}}, {"small", {.messages = 1}}};
  const Options options{.slice_messages_max = 10};
  auto outcome = sync(options);
  EXPECT_TRUE(outcome->more);
  EXPECT_GE(outcome->messages_stored, 10);
  EXPECT_LE(outcome->messages_stored, 12);
  EXPECT_FALSE(progress(*outcome, "big").caught_up);
  outcome = sync(options);
  EXPECT_TRUE(progress(*outcome, "small").caught_up) << "the mailbox that was read last goes last";
  for (int slices = 2; outcome->more; ++slices) {
    ASSERT_LT(slices, 20);
    outcome = sync(options);
  }
  EXPECT_EQ(storage_.rows.size(), 101u);
}

// An archive's member cannot be entered in its middle: every slice reads it from its beginning.
TEST_F(SliceTest, FinishesAMailboxThatTakesLongerThanASliceToComeToItsPlace) {
  provider_.mailboxes = {{"a", {.messages = 300}}};
  provider_.clock = &clock_;
  provider_.message_takes = 1s;
  const Options options{.slice_duration_max = 10s};
  int slices = 1;
  for (auto outcome = sync(options); outcome->more; ++slices) {
    ASSERT_LT(slices, 20) << storage_.rows.size() << " stored";
    outcome = sync(options);
  }
  EXPECT_EQ(storage_.rows.size(), 300u);
  EXPECT_LE(slices, 7) << "each is about twice as long as the one before";
}

TEST_F(SliceTest, TakesAStepThatTookLongerThanTheSlice) {
  provider_.mailboxes = {{"a", {.messages = 9}}};
  provider_.clock = &clock_;
  provider_.message_takes = 60s;
  const Options options{.slice_duration_max = 10s};
  auto outcome = sync(options);
  EXPECT_EQ(outcome->messages_stored, 3) << "and no more: its time is up";
  EXPECT_TRUE(outcome->more);
}

TEST_F(SliceTest, OneMailboxesTroubleIsItsOwn) {
  provider_.mailboxes = {
      {"a", {.messages = 4, .error = Error{.kind = ErrorKind::unavailable, .message = "broken", .code = "mailbox_failed"}}},
      {"b", {.messages = 0, .error = Error{.kind = ErrorKind::not_found, .message = "no licence", .code = "no_mailbox"}}},
      {"c", {.messages = 5}}};
  const auto outcome = sync();
  EXPECT_FALSE(outcome->error);
  EXPECT_EQ(progress(*outcome, "a").state, MailboxState::failed);
  EXPECT_EQ(progress(*outcome, "a").reason, "broken");
  EXPECT_EQ(progress(*outcome, "a").messages_stored, 4);
  EXPECT_EQ(progress(*outcome, "b").state, MailboxState::no_mailbox);
  EXPECT_TRUE(progress(*outcome, "c").caught_up);
  EXPECT_EQ(outcome->messages_stored, 9);
}

TEST_F(SliceTest, AConnectionsErrorKeepsWhatArrivedBeforeIt) {
  provider_.mailboxes = {{"a", {.messages = 4, .error = Error{.kind = ErrorKind::unauthenticated, .message = "consent withdrawn"}}},
                         {"b", {.messages = 5}}};
  const auto outcome = sync();
  ASSERT_TRUE(outcome->error);
  EXPECT_EQ(outcome->error->kind, ErrorKind::unauthenticated);
  EXPECT_EQ(outcome->messages_stored, 4);
  EXPECT_EQ(outcome->last_ingest_seq, 4);
  EXPECT_EQ(provider_.walked, std::vector<std::string>{"a"});
}

TEST_F(SliceTest, ADirectoryThatCannotBeListedIsTheReason) {
  provider_.list_error = Error{.kind = ErrorKind::throttled, .message = "slow down", .retry_after = 90s};
  const auto outcome = sync();
  ASSERT_TRUE(outcome->error);
  EXPECT_TRUE(outcome->error->message.contains("listing users"));
  EXPECT_EQ(outcome->not_before, clock_.now() + 90s);
}

TEST_F(SliceTest, AThrottledMailboxIsParkedAndTheOthersGoOn) {
  provider_.mailboxes = {{"a", {.messages = 1, .error = Error{.kind = ErrorKind::throttled, .message = "slow down", .retry_after = 90s}}},
                         {"b", {.messages = 5}}};
  const auto outcome = sync();
  EXPECT_FALSE(outcome->error);
  EXPECT_TRUE(outcome->more);
  EXPECT_EQ(outcome->not_before, clock_.now() + 90s);
  EXPECT_TRUE(progress(*outcome, "b").caught_up);
}

TEST_F(SliceTest, ManyMailboxesThatFailInARowAreTheConnectionsTrouble) {
  for (const auto* id : {"a", "b", "c", "d", "e"})
    provider_.mailboxes[id] = {.error = Error{.kind = ErrorKind::unavailable, .message = "503", .code = "mailbox_failed"}};
  const auto outcome = sync();
  ASSERT_TRUE(outcome->error);
  EXPECT_EQ(provider_.walked.size(), 3u);
}

TEST_F(SliceTest, ASecondWorkerIsFencedOff) {
  provider_.mailboxes = {{"a", {.messages = 4}}, {"b", {.messages = 5}}};
  storage_.fenced = MailboxId("a");
  const auto outcome = sync();
  EXPECT_FALSE(outcome->error);
  EXPECT_FALSE(progress(*outcome, "a").caught_up);
  EXPECT_FALSE(progress(*outcome, "a").was_read);
  EXPECT_EQ(progress(*outcome, "a").reason, "another worker is reading this mailbox");
  EXPECT_TRUE(progress(*outcome, "b").was_read);
  EXPECT_EQ(progress(*outcome, "a").messages_stored, 0);
  EXPECT_EQ(outcome->messages_stored, 5);
}

TEST_F(SliceTest, AStoreThatFailsEndsTheSlice) {
  provider_.mailboxes = {{"a", {.messages = 400}}, {"b", {.messages = 5}}};
  storage_.append_error = Error{.kind = ErrorKind::unavailable, .message = "the disk is full", .code = "disk_full"};
  const auto outcome = sync();
  ASSERT_TRUE(outcome->error);
  EXPECT_TRUE(outcome->error->message.contains("the disk is full"));
  EXPECT_EQ(outcome->error->code, "disk_full");
  EXPECT_TRUE(progress(*outcome, "a").reason.contains("the disk is full"));
  EXPECT_FALSE(progress(*outcome, "a").was_read);
  EXPECT_FALSE(progress(*outcome, "a").caught_up);
  EXPECT_EQ(outcome->last_ingest_seq, 0);
  EXPECT_EQ(provider_.walked.size(), 1u);
}

// DuckDB tells a commit that found no room as an error of the transaction: it was taken for another worker's step, and nobody was told.
TEST_F(SliceTest, AConflictThatIsNotOfTheCursorIsNoOtherWorker) {
  provider_.mailboxes = {{"a", {.messages = 4}}};
  storage_.append_error = Error{.kind = ErrorKind::conflict, .message = "Failed to commit"};
  const auto outcome = sync();
  ASSERT_TRUE(outcome->error);
  EXPECT_TRUE(progress(*outcome, "a").reason.contains("Failed to commit"));
}

TEST_F(SliceTest, SaysWhenItsFirstNewRowWasStored) {
  provider_.mailboxes = {{"a", {.messages = 4}}};
  const auto stored = sync();
  EXPECT_EQ(stored->first_stored_at, clock_.now());
  EXPECT_EQ(sync()->first_stored_at, std::nullopt) << "nothing new";
}

TEST_F(SliceTest, AStoreThatWentBackIsTold) {
  provider_.mailboxes = {{"a", {.messages = 4}}};
  ASSERT_EQ(sync()->last_ingest_seq, 4);
  connection_.newest_ingest_seq = 4;
  EXPECT_EQ(sync()->went_back_to, std::nullopt);
  connection_.newest_ingest_seq = 9;  // five messages more were there before a copy was restored
  EXPECT_EQ(sync()->went_back_to, 4);
}

TEST_F(SliceTest, ReadsSettingsEachTimeAndAnalysesWhatChanged) {
  provider_.mailboxes = {{"a", {}}, {"b", {}}};
  provider_.settings = {{.kind = "rule", .setting_id = "1"}};
  EXPECT_EQ(sync()->last_ingest_seq, 2);
  EXPECT_EQ(storage_.settings.at(MailboxId("b")).size(), 1u);
  EXPECT_EQ(sync()->last_ingest_seq, 2) << "nothing changed: the newest number stays";
  EXPECT_EQ(storage_.settings_readings.at(MailboxId("a")), 2);
  provider_.settings->push_back({.kind = "delegate", .setting_id = "d@x.test"});
  EXPECT_EQ(sync()->last_ingest_seq, 4);
}

TEST_F(SliceTest, ReadsSettingsNoMoreOftenThanTold) {
  provider_.mailboxes = {{"a", {}}};
  provider_.settings.emplace();
  ASSERT_TRUE(sync({.settings_every = 150s}));
  ASSERT_TRUE(sync());
  EXPECT_EQ(provider_.settings_read.size(), 1u);
  ASSERT_TRUE(sync());  // a slice a minute
  ASSERT_TRUE(sync());
  EXPECT_EQ(provider_.settings_read.size(), 2u);
}

TEST_F(SliceTest, SettingsThatCannotBeReadAreNotedAndMailGoesOn) {
  provider_.mailboxes = {{"a", {.messages = 2}}, {"b", {.messages = 1, .error = Error{.code = "no_mailbox"}}}};
  provider_.settings_error =
      Error{.kind = ErrorKind::forbidden, .message = "mailbox settings not readable: grant X", .code = "settings_forbidden"};
  const auto outcome = sync();
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->error);
  EXPECT_EQ(outcome->messages_stored, 3);
  EXPECT_TRUE(progress(*outcome, "a").caught_up);
  EXPECT_EQ(progress(*outcome, "a").state, MailboxState::active);
  EXPECT_EQ(progress(*outcome, "a").reason, "mailbox settings not readable: grant X");
  EXPECT_EQ(provider_.settings_read, std::vector<std::string>{"a"}) << "a mailbox that is not there has none";
  EXPECT_TRUE(storage_.settings.empty());
  provider_.settings_error = Error{.kind = ErrorKind::throttled, .message = "slow down"};
  EXPECT_EQ(progress(*sync(), "a").reason, "mailbox settings not read: slow down");
}

TEST_F(SliceTest, WalksAndDeletesUsersOfItsOwnConnectionAlone) {
  provider_.mailboxes = {{"a", {}}, {"b", {}}};
  ASSERT_TRUE(sync());
  connection_.connection_id = ConnectionId("other");
  provider_.mailboxes = {{"c", {}}};
  provider_.walked.clear();
  ASSERT_TRUE(sync());
  EXPECT_EQ(provider_.walked, std::vector<std::string>{"c"});
  EXPECT_TRUE(std::ranges::none_of(storage_.users, [](const User& user) { return user.deleted_at.has_value(); }));
  ASSERT_TRUE(sync());  // not listed again: from the store
  EXPECT_EQ(provider_.walked, (std::vector<std::string>{"c", "c"}));
}

TEST_F(SliceTest, AMessageThatIsNoneIsSetAsideWithItsReason) {
  provider_.mailboxes = {{"a", {.messages = 4, .bytes = std::string(50, '\0')}}, {"b", {.messages = 2}}};
  const auto outcome = sync();
  EXPECT_EQ(outcome->messages_set_aside, 4);
  EXPECT_EQ(outcome->messages_stored, 2);
  EXPECT_FALSE(storage_.set_aside.begin()->second.reason.empty());
}

TEST_F(SliceTest, SlowMailEndsTheSliceAndEveryMessageIsUnderstoodOnce) {
  provider_.mailboxes = {{"slow", {.messages = 8}}, {"swift", {.messages = 2}}};
  timed_.emplace();
  timed_->seconds = {{"slow", 6}};  // a slice has 10 s for such messages, a step three of them
  int slices = 0;
  for (bool more = true; more; ++slices) {
    ASSERT_LT(slices, 10);
    const auto begun = clock_.now() + 1min;
    const auto outcome = sync();
    ASSERT_TRUE(outcome && !outcome->error);
    more = outcome->more;
    const auto& slow = progress(*outcome, "slow");
    EXPECT_EQ(slow.caught_up, !more);
    EXPECT_EQ(slow.reason.contains("take long to be understood"), more) << slow.reason;
    if (more) {
      ASSERT_TRUE(outcome->not_before);
      EXPECT_GE(*outcome->not_before, begun);
    }
  }
  EXPECT_GE(slices, 4);  // 48 s of slow mail
  EXPECT_EQ(storage_.rows.size(), 10u);
  EXPECT_EQ(timed_->read.size(), 10u) << "a slow message is not paid for twice";
}

TEST_F(SliceTest, MessageOverItsBudgetIsSetAsideAndTheMailboxSaysSo) {
  provider_.mailboxes = {{"a", {.messages = 4}}, {"b", {.messages = 1}}};
  timed_.emplace();
  timed_->over_budget = {"1"};
  const auto outcome = sync();
  ASSERT_TRUE(outcome && !outcome->error);
  EXPECT_EQ(outcome->messages_set_aside, 1);
  EXPECT_EQ(outcome->messages_stored, 4);
  EXPECT_EQ(storage_.set_aside.begin()->second.reason, "not understood: it took more than 5 s of CPU time");
  EXPECT_EQ(progress(*outcome, "a").reason, "1 message set aside: understanding it takes too much time or memory");
  EXPECT_TRUE(progress(*outcome, "a").caught_up);
  EXPECT_EQ(progress(*outcome, "b").reason, "");
}

TEST_F(SliceTest, WithoutAParserNothingIsLost) {
  provider_.mailboxes = {{"a", {.messages = 4}}};
  timed_.emplace();
  timed_->error = Error{.kind = ErrorKind::unavailable, .message = "parser processes: their keeper is gone"};
  auto outcome = sync();
  ASSERT_TRUE(outcome && outcome->error);
  EXPECT_EQ(outcome->error->kind, ErrorKind::unavailable);
  EXPECT_EQ(outcome->messages_stored, 0);
  EXPECT_FALSE(progress(*outcome, "a").caught_up);
  EXPECT_EQ(progress(*outcome, "a").reason, "parser processes: their keeper is gone");
  timed_->error.reset();
  outcome = sync();
  EXPECT_EQ(outcome->messages_stored, 4);
}

TEST(TenantFacts, FindsDomainsAndVips) {
  const std::vector<User> users{
      {.user_id = UserId("1"), .primary_email = "a@x.test", .aliases = {"a@y.test"}, .job_title = "Chief Executive Officer"},
      {.user_id = UserId("2"), .primary_email = "b@gmail.com", .job_title = "Vice President"},
      {.user_id = UserId("3"), .primary_email = "c@x.test", .job_title = "Geschäftsführerin"},
      {.user_id = UserId("4"), .primary_email = "d@guest.test", .mailbox_state = MailboxState::no_mailbox}};
  const auto facts = tenant_facts(users, {.settings_json = R"({"domains":["Z.test"],"paths":[]})"});
  EXPECT_EQ(facts.domains, (std::vector<std::string>{"x.test", "y.test", "z.test"}));
  EXPECT_EQ(facts.vip_user_ids, (std::vector<std::string>{"1", "3"}));
}

}  // namespace
}  // namespace letterlock::ingestion
