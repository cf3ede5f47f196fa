#pragma once

// The connection to the broker, and its return after a loss: back-off, heartbeat, declaration of the queues.
// Owned by RabbitQueue; loop thread only.

#include <functional>
#include <memory>
#include <random>
#include <string>

#include "adapters/amqp/event_loop.h"
#include "adapters/amqp/rabbit_queue.h"

namespace AMQP {
class TcpConnection;
}

namespace letterlock::amqp {

class Link {
 public:
  struct Events {
    std::function<void(AMQP::TcpConnection&)> up;   // connected, queues declared
    std::function<void(const Error& reason)> down;  // lost, or a try failed: drop every channel now
  };

  Link(EventLoop& loop, const RabbitOptions& options, Metrics& metrics, Events events);
  ~Link();

  void start();
  // Close and come back no more.
  void stop();
  // Drop the connection and connect again.
  void fail_with(Error reason);

 private:
  class Handler;
  void connect();
  void on_ready();
  void beat(std::uint64_t attempt);

  EventLoop& loop_;
  const RabbitOptions& options_;
  Metrics& metrics_;
  const Events events_;
  std::unique_ptr<Handler> handler_;
  std::unique_ptr<AMQP::TcpConnection> connection_;
  struct Setup;  // the channel on which the queues are declared
  std::unique_ptr<Setup> setup_;
  std::mt19937_64 random_;
  std::uint64_t attempt_ = 0;  // counts tries to connect; a callback of an earlier one is ignored
  int failures_ = 0;           // in a row
  bool up_ = false;
  bool stopped_ = false;
  bool failing_ = false;                                              // a drop is posted already
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // timers outlive this object
};

}  // namespace letterlock::amqp
