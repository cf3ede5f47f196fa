#pragma once

// The simulated Microsoft 365: login endpoints and the Graph v1.0 reads, as functions from request to response.
// Owned by Simulator; any thread.

#include <string>

#include "adapters/http/server.h"
#include "sim/graph_json.h"
#include "sim/microsoft_auth.h"
#include "sim/microsoft_state.h"
#include "sim/request_log.h"

namespace letterlock::sim {

class MicrosoftApi {
 public:
  struct Options {
    std::size_t page_size_max = 1000;  // caps every page, so that paging is real with little mail
  };
  MicrosoftApi(MicrosoftState& state, MicrosoftAuth& auth, RequestLog& log, Options options)
      : state_(state), auth_(auth), log_(log), options_(options) {}

  http::Response handle(const http::Request& request);

 private:
  using Path = std::vector<std::string>;
  http::Response route(const http::Request& request, std::string& kind);
  http::Response graph(const http::Request& request, const Path& path, std::string& kind);
  http::Response batch(const http::Request& request);
  http::Response users(const http::Request& request);
  http::Response mail(const http::Request& request, const MicrosoftUser& user, const Path& path, std::string& kind);
  http::Response folders(const http::Request& request, const MicrosoftUser& user, const std::string& parent);
  http::Response messages(const http::Request& request, const MicrosoftUser& user, const std::string& folder_id);
  http::Response delta(const http::Request& request, const MicrosoftUser& user, const std::string& folder);
  http::Response one_message(const http::Request& request, const MicrosoftUser& user, const Path& path, std::string& kind);
  http::Response mailbox_settings(const MicrosoftUser& user) const;

  MicrosoftState& state_;
  MicrosoftAuth& auth_;
  RequestLog& log_;
  const Options options_;
};

}  // namespace letterlock::sim
