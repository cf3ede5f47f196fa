#include "adapters/http/connection.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <cctype>
#include <format>

#include "adapters/http/client_address.h"
#include "adapters/http/compress.h"
#include "adapters/http/request_rules.h"
#include "base/log.h"

namespace letterlock::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t free_bytes = 8 << 10;  // of a connection, beside the budget
constexpr std::size_t read_bytes_min = 1 << 10, read_bytes_max = 16 << 10;
constexpr std::size_t write_bytes_max = 64 << 10;
// After an answer that came before the whole request: for so long, and so much, what the client still sends is read and dropped, because
// closing a socket with unread bytes would take the answer back.
constexpr std::chrono::seconds discard_time{2};
constexpr std::size_t discard_bytes_max = 1 << 20;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// A body that grows as it arrives: what is only announced takes no memory.
struct GrowingBody {
  using value_type = std::string;
  class reader {
   public:
    template <bool is_request, class Fields>
    reader(beast::http::header<is_request, Fields>&, std::string& body) : body_(body) {}
    template <class Length>
    void init(const Length&, error_code& error) {
      error = {};
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& error) {
      error = {};
      std::size_t count = 0;
      for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers); ++it) {
        body_.append(static_cast<const char*>(it->data()), it->size());
        count += it->size();
      }
      return count;
    }
    void finish(error_code& error) { error = {}; }

   private:
    std::string& body_;
  };
};
using Parser = beast::http::request_parser<GrowingBody>;

template <class Stream>
class TransportOver final : public Transport {
 public:
  template <class... Arguments>
  explicit TransportOver(Arguments&&... arguments) : stream_(std::forward<Arguments>(arguments)...) {}

  asio::awaitable<error_code> begin() override {
    error_code error;
    if constexpr (encrypted)
      std::tie(error) = co_await stream_.async_handshake(asio::ssl::stream_base::server, asio::as_tuple(asio::use_awaitable));
    co_return error;
  }
  asio::awaitable<Outcome> read_some(asio::mutable_buffer into) override {
    auto [error, count] = co_await stream_.async_read_some(into, asio::as_tuple(asio::use_awaitable));
    co_return Outcome{error, count};
  }
  asio::awaitable<Outcome> write_some(asio::const_buffer from) override {
    auto [error, count] = co_await stream_.async_write_some(from, asio::as_tuple(asio::use_awaitable));
    co_return Outcome{error, count};
  }
  asio::awaitable<void> end() override {
    tcp().expires_after(std::chrono::seconds(1));
    if constexpr (encrypted) co_await stream_.async_shutdown(asio::as_tuple(asio::use_awaitable));
    error_code ignored;
    tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }
  beast::tcp_stream& tcp() override { return beast::get_lowest_layer(stream_); }

 private:
  static constexpr bool encrypted = !std::is_same_v<Stream, beast::tcp_stream>;
  Stream stream_;
};

