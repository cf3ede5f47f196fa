// import.

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "app/commands.h"
#include "app/import.h"

namespace letterlock {

void add_import_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand(
      "import", "Read real mail (.eml, .mbox, Maildir, also inside .tar.zst/.gz) into a tenant of the running installation");
  const auto options = std::make_shared<ImportOptions>();
  const auto no_wait = std::make_shared<bool>(false);
  command->add_option("--tenant", options->tenant, "Name of the tenant")->required();
  command->add_option("PATH", options->paths, "Files and folders")->required()->expected(1, -1);
  command->add_option("--mailbox", options->mailbox, "Address of the mailbox that the mail is kept under")->capture_default_str();
  command->add_option("--domain", options->domains, "A domain that the company owns; may be repeated (default: the mailbox's)")
      ->allow_extra_args(false);
  command->add_option("--authserv-id", options->authserv_ids, "authserv-id whose Authentication-Results are believed; may be repeated")
      ->allow_extra_args(false);
  command->add_flag("--create", options->create, "Create the tenant if it is missing");
  command->add_flag("--no-wait", *no_wait, "Queue the job and end");
  command->callback([&line, options, no_wait] {
    line.action = [&line, options, no_wait]() -> Result<int> {
      options->wait = !*no_wait;
      const auto config = TRY(line.config());
      set_log(LogLevel::warn, "cli");
      SystemClock clock;
      const auto control = TRY(ControlParts::open(config, clock));
      return import_mail(config, *control, *options, std::cout);
    };
  });
}

}  // namespace letterlock
