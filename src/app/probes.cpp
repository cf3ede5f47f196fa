#include "app/probes.h"

#include <algorithm>
#include <iterator>
#include <memory>

namespace letterlock {

std::vector<http::Route> probe_routes(std::vector<Probe> probes, std::function<bool()> stopping, const Metrics& metrics) {
  const auto text = [](int status, std::string body) {
    return http::Response{.status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::move(body)};
  };
  return {
      {.method = "GET", .pattern = "/healthz", .handler = [text](const http::Request&) { return text(200, "ok\n"); }},
      {.method = "GET",
       .pattern = "/readyz",
       .handler =
           [probes = std::move(probes), stopping = std::move(stopping)](const http::Request&) {
             Readiness readiness{.ready = !stopping()};
             if (!readiness.ready) readiness.checks["process"] = "stopping";
             for (const auto& probe : probes) {
               const auto checked = probe.check();
               readiness.ready = readiness.ready && checked;
               readiness.checks[probe.name] = checked ? "ok" : checked.error().message;
               if (probe.degraded) std::ranges::move(probe.degraded(), std::back_inserter(readiness.degraded));
             }
             return http::Response{.status = readiness.ready ? 200 : 503,
                                   .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
                                   .body = to_json(readiness) + "\n"};
           }},
      {.method = "GET",
       .pattern = "/metrics",
       .handler =
           [&metrics](const http::Request&) {
             return http::Response{
                 .status = 200, .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, .body = metrics.exposition()};
           }},
  };
}

}  // namespace letterlock
