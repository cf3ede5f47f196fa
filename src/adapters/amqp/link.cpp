#include "adapters/amqp/link.h"

#include <amqpcpp.h>
#include <amqpcpp/linux_tcp.h>
#include <openssl/ssl.h>
#include <uv.h>

#include <map>

#include "adapters/amqp/topology.h"
#include "base/backoff.h"
#include "base/log.h"

namespace letterlock::amqp {
namespace {

int to_uv(int events) { return ((events & AMQP::readable) ? UV_READABLE : 0) | ((events & AMQP::writable) ? UV_WRITABLE : 0); }
int from_uv(int status, int events) {
  if (status != 0) return AMQP::readable | AMQP::writable;  // let the read or write meet the error
  return ((events & UV_READABLE) ? AMQP::readable : 0) | ((events & UV_WRITABLE) ? AMQP::writable : 0);
}

}  // namespace

struct Link::Setup {
  explicit Setup(AMQP::TcpConnection* connection) : channel(connection) {}
  AMQP::TcpChannel channel;
};

// Serves AMQP-CPP's sockets from the loop (as its own LibUvHandler does) and also notes when something was last received.
class Link::Handler final : public AMQP::TcpHandler {
 public:
  Handler(Link& link, std::string host) : link_(link), host_(std::move(host)) {}

  std::chrono::steady_clock::time_point last_received = std::chrono::steady_clock::now();
  std::uint16_t heartbeat_seconds = 0;

 private:
  // One watched socket. AMQP-CPP keeps the handler's object until it unwatches the socket.
  struct Watch {
    uv_poll_t poll{};
    Handler* handler = nullptr;
    AMQP::TcpConnection* connection = nullptr;
    int socket = -1;
  };
  struct CloseWatch {
    void operator()(Watch* watch) const {
      uv_poll_stop(&watch->poll);
      uv_close(reinterpret_cast<uv_handle_t*>(&watch->poll), [](uv_handle_t* handle) { delete static_cast<Watch*>(handle->data); });
    }
  };

  void monitor(AMQP::TcpConnection* connection, int socket, int events) override {
    if (events == 0) {
      watches_.erase(socket);
      return;
    }
    auto& watch = watches_[socket];
    if (!watch) {
      watch.reset(new Watch{.handler = this, .connection = connection, .socket = socket});
      uv_poll_init(link_.loop_.handle(), &watch->poll, socket);
      watch->poll.data = watch.get();
    }
    uv_poll_start(&watch->poll, to_uv(events), [](uv_poll_t* poll, int status, int ready) {
      auto* self = static_cast<Watch*>(poll->data);
      if (ready & UV_READABLE) self->handler->last_received = std::chrono::steady_clock::now();
      self->connection->process(self->socket, from_uv(status, ready));
    });
  }

  std::uint16_t onNegotiate(AMQP::TcpConnection*, std::uint16_t) override {
    heartbeat_seconds = static_cast<std::uint16_t>(link_.options_.heartbeat.count());
    return heartbeat_seconds;
  }

  // AMQP-CPP does not check certificates by itself.
  bool onSecuring(AMQP::TcpConnection*, SSL* ssl) override {
    auto* context = SSL_get_SSL_CTX(ssl);
    const bool trusted = link_.options_.ca_file.empty()
                             ? SSL_CTX_set_default_verify_paths(context) == 1
                             : SSL_CTX_load_verify_locations(context, link_.options_.ca_file.c_str(), nullptr) == 1;
    if (!trusted) return false;
    SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
    return SSL_set1_host(ssl, host_.c_str()) == 1;
  }

  void onReady(AMQP::TcpConnection*) override { link_.on_ready(); }
  void onError(AMQP::TcpConnection*, const char* message) override {
    link_.fail_with({.kind = ErrorKind::unavailable, .message = std::string("RabbitMQ at ") + host_ + ": " + message});
  }
  void onClosed(AMQP::TcpConnection*) override { lost(); }
  void onLost(AMQP::TcpConnection*) override { lost(); }
  void onDetached(AMQP::TcpConnection*) override { lost(); }
  void lost() { link_.fail_with({.kind = ErrorKind::unavailable, .message = "RabbitMQ at " + host_ + ": connection lost"}); }

