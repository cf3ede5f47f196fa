#pragma once

// Sends requests with the retry table that all providers share: 408, 429, 5xx, what the provider adds, and transport errors
// are tried again after Retry-After or a back-off with jitter; a 401 renews the token once and repeats the same request.
// Owned by one provider; any thread.

#include <atomic>
#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "adapters/http/client.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"

namespace letterlock::providers {

// Error codes of a request that failed to the end.
inline constexpr std::string_view code_server_error = "server_error";  // 408 or 5xx other than 500, after all tries
inline constexpr std::string_view code_item_error = "item_error";      // 500 after all tries: often one poisonous item
inline constexpr std::string_view code_transport = "transport";        // no answer, or a cut one, after all tries
inline constexpr std::string_view code_stopped = "walk_stopped";       // stop was requested, or a sink wants no more

struct CallerOptions {
  std::string provider;  // label of metrics, and of messages
  BackoffOptions backoff;
  std::chrono::seconds retry_after_wait_max{20};  // longer: throttled with retry_after, at once
  std::chrono::milliseconds timeout{60'000};
  std::function<bool(const http::ClientResponse&)> is_rate_limit;  // beside 429
  std::function<bool(const http::ClientResponse&)> is_passing;     // another answer worth a second try; handed back when it stays
};

// Where a request's bearer token comes from; empty functions: none is sent.
struct Authorization {
  std::function<Result<std::string>()> get;
  std::function<void(const std::string&)> refuse;
};

class Caller {
 public:
  Caller(http::Client& client, Clock& clock, Metrics& metrics, CallerOptions options);

  // Any answer outside the retry table is a success here, 4xx too. throttled: with retry_after. unavailable: with a code above.
  Result<http::ClientResponse> call(const http::ClientRequest& request, const Authorization& authorization, const std::stop_token& stop);
  // The same for many, at most `in_flight` at once; answers in the order of the requests.
  std::vector<Result<http::ClientResponse>> call_all(const std::vector<http::ClientRequest>& requests, const Authorization& authorization,
                                                     int in_flight, const std::stop_token& stop);

  std::chrono::milliseconds timeout() const { return options_.timeout; }

 private:
  http::Client& client_;
  Clock& clock_;
  Metrics& metrics_;
  CallerOptions options_;
  std::atomic<std::uint64_t> seed_;
};

// scheme://host/path of a URL, for messages: queries may hold tokens.
std::string shown_url(std::string_view url);
Error stopped_error();

}  // namespace letterlock::providers
