#include <unistd.h>

#include "app/cli.h"
#include "app/lifecycle.h"

int main(int argc, char** argv) {
  letterlock::block_signals();  // before any thread exists
  return letterlock::run_command_line(argc, argv, environ);
}
