#pragma once

// Google's API as calls that answer a body or an Error in the words of provider.h. Owned by GoogleProvider; any thread.

#include <stop_token>
#include <string>
#include <vector>

#include "providers/caller.h"
#include "providers/factory.h"
#include "providers/google/google_json.h"
#include "providers/token_cache.h"

namespace letterlock::providers {

// Code of a 404 on a request about one thing (a message, a history id), as opposed to the mailbox.
inline constexpr std::string_view code_missing = "missing";
// Code of a 400 that is about the request itself (a page token that aged, an id that cannot be).
inline constexpr std::string_view code_bad_request = "bad_request";

class GoogleApi {
 public:
  GoogleApi(GoogleSettings settings, GoogleKey key, http::Client& client, Clock& clock, Metrics& metrics, const ProviderOptions& options);

  // One page of the directory, or one request that proves the credentials (page_size 1).
  Result<GoogleUsers> list_users(int page_size, const std::string& page_token, const std::stop_token& stop);

  // Path and query below /gmail/v1/users/{address}, as that user.
  Result<std::string> get_mail(const std::string& address, const std::string& path_and_query, const std::stop_token& stop);
  std::vector<Result<std::string>> get_mail_all(const std::string& address, const std::vector<std::string>& paths_and_queries,
                                                std::size_t body_bytes_max, const std::stop_token& stop);
  int in_flight() const { return in_flight_; }

 private:
  Authorization authorization(const std::string& subject, const std::string& scope, bool is_mailbox, const std::stop_token& stop);
  Result<AccessToken> fetch_token(const std::string& subject, const std::string& scope, bool is_mailbox, const std::stop_token& stop);
  std::string mail_url(const std::string& address, const std::string& path_and_query) const;

  const GoogleSettings settings_;
  const GoogleKey key_;
  const int in_flight_;
  Clock& clock_;
  Caller caller_;
  TokenCache tokens_;
};

}  // namespace letterlock::providers
