#include "app/listeners.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>

#include "base/ip_network.h"
#include "base/log.h"

namespace letterlock {
namespace {

constexpr std::size_t connections_max = 20'000;
constexpr std::size_t files_reserved = 1'024;            // of tenants' files, PostgreSQL, RabbitMQ, Flight, providers
constexpr std::size_t internal_connections_max = 1'024;  // taken from those of the public listener
constexpr std::chrono::seconds warned_every{60};

using Clock = std::chrono::steady_clock;

http::Route with_warning(http::Route route) {
  if (route.pattern == "/healthz") return route;
  const auto next_warning = std::make_shared<std::atomic<Clock::time_point>>(Clock::time_point::min());
  route.handler = [handler = std::move(route.handler), pattern = route.pattern, next_warning](const http::Request& request) {
    const auto now = Clock::now();
    if (auto next = next_warning->load(); next <= now && next_warning->compare_exchange_strong(next, now + warned_every))
      LOG(warn, "answered on LETTERLOCK_HTTP_ADDRESS what the next release answers on LETTERLOCK_INTERNAL_ADDRESS alone",
          {{"route", pattern}, {"client_address", request.client_address}});
    return handler(request);
  };
  return route;
}

}  // namespace

Result<http::ServerOptions> listeners_of(const Config& config, std::vector<http::Route> public_routes,
                                         std::vector<http::Route> internal_routes, std::size_t files_max) {
  const auto all = std::min(connections_max, std::max(files_max > files_reserved ? files_max - files_reserved : 0, files_max / 4));
  const auto internal = config.internal_address.host.empty() ? 0 : std::min(internal_connections_max, all / 4);
  http::ServerOptions options{.listeners = {{.name = "public",
                                             .address = config.http_address.host,
                                             .port = config.http_address.port,
                                             .certificate_file = config.tls_certificate_file,
                                             .key_file = config.tls_key_file,
                                             .routes = std::move(public_routes),
                                             .connections_max = all - internal,
                                             .connections_per_address_max = static_cast<std::size_t>(config.connections_per_address_max)}},
                              .body_bytes_max = 256 << 10,
                              .trusted_proxies = TRY(parse_networks(config.trusted_proxies))};
  for (const auto& route : internal_routes) options.listeners[0].routes.push_back(with_warning(route));
  if (internal > 0)
    options.listeners.push_back({.name = "internal",
                                 .address = config.internal_address.host,
                                 .port = config.internal_address.port,
                                 .certificate_file = config.tls_certificate_file,
                                 .key_file = config.tls_key_file,
                                 .routes = std::move(internal_routes),
                                 .connections_max = internal,
                                 .connections_per_address_max = internal});
  return options;
}

}  // namespace letterlock
