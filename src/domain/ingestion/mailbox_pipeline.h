#pragma once

// One mailbox of one slice: fetch → parse → append, each on its own thread, with bounded queues between them. Memory holds at
// most five steps, whatever the mailbox's size. Lives for one call of run(); run() blocks.

#include <atomic>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "domain/ingestion/slow_mail.h"
#include "mail/message_parser.h"
#include "model/job.h"
#include "ports/storage.h"
#include "providers/provider.h"

namespace letterlock::ingestion {

struct MailboxRun {
  Provider& provider;
  Storage& storage;
  mail::MessageParser& parser;
  SlowMail& slow_mail;
  Clock& clock;
  Metrics& metrics;
  TenantId tenant;
  User user;
  mail::ParseContext context;
  WalkLimits limits;
  // Asked before each step; false: the slice's limit is reached. is_first: of this run.
  std::function<bool(const Step& step, bool is_first)> may_go_on;
  // Told of the CPU time of each message that took long to understand; false: the slice's time for such messages is used up.
  std::function<bool(std::chrono::duration<double> cpu)> may_take_time;
  std::chrono::duration<double> slow_message_min{0.25};  // CPU time from which a message counts as slow
  std::stop_token stop;
};

struct MailboxOutcome {
  MailboxProgress progress;
  std::int64_t last_ingest_seq = 0;          // > 0 only when rows were inserted
  std::optional<TimePoint> first_stored_at;  // of the first of them
  bool stopped_by_limit = false;             // mail may be left
  bool fenced = false;                       // somebody else writes this mailbox
  bool stopped_by_slow_mail = false;         // may_take_time said so; mail is left
  std::int64_t over_budget = 0;              // messages set aside because understanding them took too much time or memory
  std::optional<Error> parser_error;         // nobody can understand messages now
  std::optional<Error> provider_error;
  std::optional<Error> storage_error;
};

MailboxOutcome run_mailbox(const MailboxRun& run);

}  // namespace letterlock::ingestion
