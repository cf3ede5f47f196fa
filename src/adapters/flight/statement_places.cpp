#include "adapters/flight/statement_places.h"

#include <algorithm>
#include <chrono>

namespace letterlock::flight {

class StatementPlaces::Place {
 public:
  Place(std::shared_ptr<Counts> counts, Caller caller) : counts_(std::move(counts)), caller_(std::move(caller)) {}
  ~Place() {
    const std::lock_guard lock(counts_->mutex);
    give_back(counts_->of_tenant, caller_.tenant.str());
    give_back(counts_->of_caller, std::pair(caller_.tenant.str(), caller_.id));
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  static void give_back(auto& counts, const auto& key) {
    const auto entry = counts.find(key);
    if (--entry->second == 0) counts.erase(entry);
  }

  std::shared_ptr<Counts> counts_;
  Caller caller_;
};

Result<std::shared_ptr<StatementPlaces::Place>> StatementPlaces::take(const Caller& caller) {
  const std::size_t caller_max = std::max<std::size_t>(tenant_max_ / 2, 1), reserved = tenant_max_ / 4,
                    share = std::max<std::size_t>(tenant_max_ / 16, 1);
  const auto refuse = [](const std::string& what) {
    return fail(
        Error{.kind = ErrorKind::throttled, .message = what, .retry_after = std::chrono::seconds(1), .code = "too_many_statements"});
  };
  const std::lock_guard lock(counts_->mutex);
  const std::pair key(caller.tenant.str(), caller.id);
  const auto count_in = [](const auto& counts, const auto& name) {
    const auto found = counts.find(name);
    return found == counts.end() ? 0 : found->second;
  };
  const std::size_t held = count_in(counts_->of_caller, key), open = count_in(counts_->of_tenant, key.first);
  if (held >= caller_max) return refuse("more than " + std::to_string(caller_max) + " open statements of this caller; close some");
  if (open >= tenant_max_) return refuse("more than " + std::to_string(tenant_max_) + " open statements of this tenant; close some");
  if (held >= share && open + reserved >= tenant_max_)
    return refuse("the last " + std::to_string(reserved) + " of the tenant's " + std::to_string(tenant_max_) +
                  " statements are kept for callers with less than " + std::to_string(share) + "; close some");
  auto place = std::make_shared<Place>(counts_, caller);
  ++counts_->of_caller[key];
  ++counts_->of_tenant[key.first];
  return place;
}

}  // namespace letterlock::flight
