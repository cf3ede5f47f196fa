#pragma once

// The archive connector: files of mail on this machine, read once and again when they change. Thread-safe (no state).

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "providers/archive/archive_files.h"
#include "providers/archive/archive_json.h"
#include "providers/provider.h"

namespace letterlock::providers {

struct ArchiveOptions {
  std::vector<std::string> folders;                           // that connections may read below
  std::int64_t unpacked_bytes_max = std::int64_t{256} << 30;  // of one packed file
  std::int64_t ratio_max = 200;                               // of what a packed file unpacks to, to its own size
};

class ArchiveProvider final : public Provider {
 public:
  ArchiveProvider(ArchiveSettings settings, Clock& clock, Metrics& metrics, const ArchiveOptions& options = {});

  Result<void> check(std::stop_token stop) override;
  Result<void> list_users(const UserSink& sink, std::stop_token stop) override;
  Result<void> walk(const User& user, std::span<const StoredCursor> cursors, const WalkLimits& limits, const StepSink& sink,
                    std::stop_token stop) override;
  Result<std::optional<std::vector<MailboxSetting>>> read_settings(const User&, std::stop_token) override { return std::nullopt; }
  std::vector<std::string> authserv_ids() const override { return {}; }  // whoever received this mail is unknown

 private:
  const ArchiveSettings settings_;
  const ArchiveReach reach_;
  const ArchiveOptions options_;
  Clock& clock_;
  Metrics& metrics_;
};

}  // namespace letterlock::providers
