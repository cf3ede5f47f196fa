#pragma once

// Reads one Gmail mailbox from its cursor to the present: a full listing first, the history ever after, a full listing with mark
// and sweep when the history was forgotten. Lives for one walk, on one thread.

#include <deque>
#include <set>

#include "providers/google/google_api.h"
#include "providers/provider.h"

namespace letterlock::providers {

class GmailWalk {
 public:
  GmailWalk(GoogleApi& api, const User& user, const WalkLimits& limits, const StepSink& sink, const std::stop_token& stop,
            int item_failures_max);

  // Errors as in provider.h; code_stopped where the sink or the stop token ended it.
  Result<void> run(const StoredCursor* stored);

 private:
  // What a get of one pending id brought.
  struct Fetched {
    enum class Kind { message, skip, set_aside } kind = Kind::skip;
    FetchedMessage message;
    SetAside set_aside;
  };

  Result<void> start_full(std::int64_t generation);
  Result<void> run_full();
  Result<bool> run_live();  // false: the history was forgotten
  Result<GmailHistory> read_history();
  Step take_events(const GmailHistory& page);
  Result<void> drain_pending(Step step);
  Result<void> fill(Step& step);
  Result<void> fetch_more();
  Result<Fetched> judge(const std::string& id, Result<std::string> body, bool neighbours_are_well);
  Result<bool> is_mailbox_well();
  Result<void> emit(Step&& step);

  GoogleApi& api_;
  const User& user_;
  const WalkLimits& limits_;
  const StepSink& sink_;
  const std::stop_token& stop_;
  const int item_failures_max_;
  const CursorKey key_;

  GmailCursor cursor_;
  std::deque<Fetched> fetched_;  // of the first ids of cursor_.pending, not yet in a step
  std::int64_t bytes_average_ = 64 << 10;
  int failures_consecutive_ = 0;
  int missing_consecutive_ = 0;
};

}  // namespace letterlock::providers
