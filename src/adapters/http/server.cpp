#include "adapters/http/server.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>

#include "adapters/http/connection.h"
#include "base/log.h"

namespace letterlock::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t loops_count = 2;                        // read requests and write answers; handlers run on the workers
constexpr auto accept_pause = std::chrono::milliseconds(50);  // where the process has no file descriptor left
constexpr auto write_time_at_stop = std::chrono::seconds(1);  // for answers that are under way when the handlers have ended
constexpr auto refusals_logged_every = std::chrono::seconds(60);

// An open listener; served by the first loop.
struct Door {
  Door(asio::io_context& context) : acceptor(context) {}

  tcp::acceptor acceptor;
  std::unique_ptr<asio::ssl::context> tls;
  std::size_t refused = 0;  // since the last line in the log
  Clock::time_point refusals_logged{};
};

class BeastServer final : public Server {
 public:
  BeastServer(ServerOptions options, Metrics& metrics) : shared_(std::make_shared<Shared>(std::move(options), metrics)) {
    for (std::size_t i = 0; i < loops_count; ++i) loops_.push_back(std::make_shared<Loop>());
  }
  ~BeastServer() override { stop(std::chrono::seconds(5)); }

  std::uint16_t port(std::size_t listener) const override { return ports_.at(listener); }

  Result<void> start() {
    for (const auto& listener : shared_->options.listeners) {
      auto& door = *doors_.emplace_back(std::make_unique<Door>(loops_.front()->context));
      TRY(open(door, listener));
      ports_.push_back(door.acceptor.local_endpoint().port());
    }
    for (std::size_t i = 0; i < doors_.size(); ++i) asio::co_spawn(loops_.front()->context, accept(*doors_[i], i), asio::detached);
    for (auto& loop : loops_) loop->thread = std::thread([&loop = *loop] { run(loop); });
    return {};
  }

  void stop(std::chrono::seconds deadline) override {
    if (std::exchange(stopped_, true)) return;
    shared_->stopping = true;
    const auto handlers_until = Clock::now() + deadline;
    bool all_ended = true;
    for (const auto& workers : shared_->workers)
      all_ended &=
          workers->stop(std::chrono::duration_cast<std::chrono::milliseconds>(std::max(handlers_until - Clock::now(), Clock::duration(0))));
    if (!all_ended) LOG(warn, "stopped the HTTP server with handlers still running", {{"deadline_seconds", deadline.count()}});
    if (loops_.front()->thread.joinable()) {
      on_loop(*loops_.front(), [this] {
        for (auto& door : doors_) door->acceptor.close();
      });
      close_connections(false);
      const auto until = Clock::now() + write_time_at_stop;
      while (connections() > 0 && Clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(2));
      close_connections(true);
    }
    shared_->abandoned = true;
    for (auto& loop : loops_) loop->context.stop();
    for (auto& loop : loops_)
      if (loop->thread.joinable()) loop->thread.join();
  }

 private:
  static void run(Loop& loop) {
    const auto work = asio::make_work_guard(loop.context);
    while (!loop.context.stopped()) {
      try {
        loop.context.run();
      } catch (const std::exception& exception) {  // of a connection that could not be made; the others go on
        LOG(error, "a connection could not be served", {{"what", std::string_view(exception.what())}});
      }
    }
  }

