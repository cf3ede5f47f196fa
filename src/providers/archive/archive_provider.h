#pragma once

// The archive connector: files of mail on this machine, read once and again when they change. Thread-safe (no state).

#include "base/metrics.h"
#include "providers/archive/archive_json.h"
#include "providers/provider.h"

namespace letterlock::providers {

class ArchiveProvider final : public Provider {
 public:
  ArchiveProvider(ArchiveSettings settings, Metrics& metrics);

  Result<void> check(std::stop_token stop) override;
  Result<void> list_users(const UserSink& sink, std::stop_token stop) override;
  Result<void> walk(const User& user, std::span<const StoredCursor> cursors, const WalkLimits& limits, const StepSink& sink,
                    std::stop_token stop) override;
  Result<std::optional<std::vector<MailboxSetting>>> read_settings(const User&, std::stop_token) override { return std::nullopt; }
  std::vector<std::string> authserv_ids() const override { return {}; }  // whoever received this mail is unknown

 private:
  const ArchiveSettings settings_;
  Metrics& metrics_;
};

}  // namespace letterlock::providers
