#pragma once

// The whole simulator: two organisations, their APIs, faults and control, dispatched by listener. Made in main (or a test);
// handlers run on the HTTP server's threads.

#include <array>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/http/server.h"
#include "base/clock.h"
#include "base/result.h"
#include "sim/churn.h"
#include "sim/content.h"
#include "sim/faults.h"
#include "sim/google_api.h"
#include "sim/json.h"
#include "sim/microsoft_api.h"
#include "sim/world.h"

namespace letterlock::sim {

struct SimulatorOptions {
  std::uint64_t seed = 1;
  std::size_t mailboxes = 8;  // per provider
  std::size_t messages = 60;  // per mailbox
  std::string corpus;         // folder of real mail instead of made mail
  std::size_t page_size_max = 1000;
  std::chrono::seconds token_life{3599};
  std::optional<TimePoint> now;  // end of the made mail; default: the clock's
  std::optional<FaultSeed> faults;
  QuotaLimits quotas;
  std::string keys_file;    // keys.h; empty: new keys, kept nowhere
  std::string record_file;  // empty: bodies are not recorded
  std::size_t record_bytes_max = 256 << 20;
  std::size_t prerender_bytes_max = 0;  // for answers that are kept; 0: each is rendered anew
};

enum class Endpoint { google, microsoft, control };

class Simulator {
 public:
  static Result<std::unique_ptr<Simulator>> create(SimulatorOptions options, Clock& clock);

  http::Response handle(Endpoint endpoint, const http::Request& request);

  // The ready file's object for these base URLs.
  Json connection_json(const std::string& google_url, const std::string& microsoft_url, const std::string& control_url) const;
  // The stories of both companies, as docs/reference/company-format.md has them, by addresses and Message-IDs.
  Json truth_json() const;
  // Let the next planned letter of one of the companies arrive, in all its mailboxes; the companies take turns. Stories are
  // among them. Any thread.
  void arrive();

 private:
  Simulator(SimulatorOptions options, Clock& clock)
      : options_(std::move(options)), clock_(clock), quotas_(clock), cache_(options_.prerender_bytes_max) {}
  http::Response control(const http::Request& request);
  http::Response truth(const std::string& provider) const;
  http::Response settings(const std::string& provider) const;
  http::Response put_settings(const Json& body);
  http::Response put_faults(const Json& body);
  http::Response put_condition(const Json& body);
  http::Response put_quotas(const Json& body);
  http::Response play_churn(const Json& body);
  http::Response put_message(const Json& body);
  void deliver(std::size_t side, const Delivery& delivery, TimePoint now);
  void add_rules(std::size_t side, const SettingsChange& change, TimePoint now);
  http::Response change_message(const std::string& action, const Json& body);

  const SimulatorOptions options_;
  Clock& clock_;
  RequestLog log_;
  Faults faults_;
  Quotas quotas_;
  Recorder recorder_;
  AnswerCache cache_;
  GoogleKey google_key_;
  MicrosoftRegistration registration_;
  std::unique_ptr<GoogleState> google_;
  std::unique_ptr<MicrosoftState> microsoft_;
  std::unique_ptr<GoogleAuth> google_auth_;
  std::unique_ptr<MicrosoftAuth> microsoft_auth_;
  std::unique_ptr<GoogleApi> google_api_;
  std::unique_ptr<MicrosoftApi> microsoft_api_;
  std::array<std::shared_ptr<const World>, 2> worlds_;
  std::array<std::vector<Story>, 2> stories_;
  struct Future {
    CompanyMail mail;
    std::size_t next_delivery = 0, next_setting = 0;
  };
  std::mutex live_mutex_;
  std::array<Future, 2> futures_;
  std::uint64_t arrivals_ = 0;
  TimePoint began_at_;  // the end of the made mail
  std::mutex churn_mutex_;
  std::array<std::unique_ptr<Churn>, 2> churn_;  // by provider; guarded by churn_mutex_
};

}  // namespace letterlock::sim
