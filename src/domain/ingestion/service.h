#pragma once

// One slice of reading one tenant's mail: list users when due, walk the mailboxes from their stored cursors, parse, append; then
// read what each mailbox does with mail by itself.
// Owned by the ingestion target (and by `letterlock import`); any thread, several slices of different tenants at once.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "domain/ingestion/mailbox_pipeline.h"
#include "domain/ingestion/slow_mail.h"
#include "mail/message_parser.h"
#include "model/job.h"
#include "ports/storage.h"
#include "providers/provider.h"

namespace letterlock::ingestion {

// Makes the provider of a connection; providers/factory.h's make_provider bound to the process's client, clock and metrics.
using ProviderFactory = std::function<Result<std::unique_ptr<Provider>>(const Connection&)>;

struct Options {
  std::chrono::seconds slice_duration_max{300};
  std::int64_t slice_messages_max = 50'000;  // then the slice hands over to a continuation
  WalkLimits limits;
  int mailboxes_parallel = 4;              // each holds at most five steps in memory
  std::chrono::seconds users_every{3600};  // list the directory again after this long
  std::chrono::seconds settings_every{0};  // read a mailbox's settings again after this long; 0: with each of its walks
  // CPU time that the slow messages of a slice may take to be understood; then the slice hands over to a continuation, which waits as
  // long as the slice took. So a tenant whose mail is slow has at most half of a slot's time.
  std::chrono::seconds slow_mail_max{10};
  int failures_consecutive_max = 3;  // mailboxes that fail one after the other because the provider is unavailable
};

class Service {
 public:
  Service(Storage& storage, mail::MessageParser& parser, ProviderFactory make_provider, Clock& clock, Metrics& metrics,
          Options options = {});

  // Never throws away what was stored: an error of the connection is outcome.error, next to what arrived before it.
  // The Result is an error only where the slice could not be judged at all (storage cannot be read).
  Result<SliceOutcome> sync_tenant(const Connection& connection, std::stop_token stop);

 private:
  struct Slice;
  Result<std::vector<User>> users_of(Slice& slice);
  Result<std::vector<User>> in_fair_order(Slice& slice, std::vector<User> users);
  void sync_mailbox(Slice& slice, const User& user);
  void sync_settings(Slice& slice, const User& user, MailboxOutcome& result);
  Result<std::int64_t> newest_ingest_seq(const TenantId& tenant);

  Storage& storage_;
  mail::MessageParser& parser_;
  ProviderFactory make_provider_;
  Clock& clock_;
  Metrics& metrics_;
  Options options_;

  SlowMail slow_mail_;
  std::mutex mutex_;
  std::map<ConnectionId, TimePoint> users_listed_at_;
  std::map<std::pair<ConnectionId, MailboxId>, TimePoint> tried_at_;  // so that a failing mailbox does not always go first
  std::map<std::pair<ConnectionId, MailboxId>, TimePoint> settings_read_at_;
};

}  // namespace letterlock::ingestion
