#include "domain/evaluation/company_evaluation.h"

#include <algorithm>
#include <format>
#include <ostream>

#include "base/encoding.h"
#include "domain/evaluation/replay.h"
#include "domain/ingestion/tenant_facts.h"
#include "mail/message.h"

namespace letterlock::evaluation {
namespace {

constexpr std::string_view settings_prefix = "settings/";  // settings/KIND/SETTING-ID: rules of mailbox/ name settings so

// Which story a sighting belongs to.
class Stories {
 public:
  explicit Stories(const Company& company) {
    for (const auto& story : company.stories) {
      for (const auto& message : story.messages) messages_[{message.mailbox, message.provider_message_id}] = &story;
      for (const auto& setting : story.settings) settings_[{setting.mailbox, setting.setting_id}] = &story;
    }
  }

  const Story* of(const MessageKey& key) const {
    const auto& [mailbox, message] = key;
    if (message.str().starts_with(settings_prefix)) {
      const auto slash = message.str().find('/', settings_prefix.size());
      if (slash == std::string::npos) return nullptr;
      const auto found = settings_.find({mailbox.str(), message.str().substr(slash + 1)});
      return found == settings_.end() ? nullptr : found->second;
    }
    const auto found = messages_.find({mailbox.str(), message.str()});
    return found == messages_.end() ? nullptr : found->second;
  }

