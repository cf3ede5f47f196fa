// The shipped rules on the real storage: every rule's .test, what all rules must have, and what they may cost.

#include <gtest/gtest.h>

#include <cstdlib>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <format>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "adapters/duckdb/duckdb_repository.h"
#include "base/id.h"
#include "domain/detection/rules_command.h"
#include "domain/detection/runner.h"
#include "domain/detection/test_file.h"
#include "tests/support/cpu_seconds.h"

namespace letterlock::detection {
namespace {

namespace fs = std::filesystem;

const fs::path source_folder = LETTERLOCK_SOURCE_DIR;

class PackTest : public ::testing::Test {
 protected:
  PackTest() {
    auto storage = open();
    CHECK(storage.has_value());
    storage_ = std::move(*storage);
  }
  ~PackTest() override {
    storage_.reset();
    fs::remove_all(folder_);
  }

  Result<std::unique_ptr<Storage>> open() {
    DuckDBOptions options{.folder = (folder_ / new_uuid()).string(),
                          .migrations_folder = (source_folder / "migrations/tenant").string(),
                          .data_key = [](const TenantId&) -> Result<DataKey> { return DataKey{std::string(32, 'k')}; }};
    return TRY(DuckDBRepository::open(std::move(options), clock_, metrics_));
  }

