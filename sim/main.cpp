// letterlock-sim: Google Workspace and Microsoft 365 on loopback, with mail to read. See README.md.

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include <unistd.h>

#include "adapters/http/server.h"
#include "base/log.h"
#include "sim/churn_command.h"
#include "sim/company_command.h"
#include "sim/private_file.h"
#include "sim/simulator.h"

namespace {

using namespace letterlock;

struct Arguments {
  std::uint16_t google_port = 0, microsoft_port = 0, control_port = 0;
  std::string address = "127.0.0.1";
  std::string host;  // in the ready file's URLs; empty: address
  std::string ready_file, truth_file, now;
  double live_seconds = 0;
  std::int64_t token_seconds = 3599;
  unsigned workers = 8;
  std::string faults, quotas = "off";
  bool prerender = false;
  std::size_t prerender_bytes = std::size_t{1} << 30;
  std::string certificate_file, key_file;
  sim::SimulatorOptions simulator;
};

int fail_with(const std::string& message) {
  std::cerr << "letterlock-sim: " << message << '\n';
  return 1;
}

int run(Arguments arguments) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before other threads: they inherit it

  if (!arguments.now.empty()) {
    arguments.simulator.now = from_rfc3339(arguments.now);
    if (!arguments.simulator.now) return fail_with("--now is not an RFC 3339 time: " + arguments.now);
  }
  if (!arguments.faults.empty()) {
    auto faults = sim::read_fault_seed(arguments.faults);
    if (!faults) return fail_with("--faults: " + faults.error().message);
    arguments.simulator.faults = std::move(*faults);
  }
  auto quotas = sim::read_quota_limits(arguments.quotas);
  if (!quotas) return fail_with("--quotas: " + quotas.error().message);
  arguments.simulator.quotas = *quotas;
  if (arguments.prerender) arguments.simulator.prerender_bytes_max = arguments.prerender_bytes;
  if (const char* folder = std::getenv("LETTERLOCK_TEST_RECORD_DIR"); folder && *folder && arguments.simulator.record_file.empty()) {
    arguments.simulator.record_file = std::string(folder) + "/" + std::to_string(getpid()) + ".jsonl";
    arguments.simulator.record_bytes_max = 64 << 20;  // of each of a test run's simulators
  }
  if (arguments.certificate_file.empty() != arguments.key_file.empty()) return fail_with("--certificate and --key go together");
  arguments.simulator.token_life = std::chrono::seconds(arguments.token_seconds);
  SystemClock clock;
  auto simulator = sim::Simulator::create(arguments.simulator, clock);
  if (!simulator) return fail_with(simulator.error().message);
  if (!arguments.truth_file.empty() && !sim::write_private_file(arguments.truth_file, (*simulator)->truth_json().dump()))
    return fail_with("cannot write " + arguments.truth_file);

  Metrics metrics;
  std::array<std::atomic<std::uint16_t>, 5> ports{};  // Google, Microsoft, control; Google and Microsoft again over TLS
  http::ServerOptions options{.listeners = {{.address = arguments.address, .port = arguments.google_port},
                                            {.address = arguments.address, .port = arguments.microsoft_port},
                                            {.address = arguments.address, .port = arguments.control_port}},
                              .body_bytes_max = 256 << 20,
                              .buffered_bytes_max = 1 << 30,
                              .workers = arguments.workers};
  const bool tls = !arguments.certificate_file.empty();
  if (tls)
    for (int i = 0; i < 2; ++i)
      options.listeners.push_back(
          {.address = arguments.address, .certificate_file = arguments.certificate_file, .key_file = arguments.key_file});
  options.routes.push_back({.method = "*", .pattern = "/{path...}", .handler = [&](const http::Request& request) -> http::Response {
                              for (std::size_t i = 0; i < ports.size(); ++i) {
                                if (ports[i] != request.local_port) continue;
                                if (i < 3) return (*simulator)->handle(static_cast<sim::Endpoint>(i), request);
                                auto secure = request;
                                secure.headers.emplace_back("x-forwarded-proto", "https");
                                return (*simulator)->handle(static_cast<sim::Endpoint>(i - 3), secure);
                              }
                              return {.status = 503};
                            }});
  auto server = http::start_server(std::move(options), metrics);
  if (!server) return fail_with(server.error().message);
  std::array<std::string, 5> urls;
  const auto& host = arguments.host.empty() ? arguments.address : arguments.host;
  for (std::size_t i = 0; i < (tls ? 5u : 3u); ++i) {
    ports[i] = (*server)->port(i);
    urls[i] = (i < 3 ? "http://" + host : "https://localhost") + ":" + std::to_string(ports[i]);
  }
  auto ready = (*simulator)->connection_json(urls[0], urls[1], urls[2]);
  if (tls) ready.set("google_tls_url", urls[3]).set("microsoft_tls_url", urls[4]).set("tls_ca_file", arguments.certificate_file);
  ready.set("pid", static_cast<std::int64_t>(getpid()));
  if (!sim::write_private_file(arguments.ready_file, ready.dump())) return fail_with("cannot write " + arguments.ready_file);
  LOG(info, "simulators are ready", {{"google", urls[0]}, {"microsoft", urls[1]}, {"control", urls[2]}});

