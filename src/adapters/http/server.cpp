#include "adapters/http/server.h"

#include <drogon/drogon.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <filesystem>
#include <future>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <unordered_map>

#include "adapters/http/listen_port.h"
#include "adapters/http/router.h"
#include "adapters/http/worker_pool.h"
#include "base/log.h"

namespace letterlock::http {
namespace {

using Clock = std::chrono::steady_clock;
using Reply = std::function<void(const drogon::HttpResponsePtr&)>;

constexpr std::size_t io_threads = 2;  // parse requests and write responses; handlers run on the workers
constexpr std::size_t connections_max = 20'000;
// A body beyond the limit by no more than this is read and refused with a problem; beyond it Drogon sends a bare 413 and closes.
constexpr std::size_t body_slack_bytes = 1 << 20;
constexpr std::size_t pipelined_max = 64;  // requests of one connection that wait for earlier ones

std::atomic<bool> server_was_started = false;  // drogon::app() cannot run twice in one process

// What the handlers' threads share with Drogon's; outlives the server where a handler outlives the stop deadline.
struct Core {
  Core(std::vector<Route> routes, const ServerOptions& options, Metrics& metrics_)
      : router(std::move(routes)),
        metrics(metrics_),
        body_bytes_max(options.body_bytes_max),
        workers(options.workers, options.requests_queued_max) {}

  Router router;
  Metrics& metrics;
  const std::size_t body_bytes_max;
  WorkerPool workers;
  std::atomic<bool> stopping = false;
  std::shared_mutex replies_mutex;  // shared while a reply is handed to Drogon
  bool replies_closed = false;      // Drogon's loops are gone: drop replies
  std::mutex open_mutex;
  std::unordered_map<const void*, std::weak_ptr<trantor::TcpConnection>> open;  // by request, until it is answered
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string method_of(const drogon::HttpRequestPtr& request) { return request->isHead() ? "HEAD" : request->methodString(); }

Request request_of(const drogon::HttpRequestPtr& from) {
  Request request;
  request.method = method_of(from);
  request.raw_path = from->getOriginalPath();
  request.query = parse_query(from->query());
  for (const auto& [name, value] : from->headers()) request.headers.emplace_back(lower(name), value);
  std::string cookies;  // Drogon takes the Cookie header apart
  for (const auto& [name, value] : from->cookies()) cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
  if (!cookies.empty() && request.header("cookie").empty()) request.headers.emplace_back("cookie", std::move(cookies));
  request.body = std::string(from->body());
  request.peer_address = from->peerAddr().toIp();
  request.local_port = from->localAddr().toPort();
  return request;
}

drogon::HttpResponsePtr to_drogon(Response&& from) {
  auto response = drogon::HttpResponse::newHttpResponse();
  response->setStatusCode(static_cast<drogon::HttpStatusCode>(from.status));
  response->setContentTypeCode(drogon::CT_NONE);
  for (auto& [name, value] : from.headers) {
    const auto key = lower(name);
    if (key == "content-length" || key == "connection") continue;  // Drogon's own
    if (key == "content-type")
      response->setContentTypeString(value);
    else
      response->addHeader(key, std::move(value));
  }
  response->setBody(std::move(from.body));
  return response;
}

// Head of an answer that is written by hand; the connection is closed after it.
std::string head_by_hand(const Response& from, std::size_t length) {
  std::string text = "HTTP/1.1 " + std::to_string(from.status) + " By hand\r\n";
  bool has_length = false;
  for (const auto& [name, value] : from.headers) {
    has_length |= lower(name) == "content-length";
    text += name + ": " + value + "\r\n";
  }
  if (!has_length) text += "content-length: " + std::to_string(length) + "\r\n";
  return text + "connection: close\r\n\r\n";
}

// Write the head and what there is of the body by hand, then close: the promised length never arrives.
void send_cut(const drogon::HttpRequestPtr& request, const Response& from) {
  const auto connection = request->getConnectionPtr().lock();
  if (!connection) return;
  connection->send(head_by_hand(from, from.body.size() + 1024) + from.body);
  connection->shutdown();
}

void send_slowly(const drogon::HttpRequestPtr& request, Response&& from) {
  const auto connection = request->getConnectionPtr().lock();
  if (!connection) return;
  const auto half = from.body.size() / 2;
  connection->send(head_by_hand(from, from.body.size()) + from.body.substr(0, half));
  connection->getLoop()->runAfter(from.body_pause, [weak = request->getConnectionPtr(), rest = from.body.substr(half)] {
    if (const auto open = weak.lock()) {
      open->send(rest);
      open->shutdown();
    }
  });
}

void answer(Core& core, const drogon::HttpRequestPtr& request, Response&& response, const Reply& reply) {
  const std::shared_lock lock(core.replies_mutex);
  if (core.replies_closed) return;
  {
    const std::lock_guard open(core.open_mutex);
    core.open.erase(request.get());
  }
  if (response.cut_connection)
    send_cut(request, response);
  else if (response.body_pause.count() > 0)
    send_slowly(request, std::move(response));
  else
    reply(to_drogon(std::move(response)));
}

Response refuse(std::string_view detail) {
  auto response = problem(503, "overloaded", "Not available at the moment", detail);
  response.headers.emplace_back("retry-after", "1");
  return response;
}

void handle(const std::shared_ptr<Core>& core, const drogon::HttpRequestPtr& request, Reply&& reply_once) {
  auto reply = std::make_shared<Reply>(std::move(reply_once));
  if (core->stopping) return answer(*core, request, refuse("The server is stopping."), *reply);
  const auto arrived = Clock::now();
  if (request->body().size() > core->body_bytes_max)
    return answer(*core, request,
                  problem(413, "body_too_large", "The body is too large", "At most " + std::to_string(core->body_bytes_max) + " bytes."),
                  *reply);
  {
    const std::lock_guard lock(core->open_mutex);
    core->open.emplace(request.get(), request->getConnectionPtr());
  }
  const bool taken = core->workers.submit([core, request, reply, arrived]() mutable {
    auto parsed = request_of(request);
    std::string pattern;
    auto response = dispatch(core->router, parsed, pattern);
    core->metrics.count("letterlock_http_requests_total", "Requests answered, by route, method and status.",
                        {{"route", pattern}, {"method", parsed.method}, {"status", std::to_string(response.status)}});
    core->metrics.observe_seconds("letterlock_http_request_seconds", "From arrival to the handler's end, queueing included.",
                                  {{"route", pattern}}, std::chrono::duration<double>(Clock::now() - arrived).count());
    answer(*core, request, std::move(response), *reply);
    {
      // Late work must not run Drogon's destructors after its loops are gone.
      const std::shared_lock lock(core->replies_mutex);
      if (core->replies_closed) {
        new auto(std::move(request));
        new auto(std::move(reply));
      }
    }
  });
  if (!taken) {
    core->metrics.count("letterlock_http_requests_refused_total", "Requests refused because the queue was full.");
    answer(*core, request, refuse("The queue of requests is full."), *reply);
  }
}

class DrogonServer final : public Server {
 public:
  DrogonServer(std::shared_ptr<Core> core, std::vector<ReservedPort> ports) : core_(std::move(core)), ports_(std::move(ports)) {}
  ~DrogonServer() override { stop(std::chrono::seconds(5)); }