  Link& link_;
  const std::string host_;
  std::map<int, std::unique_ptr<Watch, CloseWatch>> watches_;
};

Link::Link(EventLoop& loop, const RabbitOptions& options, Metrics& metrics, Events events)
    : loop_(loop), options_(options), metrics_(metrics), events_(std::move(events)), random_(std::random_device{}()) {}

Link::~Link() {
  *alive_ = false;
  stopped_ = true;
  setup_.reset();
  connection_.reset();
}

void Link::start() { connect(); }

void Link::stop() {
  stopped_ = true;
  ++attempt_;
  setup_.reset();
  if (connection_) connection_->close();
}

void Link::connect() {
  if (stopped_) return;
  const auto attempt = ++attempt_;
  failing_ = false;
  const AMQP::Address address(options_.url);
  handler_ = std::make_unique<Handler>(*this, address.hostname());
  connection_ = std::make_unique<AMQP::TcpConnection>(handler_.get(), address);
  loop_.after(options_.connect_timeout, [this, attempt, alive = alive_] {
    if (!*alive || attempt != attempt_ || up_) return;
    fail_with({.kind = ErrorKind::unavailable,
               .message = "RabbitMQ: no connection within " + std::to_string(options_.connect_timeout.count()) + " s"});
  });
}

void Link::on_ready() {
  const auto attempt = attempt_;
  setup_ = std::make_unique<Setup>(connection_.get());
  beat(attempt);
  declare(setup_->channel, options_, [this, attempt](std::string complaint) {
    if (attempt != attempt_ || failing_) return;
    if (!complaint.empty()) {
      // 406 PRECONDITION_FAILED: the queue is there with other arguments.
      fail_with({.kind = complaint.contains("PRECONDITION_FAILED") ? ErrorKind::invalid : ErrorKind::unavailable,
                 .message = "declaring RabbitMQ " + complaint});
      return;
    }
    up_ = true;
    failures_ = 0;
    metrics_.gauge("letterlock_amqp_connected", "1 while connected to RabbitMQ", {}, 1);
    events_.up(*connection_);
  });
}

void Link::beat(std::uint64_t attempt) {
  const std::chrono::seconds interval(handler_->heartbeat_seconds);
  if (interval.count() == 0) return;
  loop_.after(interval / 2, [this, attempt, interval, alive = alive_] {
    if (!*alive || attempt != attempt_ || failing_ || stopped_) return;
    if (std::chrono::steady_clock::now() - handler_->last_received > interval * 5 / 2) {
      fail_with({.kind = ErrorKind::unavailable, .message = "RabbitMQ: no heartbeat"});
      return;
    }
    connection_->heartbeat();
    beat(attempt);
  });
}

void Link::fail_with(Error reason) {
  if (stopped_ || failing_) return;
  failing_ = true;
  // AMQP-CPP is on the stack: let it return before its connection goes.
  loop_.post([this, reason = std::move(reason), alive = alive_] {
    if (!*alive || stopped_) return;
    if (up_)
      LOG(warn, "lost RabbitMQ", {{"reason", reason.message}});
    else if (failures_ == 0)
      LOG(warn, "RabbitMQ is not usable", {{"reason", reason.message}});
    up_ = false;
    ++attempt_;
    ++failures_;
    metrics_.gauge("letterlock_amqp_connected", "1 while connected to RabbitMQ", {}, 0);
    metrics_.count("letterlock_amqp_connection_failures_total", "Connections to RabbitMQ lost or not made");
    events_.down(reason);
    setup_.reset();
    connection_.reset();
    handler_.reset();
    Backoff backoff({.first = options_.reconnect_first, .max = options_.reconnect_max}, random_());
    const auto attempt = attempt_;
    loop_.after(backoff.delay(failures_), [this, attempt, alive2 = alive] {
      if (*alive2 && attempt == attempt_) connect();
    });
  });
}

}  // namespace letterlock::amqp
