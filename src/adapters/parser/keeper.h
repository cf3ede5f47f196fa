#pragma once

// The keeper: a process of one thread that forks parser processes on demand. It is forked itself from a process that has read no
// settings and started no thread yet, so nothing that the worker learns later (keys, tokens, mail of other tenants) is in a parser.
// The worker owns it; any thread may call it.

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <mutex>

#include "base/result.h"

namespace letterlock::parser {

struct Process {
  pid_t pid = -1;
  int socket = -1;  // a stream to it; the caller closes it
};

struct ProcessEnd {
  int wait_status = 0;  // as waitpid gives it
  std::chrono::duration<double> cpu{0};
};

class Keeper {
 public:
  // What a parser process does with its end of the stream until the other end is closed. In a sandbox from before the first byte.
  using Work = void (*)(int socket);

  // Fork the keeper. `prepare` runs in it once, before any parser is forked. Call before the process reads its settings and starts threads.
  // The environment is wiped in the child.
  static Result<std::unique_ptr<Keeper>> start(Work work, void (*prepare)());
  // Ends the keeper, which ends its parsers.
  ~Keeper();
  Keeper(const Keeper&) = delete;

  // unavailable: the keeper is gone, or the system refused a process.
  Result<Process> spawn();
  // Kill the process if it still runs, and say how it ended. The caller got it from spawn() and calls this once.
  Result<ProcessEnd> end(pid_t pid);
  // unavailable: the keeper is gone.
  Result<void> check() const;

 private:
  Keeper(pid_t pid, int control) : pid_(pid), control_(control) {}

  const pid_t pid_;
  const int control_;
  std::mutex mutex_;
};

}  // namespace letterlock::parser
