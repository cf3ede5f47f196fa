#include "providers/factory.h"

#include "base/public_address.h"
#include "providers/archive/archive_provider.h"
#include "providers/google/google_provider.h"
#include "providers/microsoft/microsoft_provider.h"

namespace letterlock {

Result<std::vector<ServerSetting>> servers_of(ProviderKind provider, std::string_view settings_json) {
  switch (provider) {
    case ProviderKind::google: {
      auto settings = TRY(providers::parse_google_settings(settings_json));
      return std::vector<ServerSetting>{{"directory_root", std::move(settings.directory_root)},
                                        {"gmail_root", std::move(settings.gmail_root)},
                                        {"token_url", std::move(settings.token_url)}};
    }
    case ProviderKind::microsoft: {
      auto settings = TRY(providers::parse_microsoft_settings(settings_json));
      return std::vector<ServerSetting>{{"login_root", std::move(settings.login_root)}, {"graph_root", std::move(settings.graph_root)}};
    }
    case ProviderKind::archive:
      break;
  }
  return std::vector<ServerSetting>{};
}

Result<void> check_servers(ProviderKind provider, std::string_view settings_json, bool private_addresses) {
  for (const auto& [name, url] : TRY(servers_of(provider, settings_json)))
    if (const auto checked = check_server_url(url, private_addresses); !checked)
      return fail(ErrorKind::invalid, "settings: " + std::string(name) + ": " + checked.error().message +
                                          (private_addresses ? "" : "; LETTERLOCK_PRIVATE_ADDRESSES=1 allows servers that are not public"));
  return {};
}

Result<void> check_archive_paths(ProviderKind provider, std::string_view settings_json, const std::vector<std::string>& folders) {
  if (provider != ProviderKind::archive) return {};
  const auto settings = TRY(providers::read_archive_settings(settings_json));
  if (settings.named_by_operator)
    return fail(ErrorKind::invalid, "settings: \"named_by_operator\" is set by letterlock import and letterlock connection create alone");
  auto checked = providers::check_reach(settings.paths, {.folders = folders});
  if (!checked) return fail(ErrorKind::invalid, "settings: " + checked.error().message);
  return {};
}

Result<std::unique_ptr<Provider>> make_provider(const Connection& connection, http::Client& client, Clock& clock, Metrics& metrics,
                                                const ProviderOptions& options) {
  switch (connection.provider) {
    case ProviderKind::google: {
      auto settings = TRY(providers::read_google_settings(connection.settings_json));
      auto key = TRY(providers::read_google_key(connection.secret_json));
      return std::make_unique<providers::GoogleProvider>(std::move(settings), std::move(key), client, clock, metrics, options);
    }
    case ProviderKind::microsoft: {
      auto settings = TRY(providers::read_microsoft_settings(connection.settings_json));
      auto secret = TRY(providers::read_microsoft_secret(connection.secret_json));
      return std::make_unique<providers::MicrosoftProvider>(std::move(settings), std::move(secret), client, clock, metrics, options);
    }
    case ProviderKind::archive:
      return std::make_unique<providers::ArchiveProvider>(TRY(providers::read_archive_settings(connection.settings_json)), clock, metrics,
                                                          options.archive);
  }
  return fail(ErrorKind::invalid, "unknown provider");
}

}  // namespace letterlock