  std::uint16_t port(std::size_t listener) const override { return ports_.at(listener).port(); }

  Result<void> start(const ServerOptions& options) {
    auto& app = drogon::app();
    trantor::Logger::setLogLevel(trantor::Logger::kError);
    trantor::Logger::setOutputFunction(
        [](const char* text, std::uint64_t length) {
          LOG(warn, "drogon", {{"text", std::string_view(text, length > 0 ? length - 1 : 0)}});
        },
        [] {});
    auto spool = (std::filesystem::temp_directory_path() / "letterlock-http-XXXXXX").string();
    if (!mkdtemp(spool.data())) return fail(ErrorKind::unavailable, "no temporary folder for the HTTP server");
    app.disableSigtermHandling()
        .setUploadPath(spool)
        .setThreadNum(io_threads)
        .setMaxConnectionNum(connections_max)
        .setPipeliningRequestsNumber(pipelined_max)
        .setIdleConnectionTimeout(static_cast<std::size_t>(options.idle_timeout.count()))
        .setClientMaxBodySize(options.body_bytes_max + body_slack_bytes)
        .setClientMaxMemoryBodySize(options.body_bytes_max + body_slack_bytes + 1)  // never spool a body to a file
        .enableGzip(true)
        .enableServerHeader(false)
        .registerPreRoutingAdvice([core = core_](const drogon::HttpRequestPtr& request, drogon::AdviceCallback&& reply,
                                                 drogon::AdviceChainCallback&&) { handle(core, request, std::move(reply)); });
    app.enableReusePort(true);
    for (std::size_t i = 0; i < options.listeners.size(); ++i) {
      const auto& listener = options.listeners[i];
      app.addListener(listener.address, ports_[i].port(), !listener.certificate_file.empty(), listener.certificate_file, listener.key_file);
    }
    std::promise<void> begun;
    auto running = begun.get_future();
    app.registerBeginningAdvice([&begun] { begun.set_value(); });
    std::string failure;
    loop_ = std::thread([&failure, &begun, started = started_] {
      try {
        drogon::app().run();
      } catch (const std::exception& exception) {
        if (*started) {
          LOG(error, "the HTTP server ended by an exception", {{"what", std::string_view(exception.what())}});
          return;
        }
        failure = exception.what();
        begun.set_value();
      }
    });
    running.wait();
    *started_ = true;
    std::error_code ignored;
    std::filesystem::remove_all(spool, ignored);
    if (!failure.empty()) {
      loop_.join();
      stopped_ = true;
      return fail(ErrorKind::invalid, "starting the HTTP server: " + failure);
    }
    const auto deadline = Clock::now() + std::chrono::seconds(10);
    for (const auto& port : ports_)
      while (!port.accepts()) {
        if (Clock::now() > deadline)
          return fail(ErrorKind::unavailable, "the HTTP server does not accept on port " + std::to_string(port.port()));
        std::this_thread::yield();
      }
    return {};
  }

