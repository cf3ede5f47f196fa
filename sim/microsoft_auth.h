#pragma once

// Entra's token endpoint for one app registration (client credentials by secret or certificate) and the bearer tokens it
// issued. Owned by MicrosoftApi; any thread.

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "adapters/http/server.h"
#include "base/clock.h"

namespace letterlock::sim {

struct MicrosoftRegistration {
  std::string tenant;  // GUID
  std::string domain;  // also accepted for the tenant
  std::string client_id;
  std::string client_secret;
  std::string certificate_pem;
  std::string private_key_pem;
  std::set<std::string> roles = {"User.Read.All", "Mail.Read", "MailboxSettings.Read"};
};

// The login endpoints' error body; code: of AADSTS.
http::Response entra_error(int status, std::string_view error, int code, std::string_view text, TimePoint now);

class MicrosoftAuth {
 public:
  MicrosoftAuth(MicrosoftRegistration registration, std::chrono::seconds token_life, Clock& clock);

  http::Response token(const http::Request& request, const std::string& tenant);
  http::Response openid_configuration(const http::Request& request, const std::string& tenant) const;
  // The roles of an Authorization header value; nullopt: unknown or expired.
  std::optional<std::set<std::string>> check(std::string_view authorization) const;
  void expire_all();
  void expire(std::string_view authorization);  // this one token

 private:
  bool knows(std::string_view tenant) const;
  http::Response error(int status, std::string_view error, int code, std::string_view text) const;
  std::optional<http::Response> check_assertion(const http::Request& request, const std::string& tenant,
                                                const std::string& assertion) const;

  const MicrosoftRegistration registration_;
  const std::chrono::seconds token_life_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, TimePoint, std::less<>> tokens_;
};

}  // namespace letterlock::sim
