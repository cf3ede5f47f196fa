#pragma once

// What the targets of one process share: clock, metrics, broker, control plane, storage. Whatever is in this process is
// called directly; whatever is elsewhere is reached over HTTP (control plane) and Flight (storage). Made once by serve,
// destroyed in the reverse order.

#include <atomic>
#include <memory>
#include <stop_token>
#include <vector>

#include "adapters/amqp/rabbit_queue.h"
#include "adapters/crypto/crypto.h"
#include "adapters/http/client.h"
#include "adapters/http/server.h"
#include "adapters/parser/parser_processes.h"
#include "app/config.h"
#include "app/control_parts.h"
#include "app/probes.h"
#include "app/target_set.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "ports/control_plane.h"
#include "ports/storage.h"
#include "providers/provider.h"
#include "targets/job_tokens.h"

namespace letterlock {

class DuckDBRepository;

struct Parts {
  // keeper: where `ingestion` runs in this process.
  static Result<std::unique_ptr<Parts>> make(const Config& config, const TargetSet& targets, std::stop_source stop,
                                             std::unique_ptr<parser::Keeper> keeper);
  Parts(const Config& config, const TargetSet& targets, std::stop_source stop);
  ~Parts();

  const Config config;
  const TargetSet targets;
  std::stop_source stop;
  SystemClock clock;
  Metrics metrics;
  JobTokens tokens;                              // of the jobs that run here, where `api` is elsewhere
  std::unique_ptr<http::Client> client;          // towards `api`
  std::unique_ptr<http::Client> outside_client;  // towards servers that tenants name; public ones, unless LETTERLOCK_PRIVATE_ADDRESSES

  std::unique_ptr<crypto::ServiceTokenSigner> signer;  // api
  std::unique_ptr<ControlParts> local_control;         // api
  std::unique_ptr<postgres::Pool> scheduler_pool;      // scheduler
  std::unique_ptr<ControlPlane> remote_control;        // storage, ingestion, analysis without api
  ControlPlane* control = nullptr;                     // whichever of the two there is

  std::unique_ptr<DuckDBRepository> repository;  // storage
  std::unique_ptr<Storage> remote_storage;       // api, ingestion, analysis without storage
  Storage* storage = nullptr;                    // whichever of the two there is
  std::unique_ptr<Storage> remote_api_storage;   // api with ingestion, without storage
  Storage* api_storage = nullptr;                // the same storage with the rights of api

  std::atomic<bool> failed = false;                 // a part that cannot be made again is gone: the process stops, with an error
  std::unique_ptr<parser::ParserProcesses> parser;  // ingestion

  std::unique_ptr<amqp::RabbitQueue> queue;  // scheduler, ingestion, analysis

  // Of a connection whose servers may be reached.
  Result<std::unique_ptr<Provider>> make_provider(const Connection& connection);

  std::vector<http::Route> routes, internal_routes;  // added by the targets before HTTP starts; internal: for other targets
  std::vector<Probe> probes;

 private:
  Result<void> make_control();
  Result<void> make_storage();
  Result<void> make_queue();
  Result<void> make_parser(std::unique_ptr<parser::Keeper> keeper);
  bool works() const;
};

}  // namespace letterlock
