#include <cmath>
#include <glaze/glaze.hpp>

#include "domain/evaluation/company_evaluation.h"
#include "domain/evaluation/corpus_evaluation.h"

namespace letterlock::evaluation {

struct TallyJson {
  std::optional<double> detection_rate, false_alarms_per_1000_ham, precision;
  std::int64_t fraud, fraud_found, ham, ham_found, spam, spam_found;
};
struct GroupJson {
  TallyJson total;
  std::map<std::string, TallyJson> sources;
};
struct RuleJson {
  std::int64_t on_fraud, on_ham, on_spam;
};
struct CorpusReportJson {
  std::string format = "letterlock-evaluation-1";
  std::string set, part;
  bool ignore_verdicts = false;
  TallyJson total;
  std::map<std::string, TallyJson> sources;
  GroupJson without_giveaway;
  std::map<std::string, RuleJson> rules;
};

struct MissedStoryJson {
  std::int64_t seed;
  std::string kind, story_id;
};
struct FalseAlertJson {
  std::int64_t seed;
  std::string rule_id, about, entity;
};
struct CompanyReportJson {
  std::string format = "letterlock-evaluation-1";
  std::vector<std::int64_t> seeds;
  std::int64_t stories_total = 0, stories_missed = 0;
  std::optional<double> minutes_to_alert_p50;
  std::int64_t mails = 0, false_alerts = 0;
  std::optional<double> false_alerts_per_1000;
  std::vector<MissedStoryJson> missed;
  std::vector<FalseAlertJson> false_alert_list;
};

namespace {

std::optional<double> rounded(std::optional<double> value) {
  return value ? std::optional(std::round(*value * 10'000) / 10'000) : std::nullopt;
}

TallyJson json_of(const Tally& tally) {
  return {rounded(tally.detection_rate()),
          rounded(tally.false_alarms_per_1000_ham()),
          rounded(tally.precision()),
          tally.fraud,
          tally.fraud_found,
          tally.ham,
          tally.ham_found,
          tally.spam,
          tally.spam_found};
}

std::map<std::string, TallyJson> json_of(const std::map<std::string, Tally>& tallies) {
  std::map<std::string, TallyJson> out;
  for (const auto& [name, tally] : tallies) out[name] = json_of(tally);
  return out;
}

}  // namespace

std::string report_json(const CorpusReport& report, const Corpus& corpus, const CorpusOptions& options) {
  CorpusReportJson json{.set = corpus.set,
                        .part = options.part == Part::all    ? "all"
                                : options.part == Part::tune ? "tune"
                                                             : "report",
                        .ignore_verdicts = options.ignore_verdicts,
                        .total = json_of(report.total),
                        .sources = json_of(report.sources),
                        .without_giveaway = {json_of(report.total_without_giveaway), json_of(report.sources_without_giveaway)}};
  for (const auto& [rule, tally] : report.rules) json.rules[rule] = {tally.fraud_found, tally.ham_found, tally.spam_found};
  return glz::write<glz::opts{.skip_null_members = false, .prettify = true}>(json).value_or("{}") + "\n";
}

std::string report_json(const CompanyResult& result) {
  CompanyReportJson json{.seeds = result.seeds,
                         .stories_total = result.stories,
                         .stories_missed = std::ssize(result.missed),
                         .minutes_to_alert_p50 = rounded(result.minutes_to_alert_p50()),
                         .mails = result.mails,
                         .false_alerts = std::ssize(result.false_alerts),
                         .false_alerts_per_1000 = rounded(result.false_alerts_per_1000())};
  for (const auto& story : result.missed) json.missed.push_back({story.seed, story.kind, story.story_id});
  for (const auto& alert : result.false_alerts)
    json.false_alert_list.push_back({alert.seed, alert.rule_id.str(), alert.about, alert.entity});
  return glz::write<glz::opts{.skip_null_members = false, .prettify = true}>(json).value_or("{}") + "\n";
}

}  // namespace letterlock::evaluation
