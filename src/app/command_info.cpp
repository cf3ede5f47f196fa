// config, targets, healthcheck.

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "adapters/http/client.h"
#include "app/commands.h"
#include "app/probes.h"
#include "app/targets.h"

namespace letterlock {
namespace {

Result<int> check_health(const std::string& url, const std::string& ca_file, bool strict) {
  const auto client = TRY(http::make_client({.ca_file = ca_file}));
  const auto response = TRY(client->send({.url = url, .connect_timeout = std::chrono::seconds(3), .timeout = std::chrono::seconds(5)}, {}));
  if (!response.body.empty()) std::cout << response.body << (response.body.ends_with('\n') ? "" : "\n");
  if (response.status != 200) {
    std::cerr << "letterlock: " << url << " answered " << response.status << "\n";
    return 1;
  }
  if (!strict) return 0;
  const auto readiness = TRY(readiness_from(response.body));
  for (const auto& code : readiness.degraded) std::cerr << "letterlock: degraded: " << code << "\n";
  return readiness.degraded.empty() ? 0 : 1;
}

}  // namespace

void add_info_commands(CLI::App& app, CommandLine& line) {
  auto* config = app.add_subcommand("config", "Print the reference of settings");
  const auto markdown = std::make_shared<bool>(false);
  config->add_flag("--markdown", *markdown, "As the table of docs/reference/configuration.md");
  config->callback([&line, markdown] {
    line.action = [markdown]() -> Result<int> { return std::cout << (*markdown ? settings_as_markdown() : describe_settings()), 0; };
  });
  app.add_subcommand("targets", "Print the table of targets")->callback([&line] {
    line.action = []() -> Result<int> { return std::cout << describe_targets(), 0; };
  });
  auto* health = app.add_subcommand("healthcheck", "Ask a running process for its health: status 0 when it answers 200");
  struct HealthOptions {
    std::string url;
    bool strict = false;
  };
  const auto options = std::make_shared<HealthOptions>();
  health->add_option("URL", options->url,
                     "http(s)://host:port/healthz or /readyz; default: /readyz of LETTERLOCK_INTERNAL_ADDRESS on this host");
  health->add_flag("--strict", options->strict, "Of /readyz: status 1 also where it is ready and something does not work (a full disk)");
  health->callback([&line, options] {
    line.action = [&line, options]() -> Result<int> {
      const auto config = TRY(line.config());
      return check_health(options->url.empty() ? TRY(readiness_url(config)) : options->url, config.ca_file, options->strict);
    };
  });
}

}  // namespace letterlock
