#include "providers/token_cache.h"

namespace letterlock::providers {

constexpr std::chrono::minutes renew_early{5};

Result<std::string> TokenCache::get(const std::string& key, const Fetch& fetch) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = tokens_.find(key);
    if (found != tokens_.end() && clock_.now() + renew_early < found->second.expires_at) return found->second.value;
  }
  auto token = TRY(fetch());
  const std::lock_guard lock(mutex_);
  tokens_[key] = token;
  return token.value;
}

void TokenCache::refuse(const std::string& key, const std::string& value) {
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(key);
  if (found != tokens_.end() && found->second.value == value) tokens_.erase(found);
}

}  // namespace letterlock::providers
