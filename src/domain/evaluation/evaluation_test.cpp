// What `letterlock evaluate` counts, on small made-up corpora over the real parser, storage and runner.

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "adapters/duckdb/duckdb_repository.h"
#include "base/id.h"
#include "domain/evaluation/company_evaluation.h"
#include "domain/evaluation/corpus_evaluation.h"
#include "domain/evaluation/header_block.h"

namespace letterlock::evaluation {
namespace {

namespace fs = std::filesystem;

const fs::path source_folder = LETTERLOCK_SOURCE_DIR;

TEST(HeaderBlockTest, SpamVerdictsGoAndAllElseStays) {
  const std::string message =
      "Received: by mx\r\nX-Spam-Status: Yes,\r\n score=9\r\nAuthentication-Results: mx; spf=pass\r\n"
      "X-Forefront-Antispam-Report: SFV:SPM;\r\nSubject: X-Spam-Status: no\r\n\r\nX-Spam-Flag: in the body\r\n";
  EXPECT_EQ(without_spam_verdicts(message),
            "Received: by mx\r\nAuthentication-Results: mx; spf=pass\r\nSubject: X-Spam-Status: no\r\n\r\nX-Spam-Flag: in the body\r\n");
  EXPECT_EQ(without_spam_verdicts(""), "");
}

TEST(CorpusTest, TheManifestIsCheckedAndNamesItsFault) {
  const auto good = read_manifest(R"({"format":"letterlock-corpus-1","set":"x","counts":{"ham":1},
    "messages":[{"id":"a","label":"ham","subtype":"s","source":"one","path":"p.tar.zst!a.eml","bytes":3}]})");
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->messages.at(0).path, "p.tar.zst!a.eml");
  EXPECT_TRUE(read_manifest("{}").error().message.contains("letterlock-corpus-1"));
  EXPECT_TRUE(read_manifest("[").error().message.contains("no JSON"));
  EXPECT_TRUE(read_manifest(R"({"format":"letterlock-corpus-1","messages":[{"id":"a","label":"bad","source":"s","path":"p"}]})")
                  .error()
                  .message.contains("not fraud, ham or spam"));
}

TEST(CorpusTest, ThePartsAreDisjointAndComplete) {
  int tune = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto id = std::to_string(i);
    EXPECT_NE(is_in_part(id, Part::tune), is_in_part(id, Part::report));
    EXPECT_TRUE(is_in_part(id, Part::all));
    tune += is_in_part(id, Part::tune);
  }
  EXPECT_NEAR(tune, 500, 60);
}

TEST(CorpusTest, TheCompanyIsReadFromWhereMailWasDelivered) {
  std::vector<Delivery> deliveries;
  for (int i = 0; i < 30; ++i)
    deliveries.push_back(
        read_delivery("Delivered-To: bob@acme.example\r\nTo: \"Bob Roe\" <bob@acme.example>\r\nAuthentication-Results: mx.acme.example; "
                      "spf=pass\r\n\r\n"));
  deliveries.push_back(read_delivery("To: list@elsewhere.example\r\n\r\n"));
  for (int i = 0; i < 20; ++i)
    deliveries.push_back(read_delivery("Envelope-To: someone@gmail.com\r\nAuthentication-Results: spf=pass\r\n\r\n"));
  deliveries.push_back(read_delivery("To: undisclosed-recipients:;\r\n\r\n"));
  const auto recipients = infer_recipients(deliveries);
  EXPECT_EQ(recipients.facts.domains, std::vector<std::string>{"acme.example"});
  ASSERT_EQ(recipients.users.size(), 1u);
  EXPECT_EQ(recipients.users[0].display_name, "Bob Roe");
  EXPECT_EQ(recipients.fallback, "bob@acme.example");
  EXPECT_EQ(recipients.trusted_authserv_ids, std::vector<std::string>{"mx.acme.example"});
  EXPECT_EQ(infer_recipients({}).users.size(), 1u);
}