bool has_text(const std::string& value) {
  return std::ranges::none_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

const std::string& body_of(const Response& response) { return response.shared_body ? *response.shared_body : response.body; }

std::string head_of(const Response& response, std::size_t length, bool keep_alive, int minor_version) {
  const bool bodiless = response.status == 204 || response.status == 304 || response.status < 200;
  auto head = std::format("HTTP/1.1 {} {}\r\ndate: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", response.status,
                          std::string_view(beast::http::obsolete_reason(static_cast<beast::http::status>(response.status))),
                          std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  for (const auto& [name, value] : response.headers) {
    const auto key = lower(name);
    if (key == "content-length" || key == "connection" || key == "date") continue;
    if (has_text(key) && has_text(value))
      head += key + ": " + value + "\r\n";
    else
      LOG(error, "left out a header of an answer: its value has line ends", {{"header", has_text(key) ? key : std::string()}});
  }
  if (!bodiless) head += "content-length: " + std::to_string(length) + "\r\n";
  if (!keep_alive)
    head += "connection: close\r\n";
  else if (minor_version < 1)
    head += "connection: keep-alive\r\n";
  return head + "\r\n";
}

// A coroutine that waits for a worker. It goes on, or ends, on its loop's thread alone, whoever lets go of it.
template <class Handler>
class Resumption {
 public:
  Resumption(std::shared_ptr<Loop> loop, Handler handler) : loop_(std::move(loop)), handler_(std::move(handler)) {}
  Resumption(const Resumption&) = delete;
  ~Resumption() {
    if (handler_) asio::post(loop_->context, [dropped = std::move(*handler_)] {});
  }
  // Once.
  void resume(Response response) {
    asio::post(loop_->context,
               [handler = std::move(*handler_), response = std::move(response)]() mutable { handler(std::move(response)); });
    handler_.reset();
  }

 private:
  const std::shared_ptr<Loop> loop_;
  std::optional<Handler> handler_;
};

// For metrics: a client may send any word as its method.
std::string_view known_method(const std::string& method) {
  static constexpr std::string_view known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  const auto found = std::ranges::find(known, method);
  return found == std::end(known) ? "other" : *found;
}

Response overloaded(std::string_view detail) {
  auto response = problem(503, "overloaded", "Not available at the moment", detail);
  response.headers.emplace_back("retry-after", "1");
  return response;
}

Response header_too_large(const ServerOptions& options) {
  return problem(
      431, "header_too_large", "The header is too large",
      std::format("A request's header has at most {} bytes and {} fields.", options.header_bytes_max, options.header_fields_max));
}

Response body_too_large(std::size_t bytes_max) {
  return problem(413, "too_large", "The body is too large", std::format("At most {} bytes.", bytes_max));
}

std::chrono::milliseconds time_for(std::size_t bytes, const ServerOptions& options) {
  return options.rate_grace + std::chrono::milliseconds(bytes * 1'000 / options.bytes_per_second_min);
}

std::vector<Router> routers_of(const ServerOptions& options) {
  std::vector<Router> routers;
  for (const auto& listener : options.listeners) {
    auto routes = options.routes;
    routes.insert(routes.end(), listener.routes.begin(), listener.routes.end());
    routers.emplace_back(std::move(routes));
  }
  return routers;
}

}  // namespace

std::unique_ptr<Transport> make_transport(asio::ip::tcp::socket socket, asio::ssl::context* tls) {
  if (tls) return std::make_unique<TransportOver<asio::ssl::stream<beast::tcp_stream>>>(std::move(socket), *tls);
  return std::make_unique<TransportOver<beast::tcp_stream>>(std::move(socket));
}

Shared::Shared(ServerOptions options_, Metrics& metrics_) : options(std::move(options_)), routers(routers_of(options)), metrics(metrics_) {
  for (const auto& listener : options.listeners) {
    limits.push_back(std::make_unique<ConnectionLimits>(listener.connections_max, listener.connections_per_address_max));
    bytes.push_back(std::make_unique<ByteBudget>(options.buffered_bytes_max));
    workers.push_back(std::make_unique<WorkerPool>(options.workers, options.requests_queued_max));
  }
}

// What came of waiting for a request.
struct Connection::Turn {
  bool gone = false;  // nobody to answer: the peer has left, or was too slow
  Request request;
  int minor_version = 1;
  bool keep_alive = false;
  bool body_unread = false;         // the client may still be sending it
  std::optional<Response> refusal;  // instead of a handler's answer
};

Connection::Connection(std::shared_ptr<Shared> shared, const std::shared_ptr<Loop>& loop, std::size_t listener,
                       std::unique_ptr<Transport> transport, std::string peer_address, ConnectionLimits::Place place)
    : shared_(std::move(shared)),
      loop_(loop),
      listener_(listener),
      place_(std::move(place)),
      share_(*shared_->bytes[listener], free_bytes),
      transport_(std::move(transport)),
      peer_address_(std::move(peer_address)),
      buffer_(std::max(shared_->options.header_bytes_max, read_bytes_max)) {
  error_code ignored;
  auto& socket = transport_->tcp().socket();
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  local_port_ = socket.local_endpoint(ignored).port();
  loop->connections.insert(this);
}

// On the loop's thread, or with the loop, whose set may be gone by then.
Connection::~Connection() {
  if (const auto loop = loop_.lock()) loop->connections.erase(this);
}

void Connection::close(bool in_any_case) {
  if (answering_ && !in_any_case) return;
  transport_->tcp().close();
}

void Connection::count_cut(std::string_view reason) {
  shared_->metrics.count("letterlock_http_connections_cut_total", "Connections closed because the client was too slow.",
                         {{"reason", reason}});
}

void Connection::count_refused(std::string_view reason) {
  shared_->metrics.count("letterlock_http_requests_refused_total", "Requests refused before a handler saw them.", {{"reason", reason}});
}

bool Connection::hold(std::size_t body_bytes) { return share_.hold(buffer_.capacity() + body_bytes); }

asio::awaitable<void> Connection::run() {
  transport_->tcp().expires_at(begun_ + shared_->options.header_time);
  if (const auto error = co_await transport_->begin()) {
    if (error == beast::error::timeout) count_cut("header_time");
    co_return;
  }
  for (bool first = true;; first = false) {
    auto turn = co_await receive(first);
    if (turn.gone) co_return;
    answering_ = true;
    const bool head_only = turn.request.method == "HEAD";
    auto response = turn.refusal ? std::move(*turn.refusal) : co_await handle(std::move(turn.request));
    const bool cut = response.cut_connection || response.body_pause.count() > 0;
    const bool keep_alive = turn.keep_alive && !turn.body_unread && !cut && !shared_->stopping;
    const bool written = co_await respond(std::move(response), head_only, keep_alive, turn.minor_version);
    if (!written) co_return;
    answering_ = false;
    if (!keep_alive) {
      co_await transport_->end();
      if (turn.body_unread) co_await discard_rest();
      co_return;
    }
    if (buffer_.size() == 0) buffer_.shrink_to_fit();
    hold(0);
  }
}

// Reads until a whole request is there, or until it is known that it must be refused. The bounds are looked at before bytes are kept.
asio::awaitable<Connection::Turn> Connection::receive(bool first) {
  const auto& options = shared_->options;
  Turn turn;
  const auto refuse = [&](std::string_view reason, Response response) {
    count_refused(reason);
    turn.refusal = std::move(response);
    turn.body_unread = true;
    turn.keep_alive = false;
  };

  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(options.header_bytes_max));
  parser.body_limit(boost::none);  // known when the route is
  bool begun = first || buffer_.size() > 0;
  auto deadline = first ? begun_ + options.header_time : Clock::now() + (begun ? options.header_time : options.idle_timeout);
  while (true) {
    error_code error = beast::http::error::need_more;
    if (buffer_.size() > 0) buffer_.consume(parser.put(buffer_.cdata(), error));
    if (parser.is_header_done()) break;
    if (error == beast::http::error::header_limit || buffer_.size() >= options.header_bytes_max) {
      refuse("header_size", header_too_large(options));
      co_return turn;
    }
    if (error != beast::http::error::need_more) {
      refuse("malformed", problem(400, "invalid", "The request is invalid", "This is no HTTP/1.1 request: " + error.message() + "."));
      co_return turn;
    }
    if (!co_await read_more(deadline)) {
      if (read_error_ == beast::error::timeout && begun) count_cut("header_time");
      turn.gone = true;
      co_return turn;
    }
    if (!begun) {
      begun = true;
      deadline = Clock::now() + options.header_time;
    }
    if (!hold(0)) {
      refuse("memory", overloaded("Too many requests are being read."));
      co_return turn;
    }
  }

  auto& request = turn.request;
  const auto& message = parser.get();
  request.method = std::string(message.method_string());
  turn.minor_version = static_cast<int>(message.version() % 10);
  for (const auto& field : message) request.headers.emplace_back(lower(field.name_string()), field.value());
  if (request.headers.size() > options.header_fields_max) {
    refuse("header_size", header_too_large(options));
    co_return turn;
  }
  if (auto refused = refuse_by_rules(request, message.target(), turn.minor_version)) {
    refuse("malformed", std::move(*refused));
    co_return turn;
  }
  const auto target = split_target(message.target()).value_or(Target{});
  request.raw_path = target.path;
  request.query = parse_query(target.query);
  request.peer_address = peer_address_;
  request.client_address = client_address(request, options.trusted_proxies);
  request.local_port = local_port_;
  turn.keep_alive = message.keep_alive();
  if (shared_->stopping) {
    refuse("stopping", overloaded("The server is stopping."));
    co_return turn;
  }
  if (!parser.chunked() && parser.content_length().value_or(0) == 0) co_return turn;

  const auto match = shared_->routers[listener_].find(request.method, request.raw_path);
  if (!match.route || match.malformed) {  // the dispatcher says what is wrong, without a body
    turn.body_unread = true;
    co_return turn;
  }
  if (match.route->admit)
    if (auto refused = match.route->admit(request)) {
      refuse("not_admitted", std::move(*refused));
      co_return turn;
    }
  const auto body_bytes_max = match.route->body_bytes_max > 0 ? match.route->body_bytes_max : options.body_bytes_max;
  if (parser.content_length().value_or(0) > body_bytes_max) {
    refuse("body_size", body_too_large(body_bytes_max));
    co_return turn;
  }
  if (!request.header("expect").empty() && turn.minor_version > 0 && buffer_.size() == 0)
    if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n", 0, Clock::now())) {
      turn.gone = true;
      co_return turn;
    }

  parser.body_limit(body_bytes_max);
  parser.eager(true);
  const auto begin = Clock::now();
  std::size_t received = buffer_.size();
  while (true) {
    error_code error = beast::http::error::need_more;
    if (buffer_.size() > 0) buffer_.consume(parser.put(buffer_.cdata(), error));
    if (parser.is_done()) break;
    if (error == beast::http::error::body_limit) {
      refuse("body_size", body_too_large(body_bytes_max));
      co_return turn;
    }
    if ((error && error != beast::http::error::need_more) || buffer_.size() >= buffer_.max_size()) {
      refuse("malformed", problem(400, "invalid", "The request is invalid", "The body's chunks are malformed."));
      co_return turn;
    }
    const auto before = buffer_.size();
    if (!co_await read_more(begin + time_for(received, options))) {
      if (read_error_ == beast::error::timeout) count_cut("body_rate");
      turn.gone = true;
      co_return turn;
    }
    received += buffer_.size() - before;
    if (!hold(parser.get().body().capacity())) {
      refuse("memory", overloaded("Too many requests are being read."));
      co_return turn;
    }
  }
  request.body = std::move(parser.get().body());
  co_return turn;
}

