#pragma once

// The control plane's values as JSON, for both ends of /internal/v1. Field names are the structs' own.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/control_plane.h"

namespace letterlock::api::internal {

struct ClaimBody {
  JobMessage message;
  std::string worker;
};
struct JobBody {
  ClaimedJob job;
};
struct FinishIngestionBody {
  ClaimedJob job;
  SliceOutcome outcome;
};
struct FinishAnalysisBody {
  ClaimedJob job;
  AnalysisOutcome outcome;
};
struct LeaseAnswer {
  TimePoint lease_expires_at;
};
struct WatermarkAnswer {
  std::int64_t watermark = 0;
};
struct RuleSettingsAnswer {
  std::vector<RuleSetting> rule_settings;
};
struct DataKeyAnswer {
  std::string data_key_hex;
};

// Write any of the above, a ClaimedJob or a Connection.
template <class T>
std::string write(const T& value);
// invalid: it is something else. Unknown members are ignored, so that targets of two versions can talk during an upgrade.
template <class T>
Result<T> read(std::string_view json);

// A refused call: the error's kind, message, code and retry_after survive the wire.
std::string write_error(const Error& error);
Error read_error(int status, std::string_view body);

}  // namespace letterlock::api::internal
