#pragma once

// Statements that the engine still computes some time after it was told to stop: the engine looks at an interrupt between two
// steps, and a step may be long. Shown, since each holds a thread. Internal to this adapter.

#include <chrono>
#include <mutex>
#include <string_view>

#include "base/metrics.h"
#include "model/ids.h"

namespace letterlock::duckdb_adapter {

// One for the repository. Any thread.
class OverdueStatements {
 public:
  // after: how long after its deadline a statement is overdue.
  OverdueStatements(Metrics& metrics, std::chrono::milliseconds after);

  std::chrono::milliseconds after() const { return after_; }
  // Counts and logs it by the SHA-256 of its text; the text may hold what was read in a message.
  void add(const TenantId& tenant, std::string_view sql_sha256);
  void remove(const TenantId& tenant, std::string_view sql_sha256, std::chrono::milliseconds late);

 private:
  void show();  // under the mutex

  Metrics& metrics_;
  const std::chrono::milliseconds after_;
  std::mutex mutex_;
  int count_ = 0;
};

}  // namespace letterlock::duckdb_adapter
