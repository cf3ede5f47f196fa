#pragma once

// Jobs over RabbitMQ (4.3 or newer): ports/job_queue.h with quorum queues, publisher confirms and manual acks.
//
// Queues, all durable: PREFIX.ingestion and PREFIX.analysis (work), PREFIX.KIND.delay.MS (one per delay step; they
// dead-letter back into the work queue when their time-to-live is over), PREFIX.dead (what can never succeed, bounded).

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "ports/job_queue.h"

namespace letterlock::amqp {

struct RabbitOptions {
  std::string url;                                        // amqp://user:password@host:port/vhost or amqps://…
  std::string prefix = "letterlock";                      // of every queue and exchange
  int delivery_limit = 20;                                // failed deliveries of one message before it is dead-lettered
  std::chrono::milliseconds consumer_timeout{1'800'000};  // a delivery unacknowledged for longer is given to another
  std::vector<std::chrono::milliseconds> delays = {std::chrono::seconds(1), std::chrono::seconds(5), std::chrono::seconds(30),
                                                   std::chrono::minutes(2), std::chrono::minutes(10)};  // ascending
  int retries_max = 50;                             // retry_later of one message; beyond: dead-lettered
  std::int64_t dead_messages_max = 100'000;         // kept in PREFIX.dead; beyond: the oldest goes
  std::chrono::seconds heartbeat{15};               // silent for 2.5 times this: the connection counts as lost
  std::chrono::seconds connect_timeout{10};         // of one try
  std::chrono::milliseconds reconnect_first{200};   // wait before the second try, doubled …
  std::chrono::milliseconds reconnect_max{10'000};  // … up to this
  std::string ca_file;                              // amqps: PEM; empty: the system's authorities
};

// Owns one broker connection and the event-loop thread that serves it; made in app/, outlives its consumers. Any thread.
class RabbitQueue {
 public:
  // Connect and declare the queues. unavailable: no broker within `wait`; invalid: bad URL, or queues exist with other settings.
  static Result<std::unique_ptr<RabbitQueue>> connect(RabbitOptions options, Clock& clock, Metrics& metrics,
                                                      std::chrono::milliseconds wait = std::chrono::seconds(30));
  ~RabbitQueue();
  RabbitQueue(const RabbitQueue&) = delete;
  RabbitQueue& operator=(const RabbitQueue&) = delete;

  JobPublisher& publisher();
  // Start to consume with `concurrency` worker threads and the same prefetch. A lost connection is mended and the consumer
  // subscribed again; a handler that was running meanwhile finishes, its ack is dropped, and the message comes again.
  // Disposition::retry_later with delay 0 waits by the number of tries so far.
  std::unique_ptr<JobConsumer> make_consumer(JobKind kind, unsigned concurrency, JobHandler handler);

  // unavailable with the reason while there is no usable connection; for /readyz.
  Result<void> check() const;

  // Messages waiting in the queue of this kind, delayed ones not counted.
  Result<std::int64_t> waiting(JobKind kind);
  // Delete every queue and exchange of this prefix (tests, resetting a demo).
  Result<void> remove_queues();

 private:
  RabbitQueue();
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace letterlock::amqp
