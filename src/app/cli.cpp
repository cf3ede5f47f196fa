#include "app/cli.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/commands.h"

namespace letterlock {

int run_command_line(int argc, char** argv, char** environ) {
  CLI::App app("Letterlock reads a company's mail, finds the fraud that costs it money, and shows each alert with its evidence.",
               "letterlock");
  CommandLine line{.environment = environ};
  app.set_version_flag("--version", std::string("letterlock ") + LETTERLOCK_VERSION);
  app.add_option("--config", line.config_file,
                 "File of settings, lines KEY=VALUE; without it the one that LETTERLOCK_CONFIG_FILE names; the environment wins")
      ->type_name("FILE");
  app.require_subcommand(1);
  app.fallthrough();
  add_serve_commands(app, line);
  add_admin_commands(app, line);
  add_job_commands(app, line);
  add_import_command(app, line);
  add_key_commands(app, line);
  add_rules_commands(app, line);
  add_evaluate_command(app, line);
  add_info_commands(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const auto status = line.action();
  if (status) return *status;
  std::cerr << "letterlock: " << status.error().message << "\n";
  return status.error().kind == ErrorKind::invalid ? 2 : 1;
}

}  // namespace letterlock
