#include "providers/factory.h"

#include "providers/archive/archive_provider.h"
#include "providers/google/google_provider.h"
#include "providers/microsoft/microsoft_provider.h"

namespace letterlock {

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
      return std::make_unique<providers::ArchiveProvider>(TRY(providers::read_archive_settings(connection.settings_json)), metrics);
  }
  return fail(ErrorKind::invalid, "unknown provider");
}

}  // namespace letterlock
