#pragma once

// The wrong answers of the fault table, worded as each provider words them. Pure but for request ids; any thread.

#include "adapters/http/server.h"
#include "base/clock.h"
#include "sim/fault_table.h"

namespace letterlock::sim {

// Of a row whose effect is `answer`, or of expire_cursor with a status. for_token: in the form of the token endpoints.
http::Response fault_answer(const FaultKind& kind, bool for_token, TimePoint now);
// "Mon, 23 Nov 2026 12:00:00 GMT"
std::string http_date(TimePoint time);

}  // namespace letterlock::sim
