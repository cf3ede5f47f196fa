#pragma once

// What the providers count and refuse: Gmail's units per user and project, the Directory's queries, Graph's requests and
// concurrency per mailbox, resource units of its directory. Owned by Simulator; any thread. The tables are providers.md's,
// sections 1.5 and 2.6; "old" are Google's numbers for projects from before 2026-05-01.

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "adapters/http/server.h"
#include "base/clock.h"
#include "base/result.h"
#include "sim/call.h"
#include "sim/json.h"

namespace letterlock::sim {

enum class GoogleTable { off, old_projects, new_projects };

struct QuotaLimits {
  GoogleTable google = GoogleTable::off;
  std::uint64_t google_user_units_per_minute = 6'000;  // 15'000 for old projects
  std::uint64_t google_project_units_per_minute = 1'200'000;
  std::uint64_t google_concurrent_per_user = 50;  // undocumented; batches of more than 50 calls meet it
  std::uint64_t directory_queries_per_minute = 2'400;
  bool microsoft = false;
  std::uint64_t graph_mailbox_requests_per_10_minutes = 10'000;
  std::uint64_t graph_mailbox_concurrent = 4;
  std::uint64_t graph_directory_units_per_10_seconds = 3'500;  // of a tenant with fewer than 50 users
  std::uint64_t graph_app_requests_per_10_seconds = 130'000;
};
// "off", "old" or "new" (Google's table; Microsoft's limits with both).
Result<QuotaLimits> read_quota_limits(std::string_view text);

// Units that a call of this kind costs; 0 for what is not counted.
std::uint64_t gmail_units(GoogleTable table, std::string_view kind);

class Quotas {
 public:
  explicit Quotas(Clock& clock) : clock_(clock) {}

  void set(QuotaLimits limits);  // and forget what was used
  QuotaLimits limits() const;
  Json json() const;  // the limits, what the current windows have used, and refusals by limit

  // A call that is being answered; counts towards concurrency until it is destroyed.
  class Ticket {
   public:
    Ticket(Quotas& quotas, std::string running, std::optional<http::Response> refusal)
        : refusal(std::move(refusal)), quotas_(quotas), running_(std::move(running)) {}
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    ~Ticket();
    std::optional<http::Response> refusal;  // when a limit is reached; refused calls count too

   private:
    Quotas& quotas_;
    const std::string running_;  // empty: not counted
  };
  Ticket enter(const Call& call);

 private:
  struct Window {
    TimePoint start;
    std::uint64_t used = 0;
  };
  // Take `cost` from the window; the time until it starts anew when that is too much.
  std::optional<Duration> spend(const std::string& key, std::uint64_t cost, std::uint64_t limit, std::chrono::seconds length);
  std::optional<http::Response> refuse_google(const Call& call);
  std::optional<http::Response> refuse_microsoft(const Call& call);

  Clock& clock_;
  mutable std::mutex mutex_;
  QuotaLimits limits_;
  std::map<std::string, Window> windows_;
  std::map<std::string, std::uint64_t> running_;
  std::map<std::string, std::uint64_t> refused_;
};

}  // namespace letterlock::sim