 private:
  std::map<std::pair<std::string, std::string>, const Story*> messages_, settings_;
};

// The end of the polling interval that a time falls into.
TimePoint interval_end(TimePoint time, std::chrono::minutes every) {
  const auto step = std::chrono::duration_cast<Duration>(every).count();
  return from_unix_micros((to_unix_micros(time) / step + 1) * step);
}

Result<EmailRecord> parse(const CompanyFiles& files, const CompanyMail& mail, const std::map<std::string, std::string>& addresses) {
  const auto bytes = files.bytes.find(mail.path);
  if (bytes == files.bytes.end()) return fail(ErrorKind::not_found, "mail.tar.zst has no " + mail.path);
  const auto address = addresses.find(mail.mailbox);
  if (address == addresses.end()) return fail(ErrorKind::invalid, "mailbox " + mail.mailbox + " is nobody's");
  auto email = TRY(mail::parse_message(
      bytes->second,
      {.trusted_authserv_ids = files.company.authserv_ids, .tenant_domains = files.company.domains, .mailbox_address = address->second}));
  email.mailbox_id = MailboxId(mail.mailbox);
  email.provider_message_id = ProviderMessageId(mail.provider_message_id);
  email.folder_id = FolderId(mail.folder);
  email.received_at = mail.received_at;
  email.raw_sha256 = sha256_hex(bytes->second);
  return EmailRecord{.email = std::move(email), .raw = {.format = "rfc5322", .bytes = bytes->second}};
}

void judge(const Company& company, const Replay& replay, std::chrono::minutes every, CompanyResult& out) {
  const Stories stories(company);
  std::map<const Story*, TimePoint> found;
  for (const auto& [fingerprint, alert] : replay.alerts()) {
    if (!alert.counts()) continue;
    bool names_fraud = false;
    std::string about = "ordinary mail";
    for (const auto& [key, observed_at] : alert.sightings) {
      const auto* story = stories.of(key);
      if (!story) continue;
      if (!story->is_fraud) {
        about = "innocent: " + story->kind;
        continue;
      }
      names_fraud = true;
      const auto raised_at = interval_end(observed_at, every);
      const auto [first, is_new] = found.try_emplace(story, raised_at);
      first->second = std::min(first->second, raised_at);
    }
    ++(names_fraud ? out.rules[alert.rule_id.str()].first : out.rules[alert.rule_id.str()].second);
    if (!names_fraud) out.false_alerts.push_back({company.seed, alert.rule_id, alert.entity, about});
  }
  for (const auto& story : company.stories) {
    if (!story.is_fraud) continue;
    ++out.stories;
    auto& [kind_found, kind_all] = out.kinds[story.kind];
    ++kind_all;
    if (const auto at = found.find(&story); at != found.end()) {
      ++kind_found;
      out.minutes_to_alert.push_back(std::chrono::duration<double, std::ratio<60>>(at->second - story.from).count());
    } else {
      out.missed.push_back({company.seed, story.story_id, story.kind});
    }
  }
}

}  // namespace

void CompanyResult::add(CompanyResult other) {
  const auto append = [](auto& to, auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  append(seeds, other.seeds);
  append(missed, other.missed);
  append(false_alerts, other.false_alerts);
  append(minutes_to_alert, other.minutes_to_alert);
  stories += other.stories;
  mails += other.mails;
  for (const auto& [name, counts] : other.kinds) kinds[name].first += counts.first, kinds[name].second += counts.second;
  for (const auto& [name, counts] : other.rules) rules[name].first += counts.first, rules[name].second += counts.second;
  notes.insert(other.notes.begin(), other.notes.end());
}

std::optional<double> CompanyResult::minutes_to_alert_p50() const {
  if (minutes_to_alert.empty()) return std::nullopt;
  auto sorted = minutes_to_alert;
  std::ranges::sort(sorted);
  return sorted[(sorted.size() - 1) / 2];
}

std::optional<double> CompanyResult::false_alerts_per_1000() const {
  if (mails == 0) return std::nullopt;
  return 1000.0 * static_cast<double>(false_alerts.size()) / static_cast<double>(mails);
}

Result<CompanyResult> evaluate_company(const CompanyFiles& files, const detection::RulePack& pack, const CompanyOptions& options) {
  const auto& company = files.company;
  const auto storage = TRY(options.scratch_storage());
  Replay replay(*storage, pack);
  auto facts = ingestion::tenant_facts(company.people, Connection{.settings_json = "{}"});
  facts.domains = company.domains;
  TRY(replay.set_users(company.people, facts));

  std::map<std::string, std::string> addresses;
  for (const auto& person : company.people) addresses[person.user_id.str()] = person.primary_email;
  const auto batch = std::max(options.batch, options.every);
  // Batches in which nothing came are passed over: an analysis of nothing finds nothing.
  for (std::size_t i = 0, k = 0; i < files.mails.size() || k < files.settings.size();) {
    const bool mail_is_next = k == files.settings.size() || (i < files.mails.size() && files.mails[i].received_at <= files.settings[k].at);
    const auto end = interval_end(mail_is_next ? files.mails[i].received_at : files.settings[k].at, batch);
    std::vector<EmailRecord> emails;
    for (; i < files.mails.size() && files.mails[i].received_at < end; ++i) {
      auto record = parse(files, files.mails[i], addresses);
      if (!record) return fail(std::move(record.error()).during("message " + files.mails[i].provider_message_id));
      emails.push_back(std::move(*record));
    }
    TRY(replay.add(std::move(emails), end));
    for (; k < files.settings.size() && files.settings[k].at < end; ++k)
      TRY(replay.save_settings(MailboxId(files.settings[k].mailbox), files.settings[k].settings, files.settings[k].at));
    TRY(replay.analyse());
  }
  CompanyResult out{.seeds = {company.seed}, .mails = std::ssize(files.mails), .notes = replay.notes()};
  judge(company, replay, options.every, out);
  return out;
}

void print_report(const CompanyResult& result, std::ostream& out) {
  out << "stories found by kind\n";
  for (const auto& [kind, counts] : result.kinds) out << std::format("  {:<40} {:>4} of {}\n", kind, counts.first, counts.second);
  out << "alerts by rule                              true   false\n";
  for (const auto& [rule, counts] : result.rules) out << std::format("  {:<40} {:>5} {:>7}\n", rule, counts.first, counts.second);
  if (!result.missed.empty()) out << "missed\n";
  for (const auto& story : result.missed) out << std::format("  seed {:<4} {:<30} {}\n", story.seed, story.kind, story.story_id);
  if (!result.false_alerts.empty()) out << "false alerts\n";
  for (const auto& alert : result.false_alerts)
    out << std::format("  seed {:<4} {:<36} {:<40} {}\n", alert.seed, alert.rule_id.str(), alert.about, alert.entity);
  const auto minutes = result.minutes_to_alert_p50();
  const auto rate = result.false_alerts_per_1000();
  out << std::format(
      "\n{} companies, {} mails: {} of {} stories found, {} minutes to the alert (median), {} false alerts, {} per 1,000 mails\n",
      result.seeds.size(), result.mails, result.stories - std::ssize(result.missed), result.stories,
      minutes ? std::format("{:.1f}", *minutes) : "–", result.false_alerts.size(), rate ? std::format("{:.2f}", *rate) : "–");
}

}  // namespace letterlock::evaluation
