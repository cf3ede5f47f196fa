#pragma once

// Faults on order and by seed: which request gets which wrong answer. Owned by Simulator; any thread.

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "sim/call.h"
#include "sim/fault_table.h"
#include "sim/json.h"

namespace letterlock::sim {

// What is wrong with one answer: a row of the table, or an order in full.
struct Fault {
  std::string provider;
  std::string match;  // part of the path and query; empty: any
  const FaultKind* kind = nullptr;
  int times = 1;
  // Without a row:
  int status = 0;  // 0: keep the right answer (to delay or cut it)
  std::optional<std::string> retry_after;
  std::optional<std::size_t> cut_after_bytes;
  std::optional<std::string> body;
  std::chrono::milliseconds delay{0};
};

// Random faults: the same for the same seed and number of request. Written "SEED[:RATE[:GROUPS]]", GROUPS separated by
// commas or "all"; by default every group but lasting, at a rate of 0.02.
struct FaultSeed {
  std::uint64_t seed = 0;
  double rate = 0.02;  // share of requests, 0 to 1; of lasting ones: of mailboxes and of messages
  std::set<FaultGroup> groups = {FaultGroup::passing, FaultGroup::token, FaultGroup::cursor, FaultGroup::page};
};
Result<FaultSeed> read_fault_seed(std::string_view text);
Result<std::set<FaultGroup>> read_fault_groups(std::string_view text);

class Faults {
 public:
  void order(Fault fault);
  void seed(std::optional<FaultSeed> seed);
  void clear();  // orders, seed and conditions

  // A lasting condition of a mailbox: a lasting row's name, "suspended", or empty for none.
  void set_condition(const std::string& provider, const std::string& address, std::string condition);
  std::string condition(std::string_view provider, const std::string& address) const;
  void set_corrupt(const std::string& provider, const std::string& id, bool corrupt);
  bool is_corrupt(std::string_view provider, const std::string& id) const;

  // The fault for this call, if there is one; counts it.
  std::optional<Fault> take(const Call& call);
  Json json() const;  // {"seed","orders":[…],"conditions":{…},"taken":{"google":{"rate-limited":3}}}

 private:
  std::optional<Fault> choose(const Call& call);
  std::string condition_locked(std::string_view provider, const std::string& address) const;
  bool is_corrupt_locked(std::string_view provider, const std::string& id) const;
  bool drawn(std::string_view provider, std::string_view what, const std::string& key) const;

  mutable std::mutex mutex_;
  std::vector<Fault> orders_;
  std::optional<FaultSeed> seed_;
  std::map<std::string, std::string> conditions_;                      // "provider/address"
  std::map<std::string, bool> corrupt_;                                // "provider/id"; false: mended although the seed drew it
  std::map<std::string, std::uint64_t, std::less<>> requests_;         // by provider
  std::map<std::string, std::map<std::string, std::uint64_t>> taken_;  // by provider and name
};

}  // namespace letterlock::sim
