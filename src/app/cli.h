#pragma once

// The command line. Every subcommand is one function; letterlock --help is their table of contents.

namespace letterlock {

// Parse, run, return the exit status: 0 done, 1 failed, 2 wrong usage or configuration.
int run_command_line(int argc, char** argv, char** environ);

}  // namespace letterlock
