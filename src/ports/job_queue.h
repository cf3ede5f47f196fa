#pragma once

// Jobs over a message broker, delivered at least once. Implemented by adapters/amqp (RabbitMQ quorum queues).

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/job.h"

namespace letterlock {

// What becomes of a delivery.
struct Disposition {
  enum class Kind { ack, retry_later, dead_letter } kind = Kind::ack;
  std::chrono::milliseconds delay{0};  // retry_later: at least this long
  std::string reason;                  // retry_later, dead_letter: for the operator, in the x-reason header
};

class JobPublisher {
 public:
  virtual ~JobPublisher() = default;
  // Publish persistently to the queue of the message's kind and wait for the broker's confirm of all.
  // The answer says for each message, in order, whether it was confirmed.
  virtual Result<std::vector<bool>> publish(std::span<const JobMessage> messages, std::chrono::milliseconds timeout) = 0;
  // Put a message into the dead-letter queue, with its reason.
  virtual Result<void> publish_dead(const JobMessage& message, std::string_view reason) = 0;
};

// Called on a worker thread, at most `concurrency` at once; must return within the queue's consumer time-out.
using JobHandler = std::function<Disposition(const JobMessage&)>;

class JobConsumer {
 public:
  virtual ~JobConsumer() = default;
  // Take no more deliveries, wait for running handlers, send their acks, close. Unhandled deliveries return to the queue.
  virtual void stop() = 0;
};

}  // namespace letterlock