  SystemClock clock_;
  Metrics metrics_;
  const fs::path folder_ = fs::temp_directory_path() / ("pack-test-" + new_uuid());
  std::unique_ptr<Storage> storage_;
};

TEST_F(PackTest, EveryRulePassesItsOwnTest) {
  std::ostringstream out, error;
  const std::vector<std::string> arguments = {"test"};
  const int code =
      rules_command(arguments, {.folder = source_folder / "rules", .scratch_storage = [&] { return open(); }, .out = out, .error = error});
  EXPECT_EQ(code, 0) << error.str();
  std::cout << out.str();
}

TEST_F(PackTest, EveryRuleHasItsPageItsCasesAndItsColumns) {
  const auto faults = lint_pack(source_folder / "rules", *storage_);
  ASSERT_TRUE(faults) << faults.error().message;
  for (const auto& fault : *faults) ADD_FAILURE() << fault;
}

TEST(TestFile, CasesAreCountedByWhatTheyExpect) {
  const auto count = count_cases("mail\nx\n.\n\nrule\n----\na\tb\n\nrule entity\n----\n\nquery T\nSELECT 1\n----\n1\n\nrule\n----\n");
  EXPECT_EQ(count.firing, 1);
  EXPECT_EQ(count.quiet, 2);
}

TEST_F(PackTest, AFailingCaseIsReportedWithFileAndLine) {
  const auto scratch = folder_ / "rules";
  fs::create_directories(scratch);
  fs::copy(source_folder / "rules", scratch, fs::copy_options::recursive);
  std::ofstream(scratch / "mail/own_domain_lookalike.test")
      << "domains acme.example\nuser bob@acme.example\n\nmail\nFrom: a@acmee.example\nTo: bob@acme.example\nDate: 2 Mar "
         "2026 09:00:00 +0000\n\nHello.\n.\n\nrule entity\n----\nother.example\n";
  std::ostringstream out, error;
  const std::vector<std::string> arguments = {"test", "mail/own_domain_lookalike"};
  EXPECT_EQ(rules_command(arguments, {.folder = scratch, .scratch_storage = [&] { return open(); }, .out = out, .error = error}), 1);
  EXPECT_TRUE(error.str().contains("own_domain_lookalike.test:12: expected\n    other.example\n  but got\n    acmee.example"))
      << error.str();
}

// One mailbox's share of a made-up company: mail from and to a few thousand correspondents, some of it of every kind that a rule looks at.
Append generated(const MailboxId& mailbox, std::int64_t version, std::int64_t first, std::int64_t count) {
  Append append{.cursor = {.mailbox_id = mailbox, .source = "archive"}, .seen_version = version, .at = from_unix_micros(0)};
  for (std::int64_t i = first; i < first + count; ++i) {
    const auto peer_domain = "d" + std::to_string(i * 7919 % 5003) + ".com";
    const auto peer = "p" + std::to_string(i * 104'729 % 20'011) + "@" + peer_domain;
    const bool outbound = i % 5 == 0;
    Email email{.mailbox_id = mailbox,
                .provider_message_id = ProviderMessageId("m" + std::to_string(i)),
                .message_id = "id" + std::to_string(i) + "@x.example",
                .direction = outbound ? Direction::outbound : Direction::inbound,
                .from_address = outbound ? mailbox.str() : peer,
                .from_name = "Some Name " + std::to_string(i % 997),
                .from_domain = outbound ? "acme.example" : peer_domain,
                .subject = "Subject " + std::to_string(i),
                .received_at = from_unix_micros(1'700'000'000'000'000 + i * 30'000'000LL),
                .authentication = {.trusted = !outbound, .spf = "pass", .dkim = "pass", .dkim_domain = peer_domain, .dmarc = "pass"}};
    for (int k = 0; k < i % 40; ++k) email.body_text += "Some words on the project, the meeting and the weather. ";
    email.recipients.push_back(
        {.kind = "to", .address = outbound ? peer : mailbox.str(), .domain = outbound ? peer_domain : "acme.example"});
    if (i % 50 == 1)
      email.recipients.push_back({.kind = "reply_to", .address = "x" + std::to_string(i) + "@gmail.com", .domain = "gmail.com"});
    for (int k = 0; k < 3; ++k) {
      const auto domain = "d" + std::to_string((i + k) * 31 % 5003) + ".com";
      email.links.push_back({.url = "https://www." + domain + "/" + std::to_string(i) + (i % 500 == 2 ? "?e=" + mailbox.str() : ""),
                             .host = "www." + domain,
                             .domain = domain,
                             .display_text = i % 100 == 3 ? "www.paypal.com" : "more",
                             .display_domain = i % 100 == 3 ? "paypal.com" : "",
                             .origin = "html"});
    }
    append.emails.push_back({.email = std::move(email), .raw = {.format = "rfc5322", .bytes = "x"}});
  }
  return append;
}

TEST_F(PackTest, CostsLittleAndFollowsWhatIsNew) {
  const char* full = std::getenv("LETTERLOCK_TEST_FULL");
  const int emails = full != nullptr && *full != '\0' ? 100'000 : 20'000;
  constexpr int mailboxes = 50, batch = 1'000;
  constexpr double rule_cpu_seconds_max = 40;     // generous: sanitizers; the printed seconds are the news
  constexpr double planning_cpu_seconds_max = 3;  // most of a light rule's, however little is new
  const TenantId tenant(new_uuid());
  std::vector<User> users;
  for (int i = 0; i < mailboxes; ++i) {
    const auto address = "u" + std::to_string(i) + "@acme.example";
    users.push_back({.user_id = UserId(address), .primary_email = address, .display_name = "Person Number" + std::to_string(i)});
  }
  ASSERT_TRUE(storage_->save_users(tenant, users, {.complete = true}, {.domains = {"acme.example"}, .vip_user_ids = {"u0@acme.example"}},
                                   from_unix_micros(0)));
  std::map<MailboxId, std::int64_t> versions;
  for (int first = 0; first < emails; first += batch) {
    const MailboxId mailbox("u" + std::to_string(first / batch % mailboxes) + "@acme.example");
    auto& version = versions[mailbox];
    const auto stored = storage_->append(tenant, generated(mailbox, version, first, batch));
    ASSERT_TRUE(stored) << stored.error().message;
    version = stored->cursor_version;
  }

  const auto pack = RulePack::load(source_folder / "rules");
  ASSERT_TRUE(pack) << pack.error().message;
  using Found = std::tuple<RuleId, std::string, std::string>;
  std::multiset<Found> found_alone, found_together;
  const auto note = [](std::multiset<Found>& found, const std::vector<Finding>& findings) {
    for (const auto& finding : findings) found.emplace(finding.rule_id, finding.provider_message_id.str(), finding.evidence_json);
  };
  // CPU seconds of one run over what came after `from`; what it found is noted, and it may not be much.
  const auto cost = [&](const RulePack& rules, std::int64_t from, std::multiset<Found>* found) {
    const auto started = testing::process_cpu_seconds();
    const auto outcome = Runner(*storage_, rules, clock_, metrics_, {.rows_max = emails, .findings_max = emails}).run(tenant, from, {}, {});
    EXPECT_TRUE(outcome) << outcome.error().message;
    if (outcome) {
      EXPECT_TRUE(outcome->notes.empty()) << outcome->notes[0];
      if (found) note(*found, outcome->findings);
    }
    return testing::process_cpu_seconds() - started;
  };
  const auto print = [&](std::string_view name, double all, double few) {
    std::cout << std::format("{}: {:.2f} CPU s for {} new e-mails, {:.2f} for 10\n", name, all, emails, few);
  };
  const auto all_together = cost(*pack, 0, &found_together), few_together = cost(*pack, emails - 10, nullptr);
  print("all rules together", all_together, few_together);
  EXPECT_FALSE(metrics_.exposition().contains("letterlock_pack_failures_total")) << "they ran one by one";
  EXPECT_LT(few_together, all_together);

  double all_alone = 0;
  for (const auto& rule : pack->rules()) {
    const auto alone = RulePack::of({rule});
    const auto before = found_alone.size();
    const auto all = cost(alone, 0, &found_alone), few = cost(alone, emails - 10, nullptr);
    print(rule.id.str(), all, few);
    all_alone += all;
    EXPECT_LT(found_alone.size() - before, static_cast<std::size_t>(emails) / 100) << rule.id;
    EXPECT_LT(all, rule_cpu_seconds_max) << rule.id;
    EXPECT_LT(few, std::max(all, planning_cpu_seconds_max)) << rule.id;
  }
  EXPECT_EQ(found_together, found_alone);
  EXPECT_LT(all_together, all_alone) << "what rules share is computed once";
}

}  // namespace
}  // namespace letterlock::detection
