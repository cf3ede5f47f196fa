#include "domain/detection/rule_pack.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/encoding.h"
#include "base/id.h"

namespace letterlock::detection {
namespace {

namespace fs = std::filesystem;

class RulePackTest : public testing::Test {
 protected:
  ~RulePackTest() override { fs::remove_all(folder_); }

  void write(const std::string& file, const std::string& text) {
    fs::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file) << text;
  }
  static std::string rule(const std::string& severity = "high", const std::string& attack = "T1566.002") {
    return "-- title: A title\n-- severity: " + severity + "\n-- attack: " + attack +
           "\n-- sources: emails, links\n-- history: 30d\n-- description: First line,\n--   second line.\nSELECT 1\n";
  }

  const fs::path folder_ = fs::temp_directory_path() / ("rule-pack-" + new_uuid());
};

TEST_F(RulePackTest, ReadsTheHeaderAndNamesTheRuleByItsPath) {
  write("prelude.sql",
        "WITH\n\nspare AS (\n  SELECT 1\n),\n\n-- Why.\nnew_mail AS (\n  SELECT 2\n),\n\nnew_items AS (\n  FROM new_mail\n)\n");
  write("mail/a_rule.sql", rule());
  const auto pack = RulePack::load(folder_);
  ASSERT_TRUE(pack) << pack.error().message;
  ASSERT_EQ(pack->rules().size(), 1u);
  const auto& read = pack->rules()[0];
  EXPECT_EQ(read.id, RuleId("mail/a_rule"));
  EXPECT_EQ(read.title, "A title");
  EXPECT_EQ(read.severity, Severity::high);
  EXPECT_EQ(read.attack_technique, "T1566.002");
  EXPECT_EQ(read.sources, (std::vector<std::string>{"emails", "links"}));
  EXPECT_EQ(read.history, std::chrono::days(30));
  EXPECT_EQ(read.description, "First line, second line.");
  EXPECT_TRUE(read.query.starts_with("WITH\n-- Why.\nnew_mail AS (\n  SELECT 2\n),\n\nnew_items AS (")) << read.query;
  EXPECT_EQ(read.query.find("spare"), std::string::npos) << "what neither the rule nor its tables name is left out";
  EXPECT_EQ(pack->find(RuleId("mail/a_rule")), &read);
  EXPECT_EQ(pack->find(RuleId("mail/other")), nullptr);
}

TEST_F(RulePackTest, TheVersionChangesWithTheRuleAndWithThePrelude) {
  write("prelude.sql", "WITH one AS (SELECT 1)");
  write("mail/a_rule.sql", rule());
  const auto first = RulePack::load(folder_)->rules()[0].version;
  EXPECT_EQ(first.size(), 64u);
  EXPECT_EQ(RulePack::load(folder_)->rules()[0].version, first);
  write("mail/a_rule.sql", rule() + "-- more\n");
  const auto second = RulePack::load(folder_)->rules()[0].version;
  EXPECT_NE(second, first);
  write("prelude.sql", "WITH two AS (SELECT 2)");
  EXPECT_NE(RulePack::load(folder_)->rules()[0].version, second);
}

TEST_F(RulePackTest, ListsEveryFaultWithFileAndLine) {
  write("prelude.sql", "WITH one AS (SELECT 1)");
  write("retired.txt", "# gone\nmail/old  # replaced\n");
  write("mail/bad.sql", rule("huge", "1566") + ";\n");
  write("mail/old.sql", rule());
  write("mail/untitled.sql", "-- severity: low\n-- owner: me\nSELECT 1\n");
  const auto pack = RulePack::load(folder_);
  ASSERT_FALSE(pack);
  EXPECT_EQ(pack.error().kind, ErrorKind::invalid);
  for (const auto* fault :
       {"mail/bad.sql:2: severity", "mail/bad.sql:3: attack", "mail/bad.sql:9: a rule is one SELECT without ';'",
        "mail/old.sql:1: this id is retired", "mail/untitled.sql:1: header lacks title", "mail/untitled.sql:2: header line"})
    EXPECT_TRUE(pack.error().message.contains(fault)) << fault << " is not in\n" << pack.error().message;
}

TEST_F(RulePackTest, AMissingFolderIsSaidByName) {
  const auto pack = RulePack::load(folder_ / "none");
  ASSERT_FALSE(pack);
  EXPECT_EQ(pack.error().kind, ErrorKind::not_found);
  EXPECT_TRUE(pack.error().message.contains("none"));
}

TEST_F(RulePackTest, SomeRulesOfAPackRunTogetherWithItsPrelude) {
  write("prelude.sql", "WITH\n\nnew_items AS (\n  SELECT 1\n),\n\nshared AS (\n  SELECT 2\n)\n");
  for (const std::string name : {"a", "b"}) write("mail/" + name + ".sql", rule() + "FROM shared\n");
  const auto pack = RulePack::load(folder_);
  ASSERT_TRUE(pack) << pack.error().message;
  const auto some = pack->only({pack->rules()[1]});
  ASSERT_EQ(some.rules().size(), 1u);
  const auto together = some.query_together(std::vector{&some.rules()[0]}, 10);
  EXPECT_TRUE(together.starts_with("WITH\nnew_items AS (") && together.contains("shared AS (")) << together;
}

TEST_F(RulePackTest, AQueryHasThoseTablesOfThePreludeThatTheRuleNeeds) {
  const std::string prelude =
      "-- About it all.\nWITH\n\n-- The first.\nnew_items AS (\n  SELECT 1\n),\n\nbase AS (\n  SELECT 2\n),\n\n"
      "built AS MATERIALIZED (\n  SELECT * FROM base  -- not unused\n),\n\nunused AS (\n  SELECT 3\n)\n";
  const auto query = compose_query(prelude, "SELECT * FROM built -- unused");
  EXPECT_TRUE(query.starts_with("WITH\n-- The first.\nnew_items AS (")) << query;
  EXPECT_TRUE(query.contains("base AS (") && query.contains("built AS MATERIALIZED (")) << query;
  EXPECT_FALSE(query.contains("unused AS (")) << query;
  EXPECT_LT(query.find("base AS ("), query.find("built AS ("));
}

}  // namespace
}  // namespace letterlock::detection
