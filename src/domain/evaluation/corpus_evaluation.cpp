#include "domain/evaluation/corpus_evaluation.h"

#include <algorithm>
#include <format>
#include <map>
#include <ostream>
#include <set>

#include "base/encoding.h"
#include "domain/evaluation/header_block.h"
#include "domain/evaluation/replay.h"
#include "mail/message.h"

namespace letterlock::evaluation {
namespace {

constexpr std::size_t batch_messages = 500;

struct Read {
  const CorpusMessage* message = nullptr;
  std::string bytes;
};

std::optional<double> share(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

// Replay one source and mark its verdicts.
Result<void> evaluate_source(std::vector<Read> messages, const detection::RulePack& pack, bool ignore_verdicts, Storage& storage,
                             const std::map<std::string, Verdict*>& verdicts, CorpusResult& result) {
  std::vector<Delivery> deliveries;
  for (auto& [message, bytes] : messages) {
    if (ignore_verdicts) bytes = without_spam_verdicts(bytes);
    deliveries.push_back(read_delivery(bytes));
  }
  const auto recipients = infer_recipients(deliveries);
  std::vector<EmailRecord> emails;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto& [message, bytes] = messages[i];
    const bool is_known = std::ranges::contains(recipients.users, deliveries[i].address, &User::primary_email);
    const auto& mailbox = is_known ? deliveries[i].address : recipients.fallback;
    auto email = mail::parse_message(
        bytes,
        {.trusted_authserv_ids = recipients.trusted_authserv_ids, .tenant_domains = recipients.facts.domains, .mailbox_address = mailbox});
    if (!email) {
      ++result.unreadable;
      continue;
    }
    email->mailbox_id = MailboxId(mailbox);
    email->provider_message_id = ProviderMessageId(message->id);
    email->raw_sha256 = sha256_hex(bytes);
    emails.push_back({.email = std::move(*email), .raw = {.format = "rfc5322", .bytes = std::move(bytes)}});
  }
  std::ranges::stable_sort(emails, {},
                           [](const auto& record) { return std::pair(record.email.received_at, record.email.provider_message_id.str()); });

  Replay replay(storage, pack);
  TRY(replay.set_users(recipients.users, recipients.facts));
  for (std::size_t at = 0; at < emails.size(); at += batch_messages) {
    const auto end = std::min(at + batch_messages, emails.size());
    const auto last = emails[end - 1].email.received_at;
    TRY(replay.add({std::move_iterator(emails.begin() + static_cast<std::ptrdiff_t>(at)),
                    std::move_iterator(emails.begin() + static_cast<std::ptrdiff_t>(end))},
                   last));
    TRY(replay.analyse());
  }
  for (const auto& [fingerprint, alert] : replay.alerts()) {
    for (const auto& [key, seen_at] : alert.sightings) {
      const auto found = verdicts.find(key.second.str());
      if (found == verdicts.end()) continue;  // of a setting
      found->second->is_found |= alert.counts();
      found->second->rules[alert.rule_id.str()] = alert.severity;
    }
  }
  result.notes.insert(replay.notes().begin(), replay.notes().end());
  return {};
}

std::string percent(std::optional<double> value) { return value ? std::format("{:5.1f} %", *value * 100) : "      –"; }
std::string number(std::optional<double> value) { return value ? std::format("{:6.1f}", *value) : "     –"; }

void print_row(std::ostream& out, std::string_view name, const Tally& tally, const Tally& without) {
  out << std::format("{:<20} {:>5} of {:<5} {}  {}   {:>4} of {:<5} {}   {}   {:>4} of {}\n", name, tally.fraud_found, tally.fraud,
                     percent(tally.detection_rate()), percent(without.detection_rate()), tally.ham_found, tally.ham,
                     number(tally.false_alarms_per_1000_ham()), percent(tally.precision()), tally.spam_found, tally.spam);
}

}  // namespace

void Tally::count(std::string_view label, bool found) {
  auto& all = label == "fraud" ? fraud : label == "ham" ? ham : spam;
  auto& marked = label == "fraud" ? fraud_found : label == "ham" ? ham_found : spam_found;
  ++all;
  marked += found;
}

std::optional<double> Tally::detection_rate() const { return share(fraud_found, fraud); }

std::optional<double> Tally::false_alarms_per_1000_ham() const {
  const auto rate = share(ham_found, ham);
  return rate ? std::optional(*rate * 1000) : std::nullopt;
}

std::optional<double> Tally::precision() const { return share(fraud_found, fraud_found + ham_found); }

Result<CorpusResult> evaluate_corpus(const Corpus& corpus, const detection::RulePack& pack, const CorpusOptions& options) {
  if (corpus.messages.empty()) return fail(ErrorKind::invalid, "the corpus's manifest names no message");
  for (const auto& source : options.sources)
    if (!std::ranges::contains(corpus.messages, source, &CorpusMessage::source)) {
      std::set<std::string_view> known;
      for (const auto& message : corpus.messages) known.insert(message.source);
      std::string names;
      for (const auto name : known) names.append(names.empty() ? "" : ", ").append(name);
      return fail(ErrorKind::invalid, "the corpus has no source " + source + "; it has " + names);
    }
  CorpusResult result;
  for (const auto& message : corpus.messages)
    if (is_in_part(message.id, options.part) && (options.sources.empty() || std::ranges::contains(options.sources, message.source)))
      result.verdicts.push_back({.message = &message});
  std::map<std::string, std::vector<const CorpusMessage*>> sources;
  std::map<std::string, Verdict*> verdicts;
  for (auto& verdict : result.verdicts) {
    sources[verdict.message->source].push_back(verdict.message);
    verdicts[verdict.message->id] = &verdict;
  }
  const auto storage = TRY(options.scratch_storage());
  for (const auto& [source, wanted] : sources) {
    options.progress << source << ": " << wanted.size() << " messages" << std::endl;
    std::vector<Read> messages;
    TRY(options.read(wanted, [&](const CorpusMessage& message, std::string bytes) { messages.push_back({&message, std::move(bytes)}); }));
    if (messages.size() != wanted.size()) {
      const auto missing = std::ranges::find_if(wanted, [&](const CorpusMessage* message) {
        return !std::ranges::contains(messages, message, [](const Read& read) { return read.message; });
      });
      return fail(ErrorKind::not_found, "source " + source + ": " + std::to_string(wanted.size() - messages.size()) +
                                            " messages of the manifest are in no archive beside it; the first is " + (*missing)->id + ", " +
                                            (*missing)->path);
    }
    std::ranges::sort(messages, {}, [](const Read& read) { return read.message; });
    if (auto done = evaluate_source(std::move(messages), pack, options.ignore_verdicts, *storage, verdicts, result); !done)
      return fail(std::move(done.error()).during("source " + source));
  }
  return result;
}

CorpusReport summarize(const CorpusResult& result) {
  CorpusReport report;
  for (const auto& verdict : result.verdicts) {
    const auto& message = *verdict.message;
    report.total.count(message.label, verdict.is_found);
    report.sources[message.source].count(message.label, verdict.is_found);
    auto& without = report.sources_without_giveaway[message.source];
    if (message.subtype != "giveaway") {
      report.total_without_giveaway.count(message.label, verdict.is_found);
      without.count(message.label, verdict.is_found);
    }
    for (const auto& [rule, severity] : verdict.rules) report.rules[rule].count(message.label, true);
  }
  return report;
}

void print_report(const CorpusReport& report, const detection::RulePack& pack, std::ostream& out) {
  out << "source                  fraud found           no giveaway   ham found       per 1000   precision   spam found\n";
  for (const auto& [name, tally] : report.sources) print_row(out, name, tally, report.sources_without_giveaway.at(name));
  print_row(out, "total", report.total, report.total_without_giveaway);
  out << "\nrule                                   severity   on fraud   on ham   on spam\n";
  for (const auto& rule : pack.rules()) {
    const auto found = report.rules.find(rule.id.str());
    const auto tally = found == report.rules.end() ? Tally{} : found->second;
    out << std::format("{:<38} {:<8} {:>10} {:>8} {:>9}\n", rule.id.str(), to_string(rule.severity), tally.fraud_found, tally.ham_found,
                       tally.spam_found);
  }
}

void print_verdicts(const CorpusResult& result, std::ostream& out) {
  for (const auto& verdict : result.verdicts) {
    const auto& message = *verdict.message;
    out << message.id << '\t' << message.label << '\t' << message.subtype << '\t' << message.source << '\t'
        << (verdict.is_found ? "found" : "missed") << '\t';
    for (const auto& [rule, severity] : verdict.rules)
      out << (rule == verdict.rules.begin()->first ? "" : " ") << rule << ":" << to_string(severity);
    out << '\n';
  }
}

}  // namespace letterlock::evaluation
