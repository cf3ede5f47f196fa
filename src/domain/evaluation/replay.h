#pragma once

// A throw-away tenant that labelled mail is replayed into: real storage, real runner, and findings folded into alerts as
// api folds them. Owns the tenant in the storage and removes it at the end; one thread.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "domain/detection/rule_pack.h"
#include "model/alert.h"
#include "model/append.h"
#include "model/user.h"
#include "ports/storage.h"

namespace letterlock::evaluation {

using MessageKey = std::pair<MailboxId, ProviderMessageId>;

// All findings of one fingerprint (domain/alerts/fingerprint.h).
struct ReplayedAlert {
  RuleId rule_id;
  Severity severity = Severity::medium;
  std::string entity;
  std::map<MessageKey, TimePoint> sightings;  // each with its message's own time

  // What an admin should look at: medium severity or more.
  bool counts() const { return severity >= Severity::medium; }
};

class Replay {
 public:
  Replay(Storage& storage, const detection::RulePack& pack);
  ~Replay();
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  Result<void> set_users(std::span<const User> users, const TenantFacts& facts);
  // Store e-mails, each under its mailbox, with one append for each mailbox.
  Result<void> add(std::vector<EmailRecord> emails, TimePoint at);
  // A reading of a mailbox's settings, all of them.
  Result<void> save_settings(const MailboxId& mailbox, std::span<const MailboxSetting> settings, TimePoint at);
  // Run the pack over what was added since.
  Result<void> analyse();

  const std::map<std::string, ReplayedAlert>& alerts() const { return alerts_; }  // by fingerprint
  const std::set<std::string>& notes() const { return notes_; }                   // of the runner: rules that failed or were cut
  const TenantId& tenant() const { return tenant_; }

 private:
  Storage& storage_;
  const detection::RulePack& pack_;
  const TenantId tenant_;
  SystemClock clock_;
  Metrics metrics_;
  std::map<MailboxId, std::int64_t> cursor_versions_;
  std::int64_t watermark_ = 0;
  std::map<std::string, ReplayedAlert> alerts_;
  std::set<std::string> notes_;
};

}  // namespace letterlock::evaluation