asio::awaitable<bool> Connection::read_more(Time deadline) {
  const auto room = buffer_.max_size() - buffer_.size();
  const auto into = buffer_.prepare(std::min(room, std::clamp(buffer_.size(), read_bytes_min, read_bytes_max)));
  transport_->tcp().expires_at(deadline);
  const auto [error, count] = co_await transport_->read_some(into);
  buffer_.commit(count);
  read_error_ = error;
  co_return !error;
}

// Has a worker find the route and call its handler; resumes on this connection's thread.
asio::awaitable<Response> Connection::handle(Request request) {
  const auto begin = [this](auto handler, Request taken) {
    const auto resumption = std::make_shared<Resumption<decltype(handler)>>(loop_.lock(), std::move(handler));
    const auto arrived = Clock::now();
    const bool queued = shared_->workers[listener_]->submit(
        [shared = shared_, resumption, arrived, listener = listener_, asked = std::make_shared<Request>(std::move(taken))] {
          std::string pattern;
          auto response = dispatch(shared->routers[listener], *asked, pattern);
          compress_for(*asked, response);
          if (shared->abandoned) return;
          shared->metrics.count("letterlock_http_requests_total", "Requests answered, by route, method and status.",
                                {{"route", pattern}, {"method", known_method(asked->method)}, {"status", std::to_string(response.status)}});
          shared->metrics.observe_seconds("letterlock_http_request_seconds", "From arrival to the handler's end, queueing included.",
                                          {{"route", pattern}}, std::chrono::duration<double>(Clock::now() - arrived).count());
          resumption->resume(std::move(response));
        });
    if (queued) return;
    count_refused(shared_->stopping ? "stopping" : "queue");
    resumption->resume(overloaded(shared_->stopping ? "The server is stopping." : "The queue of requests is full."));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Response)>(begin, asio::use_awaitable, std::move(request));
}

