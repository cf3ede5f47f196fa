#pragma once

// What every target answers on its HTTP listener beside its own routes: /healthz (the process lives), /readyz (what it
// needs can be reached; the body says what cannot, and what works with a part of it missing), /metrics (Prometheus text).

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/server.h"
#include "base/metrics.h"
#include "base/result.h"

namespace letterlock {

struct Probe {
  std::string name;  // "postgresql", "rabbitmq", "storage", "api"
  std::function<Result<void>()> check;
  // Codes of what does not work while the process is ready all the same, such as "disk_full"; may be empty.
  std::function<std::vector<std::string>()> degraded = {};
};

// The body of /readyz: 200 where ready, 503 where not.
struct Readiness {
  bool ready = true;
  std::vector<std::string> degraded;
  std::map<std::string, std::string> checks;  // by the probe's name: "ok", or what is wrong
};

std::vector<http::Route> probe_routes(std::vector<Probe> probes, std::function<bool()> stopping, const Metrics& metrics);

std::string to_json(const Readiness& readiness);
// invalid: it is something else.
Result<Readiness> readiness_from(std::string_view json);

}  // namespace letterlock
