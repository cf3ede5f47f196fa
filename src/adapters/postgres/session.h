#pragma once

// One connection of its own, for what belongs to a session rather than to a transaction: advisory locks and
// notifications. Owned by one thread.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace letterlock::postgres {

class Session {
 public:
  // unavailable: the server cannot be reached.
  static Result<std::unique_ptr<Session>> connect(const std::string& url);
  ~Session();

  // Take a session-level advisory lock; false: another session has it. It goes with the session.
  Result<bool> try_lock(std::int64_t key);
  // A cheap question that fails once the connection is lost.
  Result<void> check();
  Result<void> listen(const std::string& channel);
  // Wait for a notification; false when none came in time.
  Result<bool> wait(std::chrono::milliseconds timeout);

 private:
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace letterlock::postgres
