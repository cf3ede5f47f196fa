#pragma once

// The simulated Google: token endpoint, Directory users, Gmail read methods and batch, as functions from request to response.
// Owned by Simulator; any thread.

#include <string>

#include "adapters/http/server.h"
#include "sim/google_auth.h"
#include "sim/google_state.h"
#include "sim/json.h"
#include "sim/request_log.h"

namespace letterlock::sim {

class GoogleApi {
 public:
  struct Options {
    std::size_t page_size_max = 500;  // caps maxResults, so that paging is real with little mail
  };
  GoogleApi(GoogleState& state, GoogleAuth& auth, RequestLog& log, Options options)
      : state_(state), auth_(auth), log_(log), options_(options) {}

  http::Response handle(const http::Request& request);

 private:
  http::Response route(const http::Request& request, std::string& kind);
  http::Response batch(const http::Request& request);
  http::Response users(const http::Request& request, const GoogleToken& token, const std::vector<std::string>& path, std::string& kind);
  http::Response gmail(const http::Request& request, const GoogleUser& user, bool metadata_only, const std::vector<std::string>& path,
                       std::string& kind);
  http::Response messages_list(const http::Request& request, const GoogleUser& user, bool metadata_only);
  http::Response message_get(const http::Request& request, const GoogleUser& user, bool metadata_only, const std::string& id);
  http::Response attachment_get(const GoogleUser& user, const std::string& message_id, const std::string& attachment_id);
  http::Response history_list(const http::Request& request, const GoogleUser& user);
  http::Response labels(const GoogleUser& user, const std::vector<std::string>& path);
  http::Response settings(const GoogleUser& user, const std::vector<std::string>& path);
  std::size_t page_size(const http::Request& request, std::size_t otherwise, std::size_t most) const;

  GoogleState& state_;
  GoogleAuth& auth_;
  RequestLog& log_;
  const Options options_;
};

}  // namespace letterlock::sim