  void stop(std::chrono::seconds deadline) override {
    if (std::exchange(stopped_, true)) return;
    core_->stopping = true;
    if (!core_->workers.stop(deadline)) {
      LOG(warn, "stopped the HTTP server with handlers still running", {{"deadline_seconds", deadline.count()}});
      const std::lock_guard lock(core_->open_mutex);
      for (const auto& [request, weak] : core_->open)
        if (const auto connection = weak.lock()) connection->shutdown();  // the hanging handler keeps the socket itself open
    }
    flush();
    {
      const std::lock_guard lock(core_->replies_mutex);
      core_->replies_closed = true;
    }
    drogon::app().quit();
    loop_.join();
  }

 private:
  // Let the loops write what the last handlers answered.
  void flush() {
    for (std::size_t i = 0; i < io_threads; ++i) {
      std::promise<void> passed;
      auto reached = passed.get_future();
      drogon::app().getIOLoop(i)->queueInLoop([&passed] { passed.set_value(); });
      reached.wait();
    }
    const auto deadline = Clock::now() + std::chrono::milliseconds(250);
    while (drogon::app().getConnectionCount() > 0 && Clock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }

  std::shared_ptr<Core> core_;
  std::vector<ReservedPort> ports_;
  std::shared_ptr<std::atomic<bool>> started_ = std::make_shared<std::atomic<bool>>(false);
  std::thread loop_;
  bool stopped_ = false;
};

Result<void> check_readable(const std::string& file, std::string_view what) {
  if (access(file.c_str(), R_OK) == 0) return {};
  return fail(ErrorKind::invalid, std::string(what) + " " + file + " cannot be read");
}

}  // namespace

Result<std::unique_ptr<Server>> start_server(ServerOptions options, Metrics& metrics) {
  if (options.listeners.empty()) return fail(ErrorKind::invalid, "an HTTP server needs a listener");
  std::vector<ReservedPort> ports;
  for (const auto& listener : options.listeners) {
    if (!listener.certificate_file.empty()) {
      TRY(check_readable(listener.certificate_file, "the TLS certificate"));
      TRY(check_readable(listener.key_file, "the TLS key"));
    }
    ports.push_back(TRY(ReservedPort::reserve(listener.address, listener.port)));
  }
  if (server_was_started.exchange(true)) return fail(ErrorKind::conflict, "this process has started an HTTP server already");
  try {
    auto core = std::make_shared<Core>(std::move(options.routes), options, metrics);
    auto server = std::make_unique<DrogonServer>(std::move(core), std::move(ports));
    TRY(server->start(options));
    return std::unique_ptr<Server>(std::move(server));
  } catch (const std::exception& exception) {
    return fail(ErrorKind::internal, std::string("starting the HTTP server: ") + exception.what());
  }
}

}  // namespace letterlock::http
