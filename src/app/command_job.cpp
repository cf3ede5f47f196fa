// job dead|replay: jobs that no worker could finish, for the operator of the installation.

#include <CLI/CLI.hpp>
#include <format>
#include <iostream>
#include <memory>
#include <string>

#include "adapters/postgres/pool.h"
#include "app/commands.h"
#include "domain/jobs/job_store.h"

namespace letterlock {
namespace {

constexpr int listed_max = 1'000;

struct JobParts {
  SystemClock clock;
  postgres::Pool pool;
  JobStore store{pool, clock};

  explicit JobParts(const std::string& url) : pool({.url = url, .role = "letterlock_scheduler", .connections_max = 1}) {}
};

Result<std::unique_ptr<JobParts>> open(const CommandLine& line) {
  const auto config = TRY(line.config());
  if (config.database_url.empty()) return fail(ErrorKind::invalid, "LETTERLOCK_DATABASE_URL is not set (letterlock config explains it)");
  return std::make_unique<JobParts>(config.database_url);
}

Result<int> list_dead(const CommandLine& line) {
  const auto parts = TRY(open(line));
  const auto dead = TRY(parts->store.dead(listed_max));
  for (const auto& job : dead)
    std::cout << std::format("{}  {}  {:<9}  tenant {}  {}\n", job.message.job_id.str(), to_rfc3339(job.finished_at),
                             to_string(job.message.kind), job.message.tenant_id.str(), job.reason);
  if (dead.empty()) std::cerr << "no job is dead\n";
  if (std::ssize(dead) == listed_max) std::cerr << "only the oldest " << listed_max << " are shown\n";
  return 0;
}

Result<int> replay(const CommandLine& line, const std::string& id) {
  const auto parts = TRY(open(line));
  const auto message = TRY(parts->store.replay(JobId(id)));
  std::cout << std::format("{}: queued again, the scheduler publishes it\n", message.job_id.str());
  return 0;
}

}  // namespace

void add_job_commands(CLI::App& app, CommandLine& line) {
  auto* job = app.add_subcommand("job", "Jobs that died: list them, let one run again")->require_subcommand(1);
  job->add_subcommand("dead", "List the dead jobs of all tenants, oldest first: id, when, kind, tenant, reason")->callback([&line] {
    line.action = [&line] { return list_dead(line); };
  });
  auto* again = job->add_subcommand("replay", "Queue a dead job again, with all its attempts");
  const auto id = std::make_shared<std::string>();
  again->add_option("JOB_ID", *id, "As `letterlock job dead` shows it")->required();
  again->callback([&line, id] { line.action = [&line, id] { return replay(line, *id); }; });
}

}  // namespace letterlock
