#pragma once

// Which of the five targets run in this process.

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace letterlock {

enum class TargetName { storage, api, scheduler, analysis, ingestion };  // in the order of starting
inline constexpr std::array all_targets = {TargetName::storage, TargetName::api, TargetName::scheduler, TargetName::analysis,
                                           TargetName::ingestion};
std::string_view to_string(TargetName target);

class TargetSet {
 public:
  // "all", or names with commas. invalid: names what is unknown.
  static Result<TargetSet> parse(std::string_view text);

  bool has(TargetName target) const { return targets_.contains(target); }
  std::string text() const;  // "all", or the names with commas

 private:
  std::set<TargetName> targets_;
};

}  // namespace letterlock
