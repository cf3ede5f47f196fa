#pragma once

// Makes the Provider that a connection's settings describe.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/client.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "model/job.h"
#include "providers/archive/archive_provider.h"
#include "providers/provider.h"

namespace letterlock {

struct ProviderOptions {
  BackoffOptions backoff;                         // of every request
  std::chrono::seconds retry_after_wait_max{20};  // a longer Retry-After parks the mailbox instead of blocking the slice
  std::chrono::milliseconds request_timeout{60'000};
  int google_in_flight = 8;     // requests at once of one mailbox
  int microsoft_in_flight = 4;  // Exchange refuses a fifth
  int item_failures_max = 10;   // consecutive unreadable messages: the mailbox itself is broken
  providers::ArchiveOptions archive;
};

// A server that a connection's settings name, by themselves or by default; it is sent credentials that the secret gives.
struct ServerSetting {
  std::string_view name;
  std::string url;
  bool operator==(const ServerSetting&) const = default;
};
// invalid: unreadable settings.
Result<std::vector<ServerSetting>> servers_of(ProviderKind provider, std::string_view settings_json);
// invalid: names the setting whose server is not https and public, and the remedy. With private_addresses any http or https server will do.
Result<void> check_servers(ProviderKind provider, std::string_view settings_json, bool private_addresses);
// For settings that a person or an API key gives. invalid: an archive's path lies outside the folders, or the settings claim to be the
// operator's.
Result<void> check_archive_paths(ProviderKind provider, std::string_view settings_json, const std::vector<std::string>& folders);

// invalid: names the setting that is missing or unreadable. Nothing is sent yet. client, clock and metrics outlive the provider.
Result<std::unique_ptr<Provider>> make_provider(const Connection& connection, http::Client& client, Clock& clock, Metrics& metrics,
                                                const ProviderOptions& options = {});

}  // namespace letterlock
