#pragma once

// One pooled HTTP client per process over libcurl multi (HTTP/2 where the other side speaks it): one event-loop thread,
// shared connections, TLS sessions and DNS. It makes one attempt; retry tables belong to the callers. Any thread.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace letterlock::http {

struct ClientRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds timeout{60'000};        // of the whole exchange, body included
  std::chrono::milliseconds stall_timeout{20'000};  // less than 1 byte/s for this long
  std::size_t body_bytes_max = 64 << 20;            // a longer answer: invalid, code "body_too_large"
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names lower-cased
  std::string body;

  std::string_view header(std::string_view lower_name) const;
};

struct ClientOptions {
  int connections_per_host_max = 32;
  std::string ca_file;  // PEM bundle in addition to the system's; empty: the system's alone
};

class Client {
 public:
  virtual ~Client() = default;
  // unavailable: transport error, time-out, cut body. Redirects are not followed. Any status is a success here.
  virtual Result<ClientResponse> send(const ClientRequest& request, std::stop_token stop) = 0;
  // Send all at once, at most `concurrency` in flight; results in the order of the requests.
  virtual std::vector<Result<ClientResponse>> send_all(std::vector<ClientRequest> requests, int concurrency, std::stop_token stop) = 0;
};

Result<std::unique_ptr<Client>> make_client(ClientOptions options);

// Parse Retry-After (seconds or HTTP date, at most one day) against `now`; nullopt when absent or unreadable.
std::optional<std::chrono::seconds> retry_after(const ClientResponse& response, std::chrono::system_clock::time_point now);
// scheme://host[:port] of a URL, lower-cased, default port dropped; empty if it is none.
std::string origin_of(std::string_view url);
// application/x-www-form-urlencoded body.
std::string form_encode(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace letterlock::http
