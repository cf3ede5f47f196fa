#pragma once

// The service tokens of the jobs that run now, by tenant: the claim brought them, the storage client sends them. Any thread.

#include <map>
#include <mutex>
#include <string>

#include "base/result.h"
#include "model/job.h"

namespace letterlock {

class JobTokens {
 public:
  // Holds a job's token while it runs.
  class Held {
   public:
    Held(JobTokens* tokens, const ClaimedJob& job) : tokens_(tokens), tenant_(job.message.tenant_id) {
      if (tokens_) tokens_->add(tenant_, job.service_token);
    }
    ~Held() {
      if (tokens_) tokens_->remove(tenant_);
    }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    JobTokens* tokens_;
    TenantId tenant_;
  };

  // unauthenticated: no job of this tenant runs here.
  Result<std::string> token(const TenantId& tenant) const {
    const std::lock_guard lock(mutex_);
    const auto found = tokens_.find(tenant);
    if (found == tokens_.end()) return fail(ErrorKind::unauthenticated, "no job of tenant " + tenant.str() + " runs in this process");
    return found->second.token;
  }

 private:
  struct Entry {
    std::string token;
    int jobs = 0;  // two connections of one tenant may be read at once
  };
  void add(const TenantId& tenant, const std::string& token) {
    const std::lock_guard lock(mutex_);
    auto& entry = tokens_[tenant];
    entry.token = token;  // the newest lives longest
    ++entry.jobs;
  }
  void remove(const TenantId& tenant) {
    const std::lock_guard lock(mutex_);
    const auto found = tokens_.find(tenant);
    if (found != tokens_.end() && --found->second.jobs == 0) tokens_.erase(found);
  }

  mutable std::mutex mutex_;
  std::map<TenantId, Entry> tokens_;
};

}  // namespace letterlock
