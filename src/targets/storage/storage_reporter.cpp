#include "targets/storage/storage_reporter.h"

#include "base/log.h"

namespace letterlock {

void StorageReporter::run(std::stop_token stop) {
  bool is_failing = false;
  do {
    const auto reported = report_once();
    if (!reported && !is_failing)
      LOG(warn, "cannot report how storage stands; console and API call it unknown", {{"reason", reported.error().message}});
    if (reported && is_failing) LOG(info, "storage is reported again");
    is_failing = !reported;
  } while (clock_.wait(every_, stop));
}

// A disk that cannot be measured is told as one that can neither be read nor written.
Result<void> StorageReporter::report_once() {
  auto state = measure_();
  if (!state) state = StorageState{.is_writable = false, .read_failure = state.error().message};
  return control_.report_storage(*state);
}

}  // namespace letterlock
