#include "app/serve.h"

#include <algorithm>
#include <ranges>

#include "adapters/http/server.h"
#include "app/lifecycle.h"
#include "app/listeners.h"
#include "app/parts.h"
#include "app/targets.h"
#include "base/log.h"

namespace letterlock {
namespace {

Result<void> start(std::vector<std::unique_ptr<Running>>& running, const TargetSet& wanted, bool serves, Parts& parts) {
  for (const auto& target : targets()) {
    if (!wanted.has(target.name) || target.serves != serves || parts.stop.stop_requested()) continue;
    auto started = target.start(parts);
    if (!started) return fail(std::move(started).error().during("starting " + std::string(to_string(target.name))));
    running.push_back(std::move(*started));
  }
  return {};
}

void stop(std::vector<std::unique_ptr<Running>>& running) {
  for (auto& one : running | std::views::reverse) one->stop();
}

Result<std::unique_ptr<http::Server>> listen(Parts& parts, std::size_t files_max) {
  auto internal_routes = parts.internal_routes;
  std::ranges::move(probe_routes(
                        parts.probes, [token = parts.stop.get_token()] { return token.stop_requested(); }, parts.metrics),
                    std::back_inserter(internal_routes));
  return http::start_server(TRY(listeners_of(parts.config, parts.routes, std::move(internal_routes), files_max)), parts.metrics);
}

}  // namespace

Result<int> serve(const Config& config, const TargetSet& wanted, std::unique_ptr<parser::Keeper> keeper) {
  set_log(config.log_level, wanted.text());
  const auto files_max = raise_file_limit();
  TRY(check_needs(config, wanted));
  std::stop_source stop_source;
  const Signals signals(stop_source);
  auto parts = TRY(Parts::make(config, wanted, stop_source, std::move(keeper)));

  std::vector<std::unique_ptr<Running>> serving, working;
  std::unique_ptr<http::Server> server;
  const auto run = [&]() -> Result<void> {
    TRY(start(serving, wanted, true, *parts));
    server = TRY(listen(*parts, files_max));
    TRY(start(working, wanted, false, *parts));
    std::uint16_t flight_port = 0;
    for (const auto& one : serving) flight_port = std::max(flight_port, one->flight_port());
    const auto internal_port = config.internal_address.host.empty() ? std::uint16_t{0} : server->port(1);
    const auto ready = TRY(ReadyFile::write(
        config.ready_file,
        {.target = wanted.text(), .http_port = server->port(0), .internal_port = internal_port, .flight_port = flight_port}));
    LOG(info, "serving",
        {{"http_port", server->port(0)}, {"internal_port", internal_port}, {"flight_port", flight_port}, {"files_max", files_max}});
    wait_for(stop_source.get_token());
    return {};
  };
  const auto ran = run();

  const StopDeadline deadline{std::chrono::seconds(config.stop_seconds_max)};
  stop_source.request_stop();
  stop(working);
  if (server) server->stop(std::chrono::seconds(5));
  stop(serving);
  working.clear();
  serving.clear();
  server.reset();
  const bool has_failed = parts->failed;
  parts.reset();
  if (has_failed) return fail(ErrorKind::unavailable, "a part of this process is gone (see the log); start it again");
  if (!ran) return fail(ran.error());
  LOG(info, "stopped");
  return 0;
}

}  // namespace letterlock
