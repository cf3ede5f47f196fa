#pragma once

// The five targets as one plain table: what each does, what it needs, how it starts. `serve` walks it.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "app/parts.h"
#include "app/target_set.h"
#include "base/result.h"

namespace letterlock {

// A started target. Owned by serve; stopped in the reverse order of starting.
class Running {
 public:
  virtual ~Running() = default;
  virtual void stop() = 0;
  virtual std::uint16_t flight_port() const { return 0; }
};

struct Target {
  TargetName name;
  std::string_view owns;
  std::string_view talks_to;
  bool serves;  // starts before the HTTP listener (it adds routes) and stops after it; otherwise it works, and stops first
  Result<std::unique_ptr<Running>> (*start)(Parts& parts);
};

std::span<const Target> targets();
std::string describe_targets();

}  // namespace letterlock
