#pragma once

// The simulated Google: token endpoint, Directory users, Gmail read methods and batch, as functions from request to response.
// Owned by Simulator; any thread.

#include <string>

#include "adapters/http/server.h"
#include "sim/google_auth.h"
#include "sim/google_state.h"
#include "sim/json.h"
#include "sim/provider_api.h"

namespace letterlock::sim {

class GoogleApi final : public ProviderApi {
 public:
  struct Options {
    std::size_t page_size_max = 500;  // caps maxResults, so that paging is real with little mail
  };
  GoogleApi(GoogleState& state, GoogleAuth& auth, Surroundings around, Options options)
      : ProviderApi(around), state_(state), auth_(auth), options_(options) {}

 private:
  using Path = std::vector<std::string>;
  Call describe(const http::Request& request) override;
  http::Response right_answer(const Call& call) override;
  void expire_token(const Call& call) override;
  void expire_cursor(const Call& call) override;
  void vanish(const Call& call) override;
  std::uint64_t version(const Call& call) const override;

  http::Response batch(const http::Request& request);
  http::Response users(const http::Request& request, const GoogleToken& token, const Path& path);
  Json directory_user(const GoogleUser& user) const;
  http::Response gmail(const Call& call, const GoogleUser& user, bool metadata_only);
  http::Response messages_list(const Call& call, const GoogleUser& user, bool metadata_only);
  http::Response message_get(const http::Request& request, const GoogleUser& user, bool metadata_only, const std::string& id);
  http::Response attachment_get(const GoogleUser& user, const std::string& message_id, const std::string& attachment_id);
  http::Response history_list(const Call& call, const GoogleUser& user);
  http::Response labels(const GoogleUser& user, const Path& path);
  http::Response settings(const GoogleUser& user, const Path& path);
  std::size_t page_size(const http::Request& request, std::size_t otherwise, std::size_t most) const;

  GoogleState& state_;
  GoogleAuth& auth_;
  const Options options_;
};

}  // namespace letterlock::sim
