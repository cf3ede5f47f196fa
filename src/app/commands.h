#pragma once

// What cli.cpp puts together: each function adds its subcommands to the parser; the one that was given sets the action.

#include <functional>
#include <string>

#include "app/config.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace letterlock {

struct CommandLine {
  char** environment = nullptr;         // as main got it; read when an action asks for the settings
  std::string config_file;              // --config
  std::function<Result<int>()> action;  // of the subcommand that was given; the exit status

  Result<Config> config() const { return load_config(environment_of(environment), config_file); }
};

void add_serve_commands(CLI::App& app, CommandLine& line);    // serve, scheduler
void add_admin_commands(CLI::App& app, CommandLine& line);    // migrate, tenant, person, connection, api-key
void add_job_commands(CLI::App& app, CommandLine& line);      // job
void add_import_command(CLI::App& app, CommandLine& line);    // import
void add_key_commands(CLI::App& app, CommandLine& line);      // keys, service-token
void add_info_commands(CLI::App& app, CommandLine& line);     // config, targets, healthcheck
void add_rules_commands(CLI::App& app, CommandLine& line);    // rules
void add_evaluate_command(CLI::App& app, CommandLine& line);  // evaluate

}  // namespace letterlock
