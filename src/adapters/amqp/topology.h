#pragma once

// The names and arguments of the queues, and their declaration. Loop thread only.

#include <functional>
#include <string>
#include <vector>

#include "adapters/amqp/rabbit_queue.h"

namespace AMQP {
class TcpChannel;
}

namespace letterlock::amqp {

std::string work_queue(const RabbitOptions& options, JobKind kind);
std::string delay_queue(const RabbitOptions& options, JobKind kind, std::chrono::milliseconds delay);
std::string dead_queue(const RabbitOptions& options);
std::string dead_exchange(const RabbitOptions& options);

// The delay queue for a wait: the shortest step that is not shorter, or the longest (the message is then parked again).
std::chrono::milliseconds delay_step(const RabbitOptions& options, std::chrono::milliseconds wait);

// Declare everything on the channel; done is called once, with the broker's complaint or an empty text.
void declare(AMQP::TcpChannel& channel, const RabbitOptions& options, std::function<void(std::string complaint)> done);
// Delete everything; done is called once.
void remove(AMQP::TcpChannel& channel, const RabbitOptions& options, std::function<void(std::string complaint)> done);

}  // namespace letterlock::amqp