asio::awaitable<bool> Connection::respond(Response response, bool head_only, bool keep_alive, int minor_version) {
  const auto begun = Clock::now();
  const bool bodiless = head_only || response.status == 204 || response.status == 304;
  const std::string_view body = bodiless ? std::string_view{} : std::string_view(body_of(response));
  const auto promised = body_of(response).size() + (response.cut_connection ? 1024 : 0);
  auto head = head_of(response, promised, keep_alive, minor_version);
  if (response.body_pause.count() > 0) {
    const auto half = body.size() / 2;
    if (!co_await write(head + std::string(body.substr(0, half)), 0, begun)) co_return false;
    asio::steady_timer pause(co_await asio::this_coro::executor, response.body_pause);
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return co_await write(body.substr(half), 0, Clock::now());
  }
  if (body.size() <= write_bytes_max) {
    head += body;
    co_return co_await write(head, 0, begun);
  }
  if (!co_await write(head, 0, begun)) co_return false;
  co_return co_await write(body, head.size(), begun);
}

// Writes all of it, with what was written before at no less than the least rate.
asio::awaitable<bool> Connection::write(std::string_view bytes, std::size_t before, Time begun) {
  while (!bytes.empty()) {
    transport_->tcp().expires_at(begun + time_for(before, shared_->options));
    const auto [error, count] = co_await transport_->write_some(asio::buffer(bytes.substr(0, write_bytes_max)));
    if (error == beast::error::timeout) count_cut("answer_rate");
    if (error) co_return false;
    before += count;
    bytes.remove_prefix(count);
  }
  co_return true;
}

// From the socket itself: what is encrypted is not even decrypted.
asio::awaitable<void> Connection::discard_rest() {
  buffer_.clear();
  std::vector<char> dropped(read_bytes_max);
  transport_->tcp().expires_after(discard_time);
  for (std::size_t total = 0; total < discard_bytes_max;) {
    const auto [error, count] = co_await transport_->tcp().async_read_some(asio::buffer(dropped), asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    total += count;
  }
}

}  // namespace letterlock::http
