#pragma once

// `letterlock evaluate --corpus`: each source of a corpus as a company of its own, its mail replayed in order of receipt,
// and every message marked as found if an alert of medium severity or more names it.

#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/detection/rule_pack.h"
#include "domain/evaluation/corpus.h"

namespace letterlock::evaluation {

struct Tally {
  std::int64_t fraud = 0, fraud_found = 0, ham = 0, ham_found = 0, spam = 0, spam_found = 0;

  void count(std::string_view label, bool found);
  std::optional<double> detection_rate() const;  // of fraud, 0 to 1
  std::optional<double> false_alarms_per_1000_ham() const;
  std::optional<double> precision() const;  // fraud found / (fraud found + ham found): spam counts neither way
};

struct Verdict {
  const CorpusMessage* message = nullptr;
  bool is_found = false;
  std::map<std::string, Severity> rules;  // every rule that named the message, whatever its severity
};

struct CorpusResult {
  std::vector<Verdict> verdicts;  // in the manifest's order
  std::set<std::string> notes;    // rules that failed or were cut
  std::int64_t unreadable = 0;    // messages that the parser refused; they count as not found
};

struct CorpusOptions {
  Part part = Part::all;
  bool ignore_verdicts = false;
  std::vector<std::string> sources;  // empty: all
  // Reads the messages of one source and gives each with its bytes to the sink; one source's bytes are in memory at a time.
  std::function<Result<void>(const std::vector<const CorpusMessage*>& wanted,
                             const std::function<void(const CorpusMessage&, std::string)>& sink)>
      read;
  std::function<Result<std::unique_ptr<Storage>>()> scratch_storage;
  std::ostream& progress;
};

// Deterministic: the same corpus and pack give the same result.
Result<CorpusResult> evaluate_corpus(const Corpus& corpus, const detection::RulePack& pack, const CorpusOptions& options);

struct CorpusReport {
  Tally total, total_without_giveaway;
  std::map<std::string, Tally> sources, sources_without_giveaway;
  std::map<std::string, Tally> rules;  // *_found of each rule; the other fields are 0
};
CorpusReport summarize(const CorpusResult& result);

void print_report(const CorpusReport& report, const detection::RulePack& pack, std::ostream& out);
std::string report_json(const CorpusReport& report, const Corpus& corpus, const CorpusOptions& options);
// One line for each message: id, label, subtype, source, found or missed, rules.
void print_verdicts(const CorpusResult& result, std::ostream& out);

}  // namespace letterlock::evaluation
