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
#include "mail/message.h"
#include "model/job.h"
#include "ports/storage.h"
#include "providers/provider.h"

namespace letterlock::ingestion {

struct MailboxRun {
  Provider& provider;
  Storage& storage;
  Clock& clock;
  Metrics& metrics;
  TenantId tenant;
  User user;
  mail::ParseContext context;
  WalkLimits limits;
  // Asked before each step with the number of messages in it; false: the slice's limit is reached.
  std::function<bool(std::int64_t messages)> may_go_on;
  std::stop_token stop;
};

struct MailboxOutcome {
  MailboxProgress progress;
  std::int64_t last_ingest_seq = 0;  // > 0 only when rows were inserted
  bool stopped_by_limit = false;     // mail may be left
  bool fenced = false;               // somebody else writes this mailbox
  std::optional<Error> provider_error;
  std::optional<Error> storage_error;
};

MailboxOutcome run_mailbox(const MailboxRun& run);

}  // namespace letterlock::ingestion
