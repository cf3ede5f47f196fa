#pragma once

// The simulated Microsoft 365: login endpoints and the Graph v1.0 reads, as functions from request to response.
// Owned by Simulator; any thread.

#include <string>

#include "adapters/http/server.h"
#include "sim/graph_json.h"
#include "sim/microsoft_auth.h"
#include "sim/microsoft_state.h"
#include "sim/provider_api.h"

namespace letterlock::sim {

class MicrosoftApi final : public ProviderApi {
 public:
  struct Options {
    std::size_t page_size_max = 1000;  // caps every page, so that paging is real with little mail
  };
  MicrosoftApi(MicrosoftState& state, MicrosoftAuth& auth, Surroundings around, Options options)
      : ProviderApi(around), state_(state), auth_(auth), options_(options) {}

 private:
  using Path = std::vector<std::string>;
  Call describe(const http::Request& request) override;
  http::Response right_answer(const Call& call) override;
  void expire_token(const Call& call) override;
  void expire_cursor(const Call& call) override;
  void vanish(const Call& call) override;
  std::uint64_t version(const Call& call) const override;

  http::Response graph(const Call& call);
  http::Response batch(const http::Request& request);
  http::Response users(const http::Request& request);
  http::Response mail(const Call& call, const MicrosoftUser& user);
  http::Response folders(const http::Request& request, const MicrosoftUser& user, const std::string& parent);
  http::Response messages(const http::Request& request, const MicrosoftUser& user, const std::string& folder_id);
  http::Response delta(const Call& call, const MicrosoftUser& user, const std::string& folder);
  http::Response one_message(const http::Request& request, const MicrosoftUser& user, const Path& path);
  http::Response message_rules(const http::Request& request, const MicrosoftUser& user, const std::string& rule_id) const;
  http::Response mailbox_settings(const MicrosoftUser& user) const;

  MicrosoftState& state_;
  MicrosoftAuth& auth_;
  const Options options_;
};

}  // namespace letterlock::sim
