#pragma once

// Each mailbox's settings over time: what holds is the newest change that is due. Owned by a provider's state; any thread.

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

#include "sim/settings.h"

namespace letterlock::sim {

class SettingsBook {
 public:
  void set(std::size_t mailbox, TimePoint at, MailboxSettings settings) {
    const std::lock_guard lock(mutex_);
    auto& changes = changes_[mailbox];
    const auto place = std::ranges::upper_bound(changes, at, {}, &SettingsChange::at);
    changes.insert(place, {.mailbox = mailbox, .at = at, .settings = std::move(settings)});
  }
  // The settings at `now`; empty ones when nothing is due yet.
  MailboxSettings current(std::size_t mailbox, TimePoint now) const {
    const auto due = until(mailbox, now);
    return due.empty() ? MailboxSettings() : due.back().settings;
  }
  // Every change that is due at `now`, oldest first.
  std::vector<SettingsChange> until(std::size_t mailbox, TimePoint now) const {
    const std::lock_guard lock(mutex_);
    const auto found = changes_.find(mailbox);
    if (found == changes_.end()) return {};
    return {found->second.begin(), std::ranges::upper_bound(found->second, now, {}, &SettingsChange::at)};
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::size_t, std::vector<SettingsChange>> changes_;  // oldest first
};

}  // namespace letterlock::sim
