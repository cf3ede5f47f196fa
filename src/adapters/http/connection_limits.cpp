#include "adapters/http/connection_limits.h"

namespace letterlock::http {

std::optional<ConnectionLimits::Place> ConnectionLimits::enter(const std::string& group) {
  const std::lock_guard lock(mutex_);
  const auto found = of_group_.find(group);
  if (connections_ >= connections_max_ || (!group.empty() && (found == of_group_.end() ? 0 : found->second) >= per_group_max_))
    return std::nullopt;
  if (!group.empty()) ++of_group_[group];
  ++connections_;
  return Place(*this, group);
}

void ConnectionLimits::leave(const std::string& group) {
  const std::lock_guard lock(mutex_);
  --connections_;
  if (group.empty()) return;
  const auto found = of_group_.find(group);
  if (--found->second == 0) of_group_.erase(found);
}

std::size_t ConnectionLimits::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

bool ByteBudget::Share::hold(std::size_t bytes) {
  const auto wanted = bytes > free_bytes_ ? bytes - free_bytes_ : 0;
  if (wanted > counted_) {
    const auto more = wanted - counted_;
    auto held = budget_.held_.load();
    do {
      if (held + more > budget_.bytes_max_) return false;
    } while (!budget_.held_.compare_exchange_weak(held, held + more));
  } else {
    budget_.held_ -= counted_ - wanted;
  }
  counted_ = wanted;
  return true;
}

}  // namespace letterlock::http