  static Result<void> open(Door& door, const Listener& listener) {
    const auto where = listener.address + ":" + std::to_string(listener.port);
    error_code error;
    const auto address = asio::ip::make_address(listener.address, error);
    if (error) return fail(ErrorKind::invalid, "listening: \"" + listener.address + "\" is no IP address");
    if (!listener.certificate_file.empty()) door.tls = TRY(tls_context(listener));
    const tcp::endpoint endpoint(address, listener.port);
    door.acceptor.open(endpoint.protocol(), error);
    if (!error) door.acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) door.acceptor.bind(endpoint, error);
    if (!error) door.acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return fail(ErrorKind::invalid, "listening on " + where + ": " + error.message());
    return {};
  }

  static Result<std::unique_ptr<asio::ssl::context>> tls_context(const Listener& listener) {
    for (const auto& [file, what] :
         {std::pair(listener.certificate_file, "the TLS certificate "), std::pair(listener.key_file, "the TLS key ")})
      if (access(file.c_str(), R_OK) != 0) return fail(ErrorKind::invalid, what + file + " cannot be read");
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);  // an idle connection keeps no buffers
    error_code error;
    context->use_certificate_chain_file(listener.certificate_file, error);
    if (error) return fail(ErrorKind::invalid, "the TLS certificate " + listener.certificate_file + ": " + error.message());
    context->use_private_key_file(listener.key_file, asio::ssl::context::pem, error);
    if (error) return fail(ErrorKind::invalid, "the TLS key " + listener.key_file + ": " + error.message());
    return context;
  }

  asio::awaitable<void> accept(Door& door, std::size_t listener) {
    for (std::size_t turn = 0;; ++turn) {
      const auto& loop = loops_[turn % loops_.size()];
      auto [error, socket] = co_await door.acceptor.async_accept(loop->context, asio::as_tuple(asio::use_awaitable));
      if (!door.acceptor.is_open()) co_return;
      if (error || !take(door, listener, loop, std::move(socket))) {
        asio::steady_timer pause(door.acceptor.get_executor(), accept_pause);
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
      }
    }
  }

  // False: this process is short of something, and should not accept the next one at once.
  bool take(Door& door, std::size_t listener, const std::shared_ptr<Loop>& loop, tcp::socket socket) {
    try {
      error_code error;
      const auto peer = socket.remote_endpoint(error);
      if (error) return true;  // it has left already
      const auto text = peer.address().to_string();
      const auto address = IpAddress::parse(std::string_view(text).substr(0, text.find('%'))).value();  // without the zone
      auto place = shared_->limits[listener]->enter(is_trusted(address) ? std::string() : address.group());
      if (!place) {
        refuse(door, listener, address);
        return true;
      }
      // Made there: a connection belongs to its loop's thread from its begin to its end.
      asio::post(loop->context,
                 [this, loop = loop.get(), listener, transport = make_transport(std::move(socket), door.tls.get()), address = address.str(),
                  entered = std::make_unique<ConnectionLimits::Place>(std::move(*place))]() mutable {
                   auto connection = std::make_unique<Connection>(shared_, loop->shared_from_this(), listener, std::move(transport),
                                                                  std::move(address), std::move(*entered));
                   show_connections(listener);
                   asio::co_spawn(loop->context, serve(std::move(connection), listener), asio::detached);
                 });
      return true;
    } catch (const std::exception& exception) {
      LOG(error, "a connection could not be taken", {{"what", std::string_view(exception.what())}});
      return false;
    }
  }

  asio::awaitable<void> serve(std::unique_ptr<Connection> connection, std::size_t listener) {
    try {
      co_await connection->run();
    } catch (const std::exception& exception) {
      LOG(error, "a connection ended by an exception", {{"what", std::string_view(exception.what())}});
    }
    connection.reset();
    show_connections(listener);
  }

  bool is_trusted(const IpAddress& address) const {
    return std::ranges::any_of(shared_->options.trusted_proxies, [&](const IpNetwork& network) { return network.contains(address); });
  }

  void refuse(Door& door, std::size_t listener, const IpAddress& address) {
    const auto& name = shared_->options.listeners[listener].name;
    const bool all = shared_->limits[listener]->connections() >= shared_->options.listeners[listener].connections_max;
    shared_->metrics.count("letterlock_http_connections_refused_total", "Connections closed as soon as they were accepted: too many.",
                           {{"listener", name}, {"reason", all ? "all" : "address"}});
    ++door.refused;
    if (door.refusals_logged != Clock::time_point{} && Clock::now() - door.refusals_logged < refusals_logged_every) return;
    LOG(warn, "refused connections: there are too many",
        {{"listener", name}, {"refused", door.refused}, {"last_address", address.str()}, {"of_all", all}});
    door.refused = 0;
    door.refusals_logged = Clock::now();
  }

  void show_connections(std::size_t listener) {
    shared_->metrics.gauge("letterlock_http_connections", "Open connections.", {{"listener", shared_->options.listeners[listener].name}},
                           static_cast<double>(shared_->limits[listener]->connections()));
  }

  static void on_loop(Loop& loop, const std::function<void()>& act) {
    std::promise<void> done;
    auto reached = done.get_future();
    asio::post(loop.context, [&] {
      act();
      done.set_value();
    });
    reached.wait();
  }

  void close_connections(bool in_any_case) {
    for (auto& loop : loops_)
      on_loop(*loop, [&] {
        for (auto* connection : loop->connections) connection->close(in_any_case);
      });
  }

  std::size_t connections() const {
    std::size_t count = 0;
    for (const auto& limits : shared_->limits) count += limits->connections();
    return count;
  }

  const std::shared_ptr<Shared> shared_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::vector<std::unique_ptr<Door>> doors_;
  std::vector<std::uint16_t> ports_;
  bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> start_server(ServerOptions options, Metrics& metrics) {
  if (options.listeners.empty()) return fail(ErrorKind::invalid, "an HTTP server needs a listener");
  try {
    auto server = std::make_unique<BeastServer>(std::move(options), metrics);
    TRY(server->start());
    return std::unique_ptr<Server>(std::move(server));
  } catch (const std::exception& exception) {
    return fail(ErrorKind::internal, std::string("starting the HTTP server: ") + exception.what());
  }
}

}  // namespace letterlock::http