  std::jthread live;
  if (arguments.live_seconds > 0)
    live = std::jthread([&](std::stop_token stop) {
      const auto pause = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(arguments.live_seconds));
      while (clock.wait(pause, stop)) (*simulator)->arrive();
    });
  int signal = 0;
  sigwait(&signals, &signal);
  live.request_stop();
  if (live.joinable()) live.join();
  (*server)->stop(std::chrono::seconds(5));
  std::error_code error;
  std::filesystem::remove(arguments.ready_file, error);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Simulated Google Workspace and Microsoft 365, serving made or real mail over HTTP");
  app.add_option("--ready-file", arguments.ready_file, "Written once all listeners accept: one JSON object with URLs, keys and pid");
  app.add_option("--google-port", arguments.google_port, "0: a free one");
  app.add_option("--microsoft-port", arguments.microsoft_port, "0: a free one");
  app.add_option("--control-port", arguments.control_port, "0: a free one");
  app.add_option("--address", arguments.address, "IP to listen on");
  app.add_option("--host", arguments.host, "Name or IP under which others reach it, for the ready file's URLs; default: --address");
  app.add_option("--corpus", arguments.simulator.corpus,
                 "Serve the .eml files and .tar.zst archives below this folder instead of made mail");
  app.add_option("--seed", arguments.simulator.seed, "Seed of the made companies");
  app.add_option("--mailboxes", arguments.simulator.mailboxes, "Mailboxes per provider")->check(CLI::Range(1, 100'000));
  app.add_option("--messages", arguments.simulator.messages, "Messages per mailbox, at least")->check(CLI::Range(0, 1'000'000));
  app.add_option("--now", arguments.now, "End of the made mail (RFC 3339); default: the present");
  app.add_option("--keys-file", arguments.simulator.keys_file,
                 "Keep the keys and secrets that connections sign in with here, so that they hold after a restart; default: new ones");
  app.add_option("--truth-file", arguments.truth_file, "Write the woven stories' ground truth here");
  app.add_option("--live", arguments.live_seconds,
                 "Every so many seconds a planned letter arrives at one of the companies, stories among them; 0: none");
  app.add_option("--page-size", arguments.simulator.page_size_max, "Cap of every page, in items")->check(CLI::Range(1, 1000));
  app.add_option("--token-seconds", arguments.token_seconds, "Life of access tokens")->check(CLI::Range(1, 3600));
  app.add_option("--faults", arguments.faults, "Random faults, SEED[:RATE[:GROUPS]]: docs/reference/simulator.md");
  app.add_option("--quotas", arguments.quotas, "Count and refuse as the providers do: off, old or new (Google's table)");
  app.add_flag("--prerender", arguments.prerender, "Keep rendered answers in memory and send them again, for measuring others");
  app.add_option("--prerender-bytes", arguments.prerender_bytes, "At most so many bytes of them");
  app.add_option("--record", arguments.simulator.record_file, "Write every body that is answered to this file, for contract_check.py");
  app.add_option("--record-bytes", arguments.simulator.record_bytes_max, "At most so many bytes of them");
  app.add_option("--certificate", arguments.certificate_file, "PEM: also listen with TLS for Google and Microsoft (for 'localhost')");
  app.add_option("--key", arguments.key_file, "PEM: the certificate's private key");
  app.add_option("--workers", arguments.workers, "Threads that answer requests")->check(CLI::Range(1, 256));

  sim::CompanyArguments company;
  auto* company_command = app.add_subcommand("company", "Write one generated company with its ground truth as a folder");
  company_command->add_option("--seed", company.seed, "Seed; the same arguments give the same bytes")->required();
  company_command->add_option("--out", company.folder, "Folder to write; new or empty")->required();
  company_command->add_option("--provider", company.provider, "Default: google for an odd seed, microsoft for an even one")
      ->check(CLI::IsMember({"google", "microsoft"}));
  company_command->add_option("--mailboxes", company.mailboxes, "Mailboxes")->check(CLI::Range(1, 100'000));
  company_command->add_option("--messages", company.messages, "Messages per mailbox, at least")->check(CLI::Range(0, 1'000'000));
  company_command->add_option("--days", company.days, "Days of mail")->check(CLI::Range(1, 400));
  company_command->add_option("--to", company.to, "End of the mail (RFC 3339)");

  sim::ChurnArguments churn;
  auto* churn_command = app.add_subcommand("churn", "Play a random history of changes against a simulator that runs");
  churn_command->add_option("--ready-file", churn.ready_file, "What the running simulator wrote")->required();
  churn_command->add_option("--provider", churn.provider, "Whose mailboxes")->required()->check(CLI::IsMember({"google", "microsoft"}));
  churn_command->add_option("--seed", churn.seed, "Seed; over the same company it gives the same history");
  churn_command->add_option("--steps", churn.steps, "Changes to play, after those played before")->check(CLI::Range(1, 1'000'000));
  churn_command->add_option("--piece", churn.piece, "Changes per request; a line is printed for each")->check(CLI::Range(1, 100'000));
  CLI11_PARSE(app, argc, argv);
  if (*churn_command) {
    const auto done = sim::run_churn(churn);
    return done ? 0 : fail_with(done.error().message);
  }
  if (*company_command) {
    const auto done = sim::run_company(company);
    return done ? 0 : fail_with(done.error().message);
  }
  if (arguments.ready_file.empty())
    return fail_with("--ready-file is missing: without it nobody learns the ports; --help lists the commands");
  set_log(LogLevel::info, "sim");
  return run(std::move(arguments));
}
