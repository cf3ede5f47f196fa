#pragma once

// mail::MessageParser over parser processes: each message has a budget of CPU time, time and memory. A message that goes over it, or
// crashes its process, is answered with an error that says so; its neighbours go on in a new process.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/parser/keeper.h"
#include "adapters/parser/sandbox.h"
#include "base/metrics.h"
#include "mail/message_parser.h"

namespace letterlock::parser {

struct ParserOptions {
  Budget budget;
  std::size_t processes_max = 8;               // started when they are needed; who finds none free waits
  std::chrono::milliseconds slow_after{2000};  // a message that is not understood by then is logged and counted while it is read
  // Called, perhaps more than once, when no parser can be started any more: the program must be started again. Any thread.
  std::function<void()> on_keeper_gone = [] {};
  std::int64_t kept_bytes_max = 128 << 20;  // a process that has grown past it ends after its step
};

// Parse with src/mail in the processes of a keeper: start it with this.
Result<std::unique_ptr<Keeper>> start_mail_keeper();

class ParserProcesses final : public mail::MessageParser {
 public:
  // The keeper's work speaks the protocol of parser_work.h.
  ParserProcesses(std::unique_ptr<Keeper> keeper, Metrics& metrics, ParserOptions options = {});
  ~ParserProcesses() override;

  // Blocks until a process is free. When `stop` is asked, the message that is being read is given up.
  Result<bool> parse(std::span<const mail::ParseInput> inputs, const mail::ParseContext& context, const mail::ParseOrigin& origin,
                     const mail::ParseSink& sink, std::stop_token stop) override;

  // Read a message of our own, for the start of the program. unavailable: parser processes do not work on this machine, and why.
  Result<void> try_out();
  // unavailable: no process can be started any more.
  Result<void> check() const { return keeper_->check(); }
  // CPU time of all parser processes so far, those that live included.
  double cpu_seconds() const;

 private:
  class Step;

  struct Idle {
    Process process;
    std::string tenant;  // whose mail it read last: it reads nobody else's
  };
  struct Taken {
    Process process;  // pid -1: stop was asked
    bool is_new = false;
  };

  Result<Taken> take(const std::string& tenant, std::stop_token stop);
  void give_back(Process process, const std::string& tenant, bool is_healthy);
  Result<ProcessEnd> end(const Process& process);
  void count_slow(int change);

  const std::unique_ptr<Keeper> keeper_;
  Metrics& metrics_;
  const ParserOptions options_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable_any freed_;
  std::vector<Idle> idle_;
  std::vector<pid_t> living_;
  double ended_cpu_seconds_ = 0;
  int slow_ = 0;
};

}  // namespace letterlock::parser
