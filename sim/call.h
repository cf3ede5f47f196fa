#pragma once

// One request as the simulators see it: what it is about, and what is to go wrong with it. A value; lives for one answer.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/server.h"
#include "sim/fault_table.h"

namespace letterlock::sim {

struct Call {
  const http::Request& request;
  std::string_view provider;      // google or microsoft
  std::vector<std::string> path;  // decoded pieces
  std::string target;             // path and query, decoded, as faults match them
  std::string kind = "other";     // "messages.get", …
  std::string mailbox;            // address of the mailbox that it is about, lower-cased; or empty
  std::string item;               // id of the message; or empty
  bool is_authorized = false;     // its bearer token is valid
  bool has_cursor = false;        // it continues from a page or delta token
  bool in_batch = false;
  std::size_t at_once = 0;            // calls of the same batch that run beside it
  std::optional<FaultEffect> effect;  // that the handler itself carries out

  bool has(FaultEffect wanted) const { return effect == wanted; }
};

}  // namespace letterlock::sim
