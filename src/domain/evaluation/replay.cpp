#include "domain/evaluation/replay.h"

#include "base/encoding.h"
#include "domain/alerts/fingerprint.h"
#include "domain/detection/runner.h"

namespace letterlock::evaluation {

Replay::Replay(Storage& storage, const detection::RulePack& pack) : storage_(storage), pack_(pack), tenant_(new_uuid()) {}

Replay::~Replay() { (void)storage_.forget(tenant_, true).has_value(); }

Result<void> Replay::set_users(std::span<const User> users, const TenantFacts& facts) {
  return storage_.save_users(tenant_, users, {.complete = true}, facts, from_unix_micros(0));
}

Result<void> Replay::add(std::vector<EmailRecord> emails, TimePoint at) {
  std::map<MailboxId, Append> appends;
  for (auto& record : emails) {
    auto& append = appends[record.email.mailbox_id];
    append.emails.push_back(std::move(record));
  }
  for (auto& [mailbox, append] : appends) {
    auto& version = cursor_versions_[mailbox];
    append.cursor = {.mailbox_id = mailbox, .source = "archive"};
    append.seen_version = version;
    append.at = at;
    version = TRY(storage_.append(tenant_, append)).cursor_version;
  }
  return {};
}

Result<void> Replay::save_settings(const MailboxId& mailbox, std::span<const MailboxSetting> settings, TimePoint at) {
  TRY(storage_.save_mailbox_settings(tenant_, mailbox, settings, at));
  return {};
}

Result<void> Replay::analyse() {
  detection::Runner runner(storage_, pack_, clock_, metrics_, {.findings_max = 50'000});
  for (bool more = true; more;) {
    const auto outcome = TRY(runner.run(tenant_, watermark_, {}, {}));
    notes_.insert(outcome.notes.begin(), outcome.notes.end());
    for (const auto& finding : outcome.findings) {
      auto [alert, is_new] = alerts_.try_emplace(fingerprint_of(finding));
      if (is_new) alert->second = {.rule_id = finding.rule_id, .entity = finding.entity};
      alert->second.severity = is_new ? finding.severity : std::max(alert->second.severity, finding.severity);
      alert->second.sightings.try_emplace({finding.mailbox_id, finding.provider_message_id}, finding.observed_at);
    }
    watermark_ = outcome.watermark_to;
    more = outcome.more;
  }
  return {};
}

}  // namespace letterlock::evaluation
