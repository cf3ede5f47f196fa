#pragma once

// The Microsoft 365 connector: app-only access to Graph by secret or certificate. Thread-safe.

#include "providers/microsoft/graph_api.h"
#include "providers/provider.h"

namespace letterlock::providers {

class MicrosoftProvider final : public Provider {
 public:
  MicrosoftProvider(MicrosoftSettings settings, MicrosoftSecret secret, http::Client& client, Clock& clock, Metrics& metrics,
                    const ProviderOptions& options);

  Result<void> check(std::stop_token stop) override;
  Result<void> list_users(const UserSink& sink, std::stop_token stop) override;
  Result<void> walk(const User& user, std::span<const StoredCursor> cursors, const WalkLimits& limits, const StepSink& sink,
                    std::stop_token stop) override;
  Result<std::optional<std::vector<MailboxSetting>>> read_settings(const User& user, std::stop_token stop) override;
  // Exchange Online writes Authentication-Results without an id; mail/ knows its form by this name.
  std::vector<std::string> authserv_ids() const override { return {"microsoft"}; }

 private:
  Result<void> name_target_folders(const std::string& mailbox, std::vector<MailboxSetting>& settings, const std::stop_token& stop);

  const int item_failures_max_;
  Clock& clock_;
  GraphApi api_;
};

}  // namespace letterlock::providers
