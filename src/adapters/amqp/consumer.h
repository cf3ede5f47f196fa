#pragma once

// One queue's consumer: a channel with prefetch = worker threads. Made by RabbitQueue, owned by its caller.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/amqp/confirm_channel.h"
#include "adapters/amqp/event_loop.h"
#include "adapters/amqp/rabbit_queue.h"

namespace letterlock::amqp {

class Consumer final : public JobConsumer {
 public:
  // What it needs from the queue, all on the loop thread.
  struct Broker {
    std::function<void(const Publication&, ConfirmChannel::Done)> publish;  // false while there is no connection
    std::function<void(Consumer*)> forget;                                  // called by stop()
  };
  struct Options {
    JobKind kind = JobKind::ingestion;
    unsigned concurrency = 1;
    const RabbitOptions* rabbit = nullptr;
  };

  Consumer(Options options, JobHandler handler, Broker broker, EventLoop& loop, Clock& clock, Metrics& metrics);
  ~Consumer() override;
  void stop() override;

  // Subscribe on this connection; loop thread.
  void subscribe(AMQP::TcpConnection& connection);
  // The connection is gone; loop thread.
  void unsubscribe();

 private:
  struct Delivery {
    std::uint64_t channel = 0;  // the number of the channel it came on: an ack is good only there
    std::uint64_t tag = 0;
    std::string body;
    int tries = 0;
    std::int64_t not_before_ms = 0;
  };

  void work();
  Disposition handle(const Delivery& delivery, std::string_view& outcome);
  void settle(Delivery delivery, Disposition disposition);
  void settle_by_publishing(Delivery delivery, Publication publication);
  void acknowledge(const Delivery& delivery);
  void give_back(const Delivery& delivery);
  void resubscribe(std::uint64_t channel, std::string reason);

  const Options options_;
  const JobHandler handler_;
  const Broker broker_;
  EventLoop& loop_;
  Clock& clock_;
  Metrics& metrics_;

  // Loop thread only.
  AMQP::TcpConnection* connection_ = nullptr;
  std::unique_ptr<AMQP::TcpChannel> channel_;
  std::uint64_t channel_number_ = 0;
  std::string consumer_tag_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // false once stopped: late callbacks do nothing

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Delivery> deliveries_;  // at most the prefetch, stale ones aside
  std::size_t settling_ = 0;         // handed to the loop, neither acknowledged nor dropped yet
  bool stopping_ = false;
  bool stopped_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace letterlock::amqp
