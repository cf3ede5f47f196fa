#pragma once

// When planned mail really arrived. With --live, mail is planned days ahead and played within minutes; whatever is written
// afterwards (dates, quotations) shows the time of arrival. Any thread.

#include <map>
#include <mutex>

#include "base/clock.h"

namespace letterlock::sim {

class LiveClock {
 public:
  void arrived(TimePoint planned, TimePoint actual) {
    const std::lock_guard lock(mutex_);
    arrivals_.insert_or_assign(planned, actual);
  }
  // The time to show for a planned time: itself before the first arrival, else that of the last arrival up to it.
  TimePoint shown(TimePoint planned) const {
    const std::lock_guard lock(mutex_);
    const auto after = arrivals_.upper_bound(planned);
    return after == arrivals_.begin() ? planned : std::prev(after)->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<TimePoint, TimePoint> arrivals_;
};

}  // namespace letterlock::sim
