#pragma once

// `letterlock evaluate --company`: a generated company's mail and settings replayed in time order; which fraud stories were
// found, how soon, and which alerts name none of them. An alert is raised at the end of the polling interval that its message
// fell into. The pack runs over longer batches: what a rule says of a message depends on the history as of the message's time
// alone, so that a run over a day finds what a run after each interval would.

#include <chrono>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "domain/detection/rule_pack.h"
#include "domain/evaluation/company.h"
#include "ports/storage.h"

namespace letterlock::evaluation {

// A company's files as they were read.
struct CompanyFiles {
  Company company;
  std::vector<CompanyMail> mails;            // in order of received_at
  std::vector<CompanySettings> settings;     // in order of at
  std::map<std::string, std::string> bytes;  // of the messages, by path
};

struct MissedStory {
  std::int64_t seed = 0;
  std::string story_id, kind;
};

// An alert of medium severity or more that names no fraud story.
struct FalseAlert {
  std::int64_t seed = 0;
  RuleId rule_id;
  std::string entity;
  std::string about;  // kind of the innocent story that it names, or "ordinary mail"
};

struct CompanyResult {
  std::vector<std::int64_t> seeds;
  std::int64_t stories = 0, mails = 0;
  std::vector<MissedStory> missed;
  std::vector<FalseAlert> false_alerts;
  std::vector<double> minutes_to_alert;                                // of each found story
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> kinds;  // of fraud: found, all
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> rules;  // alerts of medium and more: true, false
  std::set<std::string> notes;

  // Append another company's.
  void add(CompanyResult other);
  std::optional<double> minutes_to_alert_p50() const;
  std::optional<double> false_alerts_per_1000() const;
};

struct CompanyOptions {
  std::chrono::minutes every{5};                     // the polling interval: the default of a connection
  std::chrono::minutes batch{std::chrono::days(1)};  // of mail that one run of the pack is given; not below every
  std::function<Result<std::unique_ptr<Storage>>()> scratch_storage;
};

Result<CompanyResult> evaluate_company(const CompanyFiles& files, const detection::RulePack& pack, const CompanyOptions& options);

void print_report(const CompanyResult& result, std::ostream& out);
std::string report_json(const CompanyResult& result);

}  // namespace letterlock::evaluation
