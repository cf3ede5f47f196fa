#pragma once

// An HTTP/1.1 server over Boost.Beast (ADR 0007). Handlers are plain blocking functions on a bounded pool of worker threads; tests call
// them without a server. What a stranger sends is bounded before it is kept: connections, header, body, and the time that each may take.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_network.h"
#include "base/metrics.h"
#include "base/result.h"

namespace letterlock::http {

struct Request {
  std::string method;                                        // upper-case
  std::string path;                                          // decoded, without the query
  std::string raw_path;                                      // as sent, percent-encoding kept
  std::map<std::string, std::string> path_parameters;        // of the route's {name} parts, decoded
  std::vector<std::pair<std::string, std::string>> query;    // decoded, in order, repeats kept
  std::vector<std::pair<std::string, std::string>> headers;  // names lower-cased
  std::string body;
  std::string peer_address;    // IP of the other end of the connection
  std::string client_address;  // IP that counts for limits and logs: the peer's, or what a trusted proxy tells (client_address.h)
  std::uint16_t local_port = 0;

  std::string_view header(std::string_view lower_name) const;  // first value, or empty
  std::optional<std::string> query_value(std::string_view name) const;
  std::vector<std::string> query_values(std::string_view name) const;
  std::string_view cookie(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<const std::string> shared_body;  // instead of body, where many answers are the same: one copy for all
  bool cut_connection = false;                     // send what there is of the body, then drop the connection (simulators)
  std::chrono::milliseconds body_pause{0};         // send half of the body, then the rest after this pause, and close (simulators)
};

using Handler = std::function<Response(const Request&)>;
// Looks at a request whose body is not read yet; a response refuses it. On a thread that serves other connections too: it must not block.
using Admission = std::function<std::optional<Response>(const Request&)>;

struct Route {
  std::string method;   // "GET", …, or "*"
  std::string pattern;  // "/api/v1/alerts/{alert_id}"; a trailing "/{path...}" takes the rest
  Handler handler;
  std::size_t body_bytes_max = 0;  // beyond: 413; 0: the server's
  Admission admit;                 // asked before a body is read; none: everybody's body is read
};

struct Listener {
  std::string name = "http";  // in metrics and logs
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;        // 0: a free one
  std::string certificate_file;  // PEM; empty: plain HTTP
  std::string key_file;
  std::vector<Route> routes;  // of this listener alone, beside the server's
  // Beyond either a connection is closed as soon as it is accepted. Of an address: of an IPv6 /64; trusted proxies are not counted.
  std::size_t connections_max = 20'000;
  std::size_t connections_per_address_max = 20'000;
};

struct ServerOptions {
  std::vector<Listener> listeners;
  std::vector<Route> routes;                  // of every listener
  std::size_t header_bytes_max = 64 << 10;    // request line and all fields; beyond: 431
  std::size_t header_fields_max = 100;        // beyond: 431
  std::size_t body_bytes_max = 1 << 20;       // where a route names none; beyond: 413, by Content-Length before anything is read
  std::size_t buffered_bytes_max = 64 << 20;  // of headers and bodies of all connections; what each has up to 8 KiB is free; beyond: 503
  std::chrono::milliseconds header_time{10'000};  // from a request's first byte, or a connection's begin (TLS too), to the header's end
  // A body, and an answer, must at any time have come as far as this rate after this grace; otherwise the connection is closed.
  std::chrono::milliseconds rate_grace{10'000};
  std::size_t bytes_per_second_min = 4 << 10;
  std::chrono::milliseconds idle_timeout{60'000};  // between two requests of a connection
  std::size_t requests_queued_max = 1024;          // waiting for a worker; beyond: 503 with Retry-After
  unsigned workers = 8;
  std::vector<IpNetwork> trusted_proxies;
};

class Server {
 public:
  virtual ~Server() = default;
  virtual std::uint16_t port(std::size_t listener) const = 0;
  // Stop accepting, let running handlers finish (at most the deadline), close. Called once.
  virtual void stop(std::chrono::seconds deadline) = 0;
};

// Start to listen; returns when every listener accepts. invalid: address in use, unreadable certificate. The metrics outlive the server.
Result<std::unique_ptr<Server>> start_server(ServerOptions options, Metrics& metrics);

// The body of an RFC 9457 problem; type is "https://letterlock.dev/problems/" + code or the kind's name.
Response problem(int status, std::string_view type, std::string_view title, std::string_view detail);
Response problem(const Error& error);  // style.md's table; internal errors carry no detail
int status_of(ErrorKind kind);

}  // namespace letterlock::http
