#include "providers/factory.h"

#include "providers/archive/archive_provider.h"

namespace letterlock {

Result<std::unique_ptr<Provider>> make_provider(const Connection& connection, http::Client&, Clock&, Metrics& metrics,
                                                const ProviderOptions&) {
  switch (connection.provider) {
    case ProviderKind::google:
    case ProviderKind::microsoft:
      break;
    case ProviderKind::archive:
      return std::make_unique<providers::ArchiveProvider>(TRY(providers::read_archive_settings(connection.settings_json)), metrics);
  }
  return fail(ErrorKind::invalid, "this provider cannot be read yet");
}

}  // namespace letterlock
