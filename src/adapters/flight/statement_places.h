#pragma once

// How many statements are open: of a tenant in all, and of each caller, so that none takes the places of the others. A caller is who
// holds one service token. Internal to this adapter.

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/result.h"
#include "model/ids.h"

namespace letterlock::flight {

struct Caller {
  TenantId tenant;
  std::string id;
};

class StatementPlaces {
 public:
  // Of tenant_max places a caller gets half at most. The last quarter is for callers that hold less than a sixteenth.
  explicit StatementPlaces(std::size_t tenant_max) : tenant_max_(tenant_max) {}

  // One open statement; gives its place back when it goes. Outlives the StatementPlaces that it came from.
  class Place;
  // throttled: the caller or the tenant has as many as it may.
  Result<std::shared_ptr<Place>> take(const Caller& caller);

 private:
  struct Counts {
    std::mutex mutex;
    std::map<std::string, std::size_t> of_tenant;
    std::map<std::pair<std::string, std::string>, std::size_t> of_caller;  // by tenant and caller
  };

  const std::size_t tenant_max_;
  const std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace letterlock::flight
