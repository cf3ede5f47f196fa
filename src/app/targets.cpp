// The whole program as one table.

#include "app/targets.h"

#include <unistd.h>

#include <format>
#include <stop_token>
#include <thread>

#include "adapters/duckdb/duckdb_repository.h"
#include "adapters/flight/flight_server.h"
#include "app/start_api.h"
#include "base/log.h"
#include "domain/detection/runner.h"
#include "domain/ingestion/service.h"
#include "targets/analysis/analysis_work.h"
#include "targets/ingestion/ingestion_work.h"
#include "targets/scheduler/scheduler.h"
#include "targets/storage/endpoint_file.h"
#include "targets/storage/storage_reporter.h"

namespace letterlock {
namespace {

std::string worker_name(TargetName target) {
  char host[256] = "unknown";
  gethostname(host, sizeof host - 1);
  return std::format("{}@{}:{}", to_string(target), host, getpid());
}

class StorageTarget final : public Running {
 public:
  static Result<std::unique_ptr<Running>> start(Parts& parts) {
    auto target = std::make_unique<StorageTarget>();
    const auto& config = parts.config;
    auto verifier = TRY(crypto::ServiceTokenVerifier::load(config.service_public_key_file));
    target->server_ = TRY(FlightServer::start(*parts.repository, std::move(verifier), parts.clock, parts.metrics,
                                              {.address = config.flight_address.host,
                                               .port = config.flight_address.port,
                                               .certificate_file = config.tls_certificate_file,
                                               .key_file = config.tls_key_file}));
    target->folder_ = DuckDBRepository::tenant_folder(config.duckdb_path);
    target->reporter_ = std::make_unique<StorageReporter>([&parts] { return parts.repository->state(); }, *parts.control, parts.clock);
    target->reporting_ = std::jthread([reporter = target->reporter_.get()](std::stop_token stop) { reporter->run(stop); });
    TRY(write_endpoint_file(target->folder_, std::format("grpc{}://{}:{}", config.tls_certificate_file.empty() ? "" : "+tls",
                                                         config.flight_address.host, target->server_->port())));
    return target;
  }
  void stop() override {
    reporting_.request_stop();
    remove_endpoint_file(folder_);
    server_->stop(std::chrono::seconds(10));
  }
  std::uint16_t flight_port() const override { return server_->port(); }

 private:
  std::unique_ptr<FlightServer> server_;
  std::string folder_;
  std::unique_ptr<StorageReporter> reporter_;
  std::jthread reporting_;  // ends before what it uses
};

class SchedulerTarget final : public Running {
 public:
  explicit SchedulerTarget(Parts& parts)
      : store_(*parts.scheduler_pool, parts.clock),
        leader_(parts.config.database_url),
        scheduler_(
            store_, parts.queue->publisher(), parts.clock, parts.metrics,
            {.kept = {.jobs = std::chrono::days(parts.config.jobs_kept_days), .audit = std::chrono::days(parts.config.audit_kept_days)},
             .pause_max = std::chrono::seconds(parts.config.scheduler_seconds_max)}) {}

  static Result<std::unique_ptr<Running>> start(Parts& parts) {
    auto target = std::make_unique<SchedulerTarget>(parts);
    target->thread_ = std::jthread([self = target.get()](std::stop_token stop) { self->scheduler_.run(self->leader_, stop); });
    return target;
  }
  void stop() override {
    thread_.request_stop();
    thread_.join();
  }

 private:
  JobStore store_;
  Leader leader_;
  Scheduler scheduler_;
  std::jthread thread_;
};

// A consumer of jobs around one kind of work: ask the work to end, then wait for its record and its ack.
class ConsumerTarget : public Running {
 public:
  void consume(Parts& parts, TargetName name, JobKind kind, std::int64_t concurrency, std::unique_ptr<JobWork> work) {
    work_ = std::move(work);
    worker_ = std::make_unique<Worker>(WorkerOptions{.kind = kind, .name = worker_name(name)}, *parts.control, *work_,
                                       parts.remote_control ? &parts.tokens : nullptr, parts.clock, parts.metrics);
    consumer_ = parts.queue->make_consumer(kind, static_cast<unsigned>(concurrency),
                                           [this](const JobMessage& message) { return worker_->handle(message); });
  }
  void stop() override {
    worker_->request_stop();
    consumer_->stop();
  }

 private:
  std::unique_ptr<JobWork> work_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<JobConsumer> consumer_;
};

class IngestionTarget final : public ConsumerTarget {
 public:
  explicit IngestionTarget(Parts& parts)
      : service_(*parts.storage, *parts.parser, [&parts](const Connection& connection) { return parts.make_provider(connection); },
                 parts.clock, parts.metrics,
                 {.slice_duration_max = std::chrono::seconds(parts.config.slice_seconds_max),
                  .slice_messages_max = parts.config.slice_messages_max,
                  .limits = {.message_bytes_max = parts.config.message_bytes_max},
                  .mailboxes_parallel = static_cast<int>(parts.config.mailboxes_parallel),
                  .users_every = std::chrono::seconds(parts.config.users_every_seconds),
                  .settings_every = std::chrono::seconds(parts.config.settings_every_seconds)}) {}

  static Result<std::unique_ptr<Running>> start(Parts& parts) {
    auto target = std::make_unique<IngestionTarget>(parts);
    target->consume(parts, TargetName::ingestion, JobKind::ingestion, parts.config.ingestion_concurrency,
                    std::make_unique<IngestionWork>(*parts.control, target->service_));
    return target;
  }

 private:
  ingestion::Service service_;
};

class AnalysisTarget final : public ConsumerTarget {
 public:
  AnalysisTarget(Parts& parts, detection::RulePack pack)
      : pack_(std::move(pack)), runner_(*parts.storage, pack_, parts.clock, parts.metrics) {}

  static Result<std::unique_ptr<Running>> start(Parts& parts) {
    auto target = std::make_unique<AnalysisTarget>(parts, TRY(detection::RulePack::load(parts.config.share_dir + "/rules")));
    target->consume(parts, TargetName::analysis, JobKind::analysis, parts.config.analysis_concurrency,
                    std::make_unique<AnalysisWork>(*parts.control, target->runner_));
    return target;
  }

 private:
  detection::RulePack pack_;
  detection::Runner runner_;
};

// In the order of starting; stopped in the reverse order, with the HTTP listener between those that work and those that serve.
constexpr Target table[] = {
    {TargetName::storage, "the tenants' DuckDB files, Arrow Flight and Flight SQL", "api (data keys)", true, StorageTarget::start},
    {TargetName::api, "PostgreSQL, sessions, alerts, the console's files", "browser, other targets, storage (one message)", true,
     start_api},
    {TargetName::scheduler, "who is due, publishing jobs, expired leases", "PostgreSQL, RabbitMQ", false, SchedulerTarget::start},
    {TargetName::analysis, "the rule pack", "RabbitMQ, storage (read-only), api (alerts)", false, AnalysisTarget::start},
    {TargetName::ingestion, "reading the providers", "RabbitMQ, providers, storage, api (credentials, progress)", false,
     IngestionTarget::start},
};

}  // namespace

std::span<const Target> targets() { return table; }

std::string describe_targets() {
  std::string text = std::format("{:<10}  {:<52}  {}\n", "target", "owns", "talks to");
  for (const auto& target : table) text += std::format("{:<10}  {:<52}  {}\n", to_string(target.name), target.owns, target.talks_to);
  return text + "\nletterlock serve --target=all runs them in one process; --target=NAME,NAME… runs those alone.\n";
}

}  // namespace letterlock
