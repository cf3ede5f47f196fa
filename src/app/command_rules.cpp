// rules lint|test|run: detection's own command, over this installation's rule pack and a throw-away DuckDB file.

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/scratch_storage.h"
#include "base/log.h"
#include "domain/detection/rules_command.h"

namespace letterlock {

void add_rules_commands(CLI::App& app, CommandLine& line) {
  auto* rules = app.add_subcommand("rules", "lint | test [RULE…] | run RULE|all FILE.eml…: the rule pack (letterlock rules explains)");
  rules->fallthrough(false);
  rules->allow_extras();  // all that follows is the command's own, its --options included
  rules->prefix_command();
  rules->callback([&line, rules] {
    const auto arguments = std::make_shared<std::vector<std::string>>(rules->remaining());
    line.action = [&line, arguments]() -> Result<int> {
      const auto config = TRY(line.config());
      set_log(LogLevel::warn, "cli");
      return detection::rules_command(*arguments, {.folder = config.share_dir + "/rules",
                                                   .scratch_storage = [&] { return make_scratch_storage(config.share_dir); },
                                                   .out = std::cout,
                                                   .error = std::cerr});
    };
  });
}

}  // namespace letterlock
