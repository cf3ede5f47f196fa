#include "app/parts.h"

#include <fstream>

#include "adapters/duckdb/duckdb_repository.h"
#include "adapters/flight/flight_storage.h"
#include "adapters/http/public_client.h"
#include "app/control_parts.h"
#include "app/tcp_probe.h"
#include "base/log.h"
#include "providers/factory.h"
#include "targets/api/http_control_plane.h"

namespace letterlock {
namespace {

Result<std::string> read_token(const std::string& file) {
  std::ifstream in(file);
  std::string token;
  if (!(in >> token)) return fail(ErrorKind::invalid, "LETTERLOCK_SERVICE_TOKEN_FILE: cannot read a token from " + file);
  return token;
}

// Reads decide whether storage is ready; without room for writes it is degraded.
Probe storage_probe(DuckDBRepository& repository) {
  return {.name = "storage",
          .check = [&]() -> Result<void> {
            const auto state = TRY(repository.state());
            if (!state.read_failure.empty()) return fail(ErrorKind::unavailable, state.read_failure);
            return {};
          },
          .degraded = [&]() -> std::vector<std::string> {
            const auto state = repository.state();
            if (state && state->is_writable) return {};
            return {std::string(state ? disk_full_code : io_error_code)};
          }};
}

}  // namespace

Parts::Parts(const Config& config, const TargetSet& targets, std::stop_source stop)
    : config(config), targets(targets), stop(std::move(stop)) {}
Parts::~Parts() = default;

Result<std::unique_ptr<Parts>> Parts::make(const Config& config, const TargetSet& targets, std::stop_source stop,
                                           std::unique_ptr<parser::Keeper> keeper) {
  auto parts = std::make_unique<Parts>(config, targets, std::move(stop));
  parts->client = TRY(http::make_client({.ca_file = config.ca_file}));
  parts->outside_client = TRY(config.private_addresses ? http::make_client({.ca_file = config.ca_file})
                                                       : http::make_public_client({.ca_file = config.ca_file}));
  TRY(parts->make_control());
  TRY(parts->make_storage());
  TRY(parts->make_queue());
  if (keeper) TRY(parts->make_parser(std::move(keeper)));
  return parts;
}

Result<std::unique_ptr<Provider>> Parts::make_provider(const Connection& connection) {
  TRY(check_servers(connection.provider, connection.settings_json, config.private_addresses != 0));
  return letterlock::make_provider(
      connection, *outside_client, clock, metrics,
      {.archive = {
           .folders = archive_folders_of(config), .unpacked_bytes_max = config.archive_bytes_max, .ratio_max = config.archive_ratio_max}});
}

// The control plane: PostgreSQL where `api` runs in this process, HTTP to it otherwise.
Result<void> Parts::make_control() {
  if (targets.has(TargetName::scheduler)) {
    scheduler_pool = std::make_unique<postgres::Pool>(
        postgres::PoolOptions{.url = config.database_url, .role = "letterlock_scheduler", .connections_max = 2});
    auto reached = scheduler_pool->check();
    if (!reached) return fail(std::move(reached).error().during("PostgreSQL (LETTERLOCK_DATABASE_URL)"));
    if (!targets.has(TargetName::api)) probes.push_back({"postgresql", [this] { return scheduler_pool->check(); }});
  }
  if (targets.has(TargetName::api)) {
    signer = std::make_unique<crypto::ServiceTokenSigner>(TRY(crypto::ServiceTokenSigner::load(config.service_key_file)));
    local_control = TRY(ControlParts::open(config, clock));
    control = &local_control->control;
    probes.push_back({"postgresql", [this] { return local_control->pool.check(); }});
  } else if (targets.has(TargetName::storage) || works()) {
    remote_control = std::make_unique<api::HttpControlPlane>(
        api::HttpControlPlaneOptions{.api_url = config.api_url, .service_token = TRY(read_token(config.service_token_file))}, *client,
        clock, std::stop_token());
    control = remote_control.get();
    probes.push_back({"api", [this]() -> Result<void> {
                        const auto answer = TRY(client->send({.url = config.api_url + "/healthz", .timeout = std::chrono::seconds(3)}, {}));
                        if (answer.status != 200) return fail(ErrorKind::unavailable, "answered " + std::to_string(answer.status));
                        return {};
                      }});
  }
  return {};
}

// The mail store: the files where `storage` runs in this process, Flight to it otherwise.
Result<void> Parts::make_storage() {
  if (targets.has(TargetName::storage)) {
    repository = TRY(DuckDBRepository::open({.folder = DuckDBRepository::tenant_folder(config.duckdb_path),
                                             .migrations_folder = config.share_dir + "/migrations/tenant",
                                             .data_key = [this](const TenantId& tenant) { return control->get_data_key(tenant); },
                                             .reserve_bytes = config.storage_reserve_bytes},
                                            clock, metrics));
    probes.push_back(storage_probe(*repository));
    storage = api_storage = repository.get();
  } else if (targets.has(TargetName::api) || works()) {
    const auto connect = [this](std::string target) {
      const auto token = [this, target](const TenantId& tenant) -> Result<std::string> {
        if (!signer) return tokens.token(tenant);
        return signer->sign({.target = target, .tenant_id = tenant.str(), .expires_at = clock.now() + std::chrono::minutes(10)});
      };
      return FlightStorage::connect({.url = config.storage_url, .ca_file = config.ca_file, .token = token});
    };
    const bool ingests = targets.has(TargetName::ingestion);
    remote_storage = TRY(connect(ingests ? "ingestion" : "api"));  // only ingestion may append, only api erase and forget
    storage = api_storage = remote_storage.get();
    if (ingests && targets.has(TargetName::api)) {
      remote_api_storage = TRY(connect("api"));
      api_storage = remote_api_storage.get();
    }
    probes.push_back({"storage", [this] { return probe_tcp(config.storage_url); }});
  }
  return {};
}

Result<void> Parts::make_queue() {
  if (!targets.has(TargetName::scheduler) && !works()) return {};
  queue = TRY(amqp::RabbitQueue::connect({.url = config.amqp_url,
                                          .prefix = config.amqp_prefix,
                                          .consumer_timeout = std::chrono::seconds(config.consumer_timeout_seconds),
                                          .ca_file = config.ca_file},
                                         clock, metrics));
  probes.push_back({"rabbitmq", [this] { return queue->check(); }});
  return {};
}

// Parser processes: as many as mailboxes can be read at once, so that no mailbox waits for another's message.
Result<void> Parts::make_parser(std::unique_ptr<parser::Keeper> keeper) {
  parser = std::make_unique<parser::ParserProcesses>(
      std::move(keeper), metrics,
      parser::ParserOptions{.budget = {.cpu_seconds = config.message_cpu_seconds_max},
                            .processes_max = static_cast<std::size_t>(config.ingestion_concurrency * config.mailboxes_parallel),
                            .on_keeper_gone = [this] {
                              if (failed.exchange(true)) return;
                              LOG(error, "the keeper of the parser processes is gone: this process ends, to be started again");
                              stop.request_stop();
                            }});
  probes.push_back({"parser", [this] { return parser->check(); }});
  return parser->try_out();
}

bool Parts::works() const { return targets.has(TargetName::ingestion) || targets.has(TargetName::analysis); }

}  // namespace letterlock
