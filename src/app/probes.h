#pragma once

// What every target answers on its HTTP listener beside its own routes: /healthz (the process lives), /readyz (what it
// needs can be reached; the body says what cannot), /metrics (Prometheus text).

#include <functional>
#include <string>
#include <vector>

#include "adapters/http/server.h"
#include "base/metrics.h"
#include "base/result.h"

namespace letterlock {

struct Probe {
  std::string name;  // "postgresql", "rabbitmq", "storage", "api"
  std::function<Result<void>()> check;
};

std::vector<http::Route> probe_routes(std::vector<Probe> probes, std::function<bool()> stopping, const Metrics& metrics);

}  // namespace letterlock
