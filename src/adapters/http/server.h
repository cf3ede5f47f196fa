#pragma once

// An HTTP/1.1 server over Drogon (whose app() is one per process: one HttpServer may run at a time). Handlers are plain
// blocking functions on a bounded pool of worker threads; tests call them without a server.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  std::string peer_address;  // IP
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
  bool cut_connection = false;              // send what there is of the body, then drop the connection (simulators)
  std::chrono::milliseconds body_pause{0};  // send half of the body, then the rest after this pause, and close (simulators)
};

using Handler = std::function<Response(const Request&)>;

struct Route {
  std::string method;   // "GET", …, or "*"
  std::string pattern;  // "/api/v1/alerts/{alert_id}"; a trailing "/{path...}" takes the rest
  Handler handler;
};

struct Listener {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;        // 0: a free one
  std::string certificate_file;  // PEM; empty: plain HTTP
  std::string key_file;
};

struct ServerOptions {
  std::vector<Listener> listeners;
  std::vector<Route> routes;
  std::size_t body_bytes_max = 1 << 20;    // beyond: 413
  std::size_t requests_queued_max = 1024;  // waiting for a worker; beyond: 503 with Retry-After
  unsigned workers = 8;
  std::chrono::seconds idle_timeout{60};
};

class Server {
 public:
  virtual ~Server() = default;
  virtual std::uint16_t port(std::size_t listener) const = 0;
  // Stop accepting, let running handlers finish (at most the deadline), close. Called once.
  virtual void stop(std::chrono::seconds deadline) = 0;
};

// Start to listen; returns when every listener accepts. invalid: address in use, unreadable certificate.
Result<std::unique_ptr<Server>> start_server(ServerOptions options, Metrics& metrics);

// The body of an RFC 9457 problem; type is "https://letterlock.dev/problems/" + code or the kind's name.
Response problem(int status, std::string_view type, std::string_view title, std::string_view detail);
Response problem(const Error& error);  // style.md's table; internal errors carry no detail
int status_of(ErrorKind kind);

}  // namespace letterlock::http
