#pragma once

// Google's token endpoint for a service account with domain-wide delegation: checks the signed grant, issues bearer tokens
// and knows their scopes. Owned by GoogleApi; any thread.

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "adapters/http/server.h"
#include "base/clock.h"
#include "sim/google_state.h"

namespace letterlock::sim {

struct GoogleKey {
  std::string client_email;
  std::string private_key_id;
  std::string private_key_pem;
  std::string public_key_pem;
};

struct GoogleToken {
  std::string subject;  // address
  std::set<std::string> scopes;
  TimePoint expires_at;
};

class GoogleAuth {
 public:
  GoogleAuth(const GoogleState& state, GoogleKey key, std::chrono::seconds token_life, Clock& clock);

  http::Response token(const http::Request& request);  // POST /token
  // The token of an Authorization header value; nullopt: unknown or expired.
  std::optional<GoogleToken> check(std::string_view authorization) const;
  void expire_all();
  void expire(std::string_view authorization);  // this one token

 private:
  const GoogleState& state_;
  const GoogleKey key_;
  const std::chrono::seconds token_life_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, GoogleToken, std::less<>> tokens_;
};

}  // namespace letterlock::sim
