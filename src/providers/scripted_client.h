#pragma once

// For tests: an http::Client whose answers come from a function, and which remembers what it was asked. Any thread.

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/client.h"

namespace letterlock::providers {

class ScriptedClient final : public http::Client {
 public:
  using Answer = std::function<Result<http::ClientResponse>(const http::ClientRequest&)>;

  explicit ScriptedClient(Answer answer) : answer_(std::move(answer)) {}

  Result<http::ClientResponse> send(const http::ClientRequest& request, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    return answer_(request);
  }
  std::vector<Result<http::ClientResponse>> send_all(std::vector<http::ClientRequest> requests, int, std::stop_token stop) override {
    std::vector<Result<http::ClientResponse>> out;
    for (const auto& request : requests) out.push_back(send(request, stop));
    return out;
  }

  std::vector<http::ClientRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  int count(std::string_view url_part) const {
    int n = 0;
    for (const auto& request : requests()) n += request.url.contains(url_part);
    return n;
  }

 private:
  mutable std::mutex mutex_;
  Answer answer_;
  std::vector<http::ClientRequest> requests_;
};

inline http::ClientResponse answer(int status, std::string body = "{}", std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

}  // namespace letterlock::providers
