#pragma once

// The Google Workspace connector: service account with domain-wide delegation, read-only scopes. Thread-safe.

#include "providers/google/google_api.h"
#include "providers/provider.h"

namespace letterlock::providers {

class GoogleProvider final : public Provider {
 public:
  GoogleProvider(GoogleSettings settings, GoogleKey key, http::Client& client, Clock& clock, Metrics& metrics,
                 const ProviderOptions& options);

  Result<void> check(std::stop_token stop) override;
  Result<void> list_users(const UserSink& sink, std::stop_token stop) override;
  Result<void> walk(const User& user, std::span<const StoredCursor> cursors, const WalkLimits& limits, const StepSink& sink,
                    std::stop_token stop) override;
  Result<std::optional<std::vector<MailboxSetting>>> read_settings(const User& user, std::stop_token stop) override;
  std::vector<std::string> authserv_ids() const override { return {"mx.google.com"}; }

 private:
  const int item_failures_max_;
  Clock& clock_;
  GoogleApi api_;
};

}  // namespace letterlock::providers
