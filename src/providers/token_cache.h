#pragma once

// Access tokens by what they are for, renewed five minutes before they end or when the provider refuses one. Any thread.

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace letterlock::providers {

struct AccessToken {
  std::string value;
  TimePoint expires_at;
};

class TokenCache {
 public:
  using Fetch = std::function<Result<AccessToken>()>;

  explicit TokenCache(Clock& clock) : clock_(clock) {}

  // The cached token of the key, or a fetched one. Two threads may fetch at once; the later answer stays.
  Result<std::string> get(const std::string& key, const Fetch& fetch);
  // Forget the token if it is still the cached one.
  void refuse(const std::string& key, const std::string& value);

 private:
  Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, AccessToken> tokens_;
};

}  // namespace letterlock::providers
