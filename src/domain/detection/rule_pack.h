#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/alert.h"
#include "model/ids.h"

namespace letterlock::detection {

// One SQL file below rules/, with the header comment read and the prelude put around it.
struct Rule {
  RuleId id;            // its path: "mail/vip_name_from_outside"
  std::string version;  // hex SHA-256 of prelude and rule
  std::string title;
  Severity severity = Severity::medium;
  std::string attack_technique;      // "T1566.002"
  std::vector<std::string> sources;  // tables that it reads
  std::chrono::days history{0};      // below this much stored mail it knows too little; its findings then count less
  std::string description;
  std::string query;   // the whole statement: parameters $from_seq (exclusive), $to_seq (inclusive)
  std::string select;  // the rule's own part of it, without the prelude; empty for a rule that was given as it is
};

// The rules of one folder, immutable after load(). A value; owned by app/, read by any thread.
class RulePack {
 public:
  // Read prelude.sql, retired.txt and every rule below folder. invalid: the message lists every fault as "file:line: what".
  static Result<RulePack> load(const std::filesystem::path& folder);
  // Make a pack of rules that are given as they are, for tests.
  static RulePack of(std::vector<Rule> rules);
  // This pack with these of its rules alone; they can still be run together.
  RulePack only(std::vector<Rule> rules) const;

  const std::vector<Rule>& rules() const { return rules_; }  // ordered by id
  const Rule* find(const RuleId& id) const;

  // One statement that runs these rules of the pack, each up to findings_max rows, with the columns of Rule::query behind rule_id VARCHAR.
  // What the rules have in common is computed once and not for each. Empty where a rule has no select.
  std::string query_together(std::span<const Rule* const> rules, std::int64_t findings_max) const;

 private:
  std::string prelude_;
  std::vector<Rule> rules_;
};

// The statement that runs a rule's SELECT with the prelude's names in scope; adds what a finding needs from the e-mail's row.
std::string compose_query(std::string_view prelude, std::string_view rule_select);

}  // namespace letterlock::detection
