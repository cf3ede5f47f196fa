#pragma once

// What happens around every answer of both providers: faults, quotas, kept answers, the log, the record. GoogleApi and
// MicrosoftApi derive from it and add what is theirs. Owned by Simulator; any thread.

#include <string>

#include "adapters/http/server.h"
#include "base/clock.h"
#include "sim/answer_cache.h"
#include "sim/call.h"
#include "sim/faults.h"
#include "sim/quotas.h"
#include "sim/recorder.h"
#include "sim/request_log.h"

namespace letterlock::sim {

// Shared by both providers of one simulator, which owns them.
struct Surroundings {
  Clock& clock;
  RequestLog& log;
  Faults& faults;
  Quotas& quotas;
  Recorder& recorder;
  AnswerCache& cache;
};

class ProviderApi {
 public:
  explicit ProviderApi(Surroundings around) : around_(around) {}
  virtual ~ProviderApi() = default;
  http::Response handle(const http::Request& request);

 protected:
  // Answer one call of a batch.
  http::Response answer_part(const http::Request& request, std::size_t at_once);

  virtual Call describe(const http::Request& request) = 0;
  virtual http::Response right_answer(const Call& call) = 0;
  // For the fault table's effects.
  virtual void expire_token(const Call& call) = 0;
  virtual void expire_cursor(const Call& call) = 0;
  virtual void vanish(const Call& call) = 0;
  // What must be the same for a kept answer to be sent again; 0: such answers are not kept.
  virtual std::uint64_t version(const Call& call) const = 0;

  TimePoint now() const { return around_.clock.now(); }
  std::string condition(const std::string& provider, const std::string& address) const {
    return around_.faults.condition(provider, address);
  }

  const Surroundings around_;

 private:
  http::Response answer(Call call);
  http::Response misbehave(Call& call, const Fault& fault);
  http::Response kept_or_right(const Call& call);
};

}  // namespace letterlock::sim