class EvaluationTest : public testing::Test {
 protected:
  ~EvaluationTest() override { fs::remove_all(folder_); }

  Result<std::unique_ptr<Storage>> storage() {
    return TRY(DuckDBRepository::open({.folder = (folder_ / new_uuid()).string(),
                                       .migrations_folder = (source_folder / "migrations/tenant").string(),
                                       .data_key = [](const TenantId&) -> Result<DataKey> { return DataKey{std::string(32, 'k')}; }},
                                      clock_, metrics_));
  }

  SystemClock clock_;
  Metrics metrics_;
  const fs::path folder_ = fs::temp_directory_path() / ("evaluation-test-" + new_uuid());
  const Result<detection::RulePack> pack_ = detection::RulePack::load(source_folder / "rules");
};

constexpr std::string_view spoof =
    "Authentication-Results: mx.acme.example; spf=fail smtp.mailfrom=x.example; dkim=none; dmarc=fail header.from=acme.example\r\n"
    "Date: 2 Mar 2026 09:00:00 +0000\r\nFrom: Bob <bob@acme.example>\r\nTo: bob@acme.example\r\nSubject: Hello\r\n\r\nPay.\r\n";
constexpr std::string_view honest =
    "Authentication-Results: mx.acme.example; dmarc=pass header.from=friend.example\r\n"
    "Date: 3 Mar 2026 09:00:00 +0000\r\nFrom: Ann <ann@friend.example>\r\nTo: bob@acme.example\r\nSubject: Hello\r\n\r\nSee you.\r\n";

TEST_F(EvaluationTest, CountsFoundFraudAndDisturbedHamBySource) {
  ASSERT_TRUE(pack_) << pack_.error().message;
  const Corpus corpus{.messages = {{"1", "fraud", "", "one", "1"},
                                   {"2", "fraud", "giveaway", "one", "2"},
                                   {"3", "ham", "", "one", "3"},
                                   {"4", "ham", "", "two", "4"},
                                   {"5", "spam", "", "two", "5"}}};
  const std::map<std::string, std::string_view> bytes{{"1", spoof}, {"2", honest}, {"3", honest}, {"4", spoof}, {"5", spoof}};
  std::ostringstream progress, printed, again;
  const CorpusOptions options{.read = [&](const auto& wanted, const auto& sink) -> Result<void> {
                                for (const auto* message : wanted) sink(*message, std::string(bytes.at(message->path)));
                                return {};
                              },
                              .scratch_storage = [&] { return storage(); },
                              .progress = progress};
  const auto result = evaluate_corpus(corpus, *pack_, options);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->notes.empty()) << *result->notes.begin();
  const auto report = summarize(*result);
  EXPECT_EQ(report.total.detection_rate(), 0.5);
  EXPECT_EQ(report.total.false_alarms_per_1000_ham(), 500);
  EXPECT_EQ(report.total.precision(), 0.5);
  EXPECT_EQ(report.total_without_giveaway.detection_rate(), 1);
  EXPECT_EQ(report.sources.at("two").detection_rate(), std::nullopt);
  EXPECT_EQ(report.sources.at("two").spam_found, 1);
  EXPECT_GE(report.rules.at("mail/own_domain_spoof").fraud_found, 1);
  const auto json = report_json(report, corpus, options);
  EXPECT_TRUE(json.contains("\"detection_rate\": 0.5") && json.contains("\"false_alarms_per_1000_ham\": 500")) << json;

  print_report(report, *pack_, printed);
  const auto second = evaluate_corpus(corpus, *pack_, options);
  ASSERT_TRUE(second);
  print_report(summarize(*second), *pack_, again);
  EXPECT_EQ(printed.str(), again.str());
}

