#include "adapters/amqp/topology.h"

#include <amqpcpp.h>
#include <amqpcpp/linux_tcp.h>

#include <memory>

namespace letterlock::amqp {
namespace {

constexpr JobKind kinds[] = {JobKind::ingestion, JobKind::analysis};

AMQP::Table quorum() {
  AMQP::Table arguments;
  arguments.set("x-queue-type", "quorum");
  return arguments;
}

// Dead-letter at least once: the message leaves its queue only when the target has it. RabbitMQ demands reject-publish with it.
AMQP::Table dead_lettering_to(const std::string& exchange, const std::string& routing_key) {
  auto arguments = quorum();
  arguments.set("x-dead-letter-exchange", exchange);
  arguments.set("x-dead-letter-routing-key", routing_key);
  arguments.set("x-dead-letter-strategy", "at-least-once");
  arguments.set("x-overflow", "reject-publish");
  return arguments;
}

// Calls done when all awaited answers have come, or at the first complaint.
class Answers : public std::enable_shared_from_this<Answers> {
 public:
  explicit Answers(std::function<void(std::string)> done) : done_(std::move(done)) {}

  void await(AMQP::Deferred& deferred, const std::string& what) {
    ++left_;
    deferred.onSuccess([self = shared_from_this()] { self->answer({}); }).onError([self = shared_from_this(), what](const char* message) {
      self->answer(what + ": " + message);
    });
  }
  void all_sent() { answer({}); }

 private:
  void answer(std::string complaint) {
    if (!done_) return;
    --left_;
    if (complaint.empty() && left_ > 0) return;
    const auto done = std::exchange(done_, nullptr);
    done(std::move(complaint));
  }

  std::function<void(std::string)> done_;
  int left_ = 1;  // all_sent counts as one
};

}  // namespace

std::string work_queue(const RabbitOptions& options, JobKind kind) { return options.prefix + "." + std::string(to_string(kind)); }
std::string delay_queue(const RabbitOptions& options, JobKind kind, std::chrono::milliseconds delay) {
  return work_queue(options, kind) + ".delay." + std::to_string(delay.count());
}
std::string dead_queue(const RabbitOptions& options) { return options.prefix + ".dead"; }
std::string dead_exchange(const RabbitOptions& options) { return options.prefix + ".dead"; }

std::chrono::milliseconds delay_step(const RabbitOptions& options, std::chrono::milliseconds wait) {
  for (const auto step : options.delays)
    if (step >= wait) return step;
  return options.delays.back();
}

void declare(AMQP::TcpChannel& channel, const RabbitOptions& options, std::function<void(std::string)> done) {
  const auto answers = std::make_shared<Answers>(std::move(done));
  answers->await(channel.declareExchange(dead_exchange(options), AMQP::fanout, AMQP::durable), "exchange " + dead_exchange(options));
  auto dead = quorum();
  dead.set("x-max-length", static_cast<std::int64_t>(options.dead_messages_max));
  answers->await(channel.declareQueue(dead_queue(options), AMQP::durable, dead), "queue " + dead_queue(options));
  answers->await(channel.bindQueue(dead_exchange(options), dead_queue(options), ""), "queue " + dead_queue(options));
  for (const auto kind : kinds) {
    auto work = dead_lettering_to(dead_exchange(options), std::string(to_string(kind)));
    work.set("x-delivery-limit", static_cast<std::int32_t>(options.delivery_limit));
    work.set("x-consumer-timeout", static_cast<std::int64_t>(options.consumer_timeout.count()));
    const auto name = work_queue(options, kind);
    answers->await(channel.declareQueue(name, AMQP::durable, work), "queue " + name);
    for (const auto delay : options.delays) {
      auto parked = dead_lettering_to("", name);  // the default exchange routes by queue name
      parked.set("x-message-ttl", static_cast<std::int64_t>(delay.count()));
      const auto delayed = delay_queue(options, kind, delay);
      answers->await(channel.declareQueue(delayed, AMQP::durable, parked), "queue " + delayed);
    }
  }
  answers->all_sent();
}

void remove(AMQP::TcpChannel& channel, const RabbitOptions& options, std::function<void(std::string)> done) {
  const auto answers = std::make_shared<Answers>(std::move(done));
  for (const auto kind : kinds) {
    for (const auto delay : options.delays)
      answers->await(channel.removeQueue(delay_queue(options, kind, delay)), "queue " + delay_queue(options, kind, delay));
    answers->await(channel.removeQueue(work_queue(options, kind)), "queue " + work_queue(options, kind));
  }
  answers->await(channel.removeQueue(dead_queue(options)), "queue " + dead_queue(options));
  answers->await(channel.removeExchange(dead_exchange(options)), "exchange " + dead_exchange(options));
  answers->all_sent();
}

}  // namespace letterlock::amqp
