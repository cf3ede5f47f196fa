#pragma once

// One accepted connection: reads requests one after another, has a worker answer each, writes the answers. Lives on one loop's thread.

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "adapters/http/connection_limits.h"
#include "adapters/http/router.h"
#include "adapters/http/server.h"
#include "adapters/http/worker_pool.h"

namespace letterlock::http {

// What all connections of a server share. They keep it, as do handlers that outlive the server's stop.
struct Shared {
  Shared(ServerOptions options_, Metrics& metrics_);

  const ServerOptions options;
  std::vector<Router> routers;                            // of each listener
  std::vector<std::unique_ptr<ConnectionLimits>> limits;  // of each listener
  Metrics& metrics;
  // Of each listener, so that strangers at the public one take nothing from the installation's own calls.
  std::vector<std::unique_ptr<ByteBudget>> bytes;
  std::vector<std::unique_ptr<WorkerPool>> workers;
  std::atomic<bool> stopping = false;   // new requests are refused
  std::atomic<bool> abandoned = false;  // the server is gone; what a late handler answers is dropped
};

// A thread that serves connections, each connection on one of them. Kept by handlers that outlive the server's stop.
class Connection;
struct Loop : std::enable_shared_from_this<Loop> {
  boost::asio::io_context context{1};
  std::unordered_set<Connection*> connections;  // of this thread alone
  std::thread thread;
};

// The stream below HTTP: TCP, or TLS over it. Deadlines are set on tcp(); one that passes closes the socket and ends the operation with
// beast::error::timeout.
class Transport {
 public:
  using Outcome = std::pair<boost::system::error_code, std::size_t>;  // and how many bytes
  virtual ~Transport() = default;
  virtual boost::asio::awaitable<boost::system::error_code> begin() = 0;
  virtual boost::asio::awaitable<Outcome> read_some(boost::asio::mutable_buffer into) = 0;
  virtual boost::asio::awaitable<Outcome> write_some(boost::asio::const_buffer from) = 0;
  virtual boost::asio::awaitable<void> end() = 0;  // tell the peer that nothing more comes
  virtual boost::beast::tcp_stream& tcp() = 0;
};
// No context: plain TCP.
std::unique_ptr<Transport> make_transport(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls);

class Connection {
 public:
  Connection(std::shared_ptr<Shared> shared, const std::shared_ptr<Loop>& loop, std::size_t listener, std::unique_ptr<Transport> transport,
             std::string peer_address, ConnectionLimits::Place place);
  ~Connection();

  // Until the peer leaves, a limit is passed or the server stops.
  boost::asio::awaitable<void> run();
  // Close it now where no answer is under way, or in any case.
  void close(bool in_any_case);

 private:
  struct Turn;
  using Time = std::chrono::steady_clock::time_point;

  boost::asio::awaitable<Turn> receive(bool first);
  boost::asio::awaitable<bool> read_more(Time deadline);
  boost::asio::awaitable<Response> handle(Request request);
  boost::asio::awaitable<bool> respond(Response response, bool head_only, bool keep_alive, int minor_version);
  boost::asio::awaitable<bool> write(std::string_view bytes, std::size_t before, Time begun);
  boost::asio::awaitable<void> discard_rest();
  bool hold(std::size_t body_bytes);
  void count_refused(std::string_view reason);
  void count_cut(std::string_view reason);

  const std::shared_ptr<Shared> shared_;
  const std::weak_ptr<Loop> loop_;  // which owns the frames that own connections
  const std::size_t listener_;
  const ConnectionLimits::Place place_;
  ByteBudget::Share share_;
  std::unique_ptr<Transport> transport_;
  const std::string peer_address_;
  std::uint16_t local_port_ = 0;
  boost::beast::flat_buffer buffer_;
  boost::system::error_code read_error_;
  const Time begun_ = std::chrono::steady_clock::now();
  bool answering_ = false;
};

}  // namespace letterlock::http
