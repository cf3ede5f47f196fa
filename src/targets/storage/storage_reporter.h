#pragma once

// Measures the mail store's disk again and again, which keeps its gauges fresh, and tells the control plane: console and API know from
// there how storage stands, in one process or in many, and call it unknown when no report came for a minute.

#include <chrono>
#include <functional>
#include <stop_token>

#include "base/clock.h"
#include "ports/control_plane.h"

namespace letterlock {

class StorageReporter {
 public:
  using Measure = std::function<Result<StorageState>()>;
  StorageReporter(Measure measure, ControlPlane& control, Clock& clock, std::chrono::seconds every = std::chrono::seconds(10))
      : measure_(std::move(measure)), control_(control), clock_(clock), every_(every) {}

  // Report, and again every so often, until a stop is requested. One thread.
  void run(std::stop_token stop);
  Result<void> report_once();

 private:
  const Measure measure_;
  ControlPlane& control_;
  Clock& clock_;
  const std::chrono::seconds every_;
};

}  // namespace letterlock
