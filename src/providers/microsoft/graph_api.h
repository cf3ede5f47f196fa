#pragma once

// Microsoft Graph as calls that answer a body or an Error in the words of provider.h. Owned by MicrosoftProvider; any thread.

#include <stop_token>
#include <string>
#include <vector>

#include "providers/caller.h"
#include "providers/factory.h"
#include "providers/microsoft/graph_json.h"
#include "providers/token_cache.h"

namespace letterlock::providers {

// Codes of errors about one thing instead of the mailbox.
inline constexpr std::string_view code_item_missing = "item_missing";  // a message or folder that is not there
inline constexpr std::string_view code_resync = "resync";              // the delta token was forgotten
inline constexpr std::string_view code_bad_item = "bad_item";          // 400 about this request

class GraphApi {
 public:
  GraphApi(MicrosoftSettings settings, MicrosoftSecret secret, http::Client& client, Clock& clock, Metrics& metrics,
           const ProviderOptions& options);

  // `link` is a path below /v1.0 or a nextLink; a link to another origin is refused (it would carry the token away).
  Result<std::string> get(const std::string& link, const std::stop_token& stop);
  std::vector<Result<std::string>> get_all(const std::vector<std::string>& links, const std::stop_token& stop);

 private:
  Authorization authorization(const std::stop_token& stop);
  Result<AccessToken> fetch_token(const std::stop_token& stop);
  Result<http::ClientRequest> request_of(const std::string& link) const;

  const MicrosoftSettings settings_;
  const MicrosoftSecret secret_;
  const std::string origin_;
  const int in_flight_;
  Clock& clock_;
  Caller caller_;
  TokenCache tokens_;
};

}  // namespace letterlock::providers