TEST_F(EvaluationTest, ASourceThatTheCorpusDoesNotHaveIsAnError) {
  ASSERT_TRUE(pack_);
  std::ostringstream progress;
  const auto evaluated = [&](const Corpus& corpus) {
    return evaluate_corpus(corpus, *pack_,
                           {.sources = {"tow"},
                            .read = [](const auto&, const auto&) -> Result<void> { return {}; },
                            .scratch_storage = [&] { return storage(); },
                            .progress = progress});
  };
  const auto unknown = evaluated({.messages = {{"1", "fraud", "", "two", "1"}, {"2", "ham", "", "one", "2"}}});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "the corpus has no source tow; it has one, two");
  const auto empty = evaluated({});
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().kind, ErrorKind::invalid);
}

TEST_F(EvaluationTest, AMessageThatIsInNoArchiveIsAnError) {
  ASSERT_TRUE(pack_);
  std::ostringstream progress;
  const Corpus corpus{.messages = {{"1", "fraud", "", "one", "missing"}}};
  const auto result = evaluate_corpus(corpus, *pack_,
                                      {.read = [](const auto&, const auto&) -> Result<void> { return {}; },
                                       .scratch_storage = [&] { return storage(); },
                                       .progress = progress});
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().message.contains("source one"));
}

TEST_F(EvaluationTest, AStoryIsFoundByItsMessageAndEveryOtherAlertIsFalse) {
  ASSERT_TRUE(pack_);
  auto company = read_company(R"({"format":"letterlock-company-1","seed":7,"domains":["acme.example"],"authserv_ids":["mx.acme.example"],
    "people":[{"user_id":"u1","primary_email":"bob@acme.example"}],
    "stories":[{"story_id":"s1","kind":"spoof","is_fraud":true,"from":"2026-03-02T09:00:00Z","messages":[{"mailbox":"u1","provider_message_id":"m1"}]},
               {"story_id":"s2","kind":"quiet","is_fraud":true,"from":"2026-03-03T09:00:00Z","messages":[{"mailbox":"u1","provider_message_id":"m2"}]},
               {"story_id":"s3","kind":"twin","is_fraud":false,"twin_of":"s1","from":"2026-03-04T09:00:00Z","messages":[{"mailbox":"u1","provider_message_id":"m3"}]}]})");
  ASSERT_TRUE(company) << company.error().message;
  const auto time = [](std::string_view text) { return *from_rfc3339(text); };
  std::string other(spoof);
  for (std::size_t at = 0; (at = other.find("bob@acme", at)) != std::string::npos && at < other.find("To:");)
    other.replace(at, 8, "joe@acme");
  const CompanyFiles files{.company = *company,
                           .mails = {{"u1", "m1", "inbox", time("2026-03-02T09:00:00Z"), "a"},
                                     {"u1", "m2", "inbox", time("2026-03-03T09:00:00Z"), "b"},
                                     {"u1", "m3", "inbox", time("2026-03-04T09:00:00Z"), "c"}},
                           .bytes = {{"a", std::string(spoof)}, {"b", std::string(honest)}, {"c", other}}};
  const auto result = evaluate_company(files, *pack_, {.every = std::chrono::minutes(5), .scratch_storage = [&] { return storage(); }});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->stories, 2);
  ASSERT_EQ(result->missed.size(), 1u);
  EXPECT_EQ(result->missed[0].story_id, "s2");
  EXPECT_EQ(result->minutes_to_alert_p50(), 5);
  ASSERT_GE(result->false_alerts.size(), 1u);
  EXPECT_EQ(result->false_alerts[0].about, "innocent: twin");
  EXPECT_TRUE(report_json(*result).contains("\"stories_missed\": 1"));
  const auto slow = evaluate_company(
      files, *pack_, {.every = std::chrono::minutes(5), .batch = std::chrono::minutes(5), .scratch_storage = [&] { return storage(); }});
  ASSERT_TRUE(slow) << slow.error().message;
  EXPECT_EQ(report_json(*slow), report_json(*result)) << "a run after each interval finds what a run over a day finds";
}

}  // namespace
}  // namespace letterlock::evaluation
