// serve, scheduler --once.

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "adapters/parser/parser_processes.h"
#include "app/commands.h"
#include "app/lifecycle.h"
#include "app/parts.h"
#include "app/serve.h"
#include "targets/scheduler/scheduler.h"

namespace letterlock {
namespace {

// One round for a CronJob. Another leader at work is no failure.
Result<int> schedule_once(const Config& config) {
  set_log(config.log_level, "scheduler");
  const auto targets = TRY(TargetSet::parse("scheduler"));
  TRY(check_needs(config, targets));
  const auto parts = TRY(Parts::make(config, targets, {}, nullptr));
  Leader leader(config.database_url);
  if (!TRY(leader.hold())) {
    std::cout << "another scheduler leads; nothing done\n";
    return 0;
  }
  JobStore store(*parts->scheduler_pool, parts->clock);
  const auto round = TRY(Scheduler(store, parts->queue->publisher(), parts->clock, parts->metrics).run_once());
  std::cout << "due " << round.due << ", published " << round.published << ", unconfirmed " << round.unconfirmed << ", queued again "
            << round.queued_again << ", dead " << round.dead << "\n";
  return round.unconfirmed > 0 ? 1 : 0;
}

}  // namespace

void add_serve_commands(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("serve", "Run targets in this process until SIGTERM");
  const auto target = std::make_shared<std::string>("all");
  command->add_option("--target", *target, "all, or any of api,scheduler,ingestion,analysis,storage with commas")->capture_default_str();
  command->callback([&line, target] {
    line.action = [&line, target]() -> Result<int> {
      const auto wanted = TRY(TargetSet::parse(*target));
      // Before the settings are read and threads started: a parser process must hold nothing of either.
      auto keeper = wanted.has(TargetName::ingestion) ? TRY(parser::start_mail_keeper()) : nullptr;
      return serve(TRY(line.config()), wanted, std::move(keeper));
    };
  });

  auto* scheduler = app.add_subcommand("scheduler", "Run the scheduler alone; --once: one round, for a CronJob");
  const auto once = std::make_shared<bool>(false);
  scheduler->add_flag("--once", *once, "Queue what is due, publish, and end");
  scheduler->callback([&line, once] {
    line.action = [&line, once]() -> Result<int> {
      const auto config = TRY(line.config());
      return *once ? schedule_once(config) : serve(config, TRY(TargetSet::parse("scheduler")), nullptr);
    };
  });
}

}  // namespace letterlock
