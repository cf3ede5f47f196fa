#include "app/probes.h"

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
           [text, probes = std::move(probes), stopping = std::move(stopping)](const http::Request&) {
             bool ready = !stopping();
             std::string body = ready ? "" : "process: stopping\n";
             for (const auto& probe : probes) {
               const auto checked = probe.check();
               ready = ready && checked;
               body += probe.name + ": " + (checked ? "ok" : checked.error().message) + "\n";
             }
             return text(ready ? 200 : 503, std::move(body));
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
