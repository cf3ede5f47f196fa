#include "adapters/amqp/consumer.h"

#include <amqpcpp.h>
#include <amqpcpp/linux_tcp.h>

#include "adapters/amqp/job_message_json.h"
#include "adapters/amqp/topology.h"
#include "base/log.h"

namespace letterlock::amqp {
namespace {

constexpr std::chrono::seconds settle_deadline(10);  // stop() waits this long for acks to leave

std::int64_t header_number(const AMQP::Message& message, const std::string& name) {
  const AMQP::Table& headers = message.headers();
  return message.hasHeaders() && headers.contains(name) ? static_cast<std::int64_t>(headers.get(name)) : 0;
}

std::int64_t to_ms(TimePoint time) { return to_unix_micros(time) / 1000; }

}  // namespace

Consumer::Consumer(Options options, JobHandler handler, Broker broker, EventLoop& loop, Clock& clock, Metrics& metrics)
    : options_(options), handler_(std::move(handler)), broker_(std::move(broker)), loop_(loop), clock_(clock), metrics_(metrics) {
  CHECK(options_.concurrency > 0);
  for (unsigned i = 0; i < options_.concurrency; ++i) workers_.emplace_back([this] { work(); });
}

Consumer::~Consumer() { stop(); }

void Consumer::subscribe(AMQP::TcpConnection& connection) {
  connection_ = &connection;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
  }
  const auto number = ++channel_number_;
  channel_ = std::make_unique<AMQP::TcpChannel>(&connection);
  channel_->onError([this, number](const char* message) { resubscribe(number, message); });
  channel_->setQos(static_cast<std::uint16_t>(options_.concurrency));
  consumer_tag_ = new_uuid();
  channel_->consume(work_queue(*options_.rabbit, options_.kind), consumer_tag_)
      .onReceived([this, number](const AMQP::Message& message, std::uint64_t tag, bool redelivered) {
        Delivery delivery{.channel = number, .tag = tag, .body = std::string(message.body(), message.bodySize())};
        delivery.tries = static_cast<int>(header_number(message, "x-tries"));
        delivery.not_before_ms = header_number(message, "x-not-before-ms");
        metrics_.count("letterlock_amqp_deliveries_total", "Deliveries from RabbitMQ",
                       {{"kind", to_string(options_.kind)}, {"redelivered", redelivered ? "yes" : "no"}});
        const std::lock_guard lock(mutex_);
        deliveries_.push_back(std::move(delivery));
        changed_.notify_all();
      })
      // The broker cancels a consumer whose delivery timed out (consumer_timeout), or whose queue went away.
      .onCancelled([this, number](const std::string&) { resubscribe(number, "cancelled by RabbitMQ (consumer time-out)"); })
      .onError([this, number](const char* message) { resubscribe(number, message); });
}

void Consumer::unsubscribe() {
  ++channel_number_;
  channel_.reset();
  connection_ = nullptr;
}

void Consumer::resubscribe(std::uint64_t channel, std::string reason) {
  // AMQP-CPP is on the stack: change channels from a fresh one.
  loop_.after(std::chrono::milliseconds(100), [this, channel, reason = std::move(reason), alive = alive_] {
    if (!*alive || channel != channel_number_ || connection_ == nullptr) return;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    LOG(warn, "subscribing to the queue again", {{"queue", work_queue(*options_.rabbit, options_.kind)}, {"reason", reason}});
    channel_.reset();
    subscribe(*connection_);
  });
}

void Consumer::work() {
  for (;;) {
    Delivery delivery;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !deliveries_.empty(); });
      if (stopping_) return;  // what was not begun returns to the queue with the channel's end
      delivery = std::move(deliveries_.front());
      deliveries_.pop_front();
      ++settling_;
    }
    std::string_view outcome;
    auto disposition = handle(delivery, outcome);
    metrics_.count("letterlock_amqp_handled_total", "Deliveries handled, by outcome",
                   {{"kind", to_string(options_.kind)}, {"outcome", outcome}});
    loop_.post([this, delivery = std::move(delivery), disposition = std::move(disposition), alive = alive_]() mutable {
      if (*alive) settle(std::move(delivery), std::move(disposition));
    });
  }
}

Disposition Consumer::handle(const Delivery& delivery, std::string_view& outcome) {
  using Kind = Disposition::Kind;
  const auto now = to_ms(clock_.now());
  if (delivery.not_before_ms > now) {  // a delay longer than the longest step
    outcome = "parked";
    return {.kind = Kind::retry_later, .delay = std::chrono::milliseconds(delivery.not_before_ms - now), .reason = "not due yet"};
  }
  const auto message = job_message_from_json(delivery.body);
  if (!message || message->kind != options_.kind) {
    outcome = "malformed";
    return {.kind = Kind::dead_letter, .reason = "malformed: " + (message ? "a job of another kind" : message.error().message)};
  }
  auto disposition = handler_(*message);
  outcome = disposition.kind == Kind::ack ? "ack" : disposition.kind == Kind::retry_later ? "retry_later" : "dead_letter";
  return disposition;
}

void Consumer::settle(Delivery delivery, Disposition disposition) {
  const auto& rabbit = *options_.rabbit;
  Publication publication{.body = delivery.body, .reason = disposition.reason, .tries = delivery.tries};
  if (disposition.kind == Disposition::Kind::ack) return acknowledge(delivery);
  if (disposition.kind == Disposition::Kind::retry_later && delivery.tries >= rabbit.retries_max) {
    disposition.kind = Disposition::Kind::dead_letter;
    publication.reason = "gave up after " + std::to_string(delivery.tries) + " retries: " + disposition.reason;
  }
  if (disposition.kind == Disposition::Kind::dead_letter) {
    LOG(error, "dead-lettering a delivery", {{"queue", work_queue(rabbit, options_.kind)}, {"reason", publication.reason}});
    publication.exchange = dead_exchange(rabbit);
    publication.routing_key = to_string(options_.kind);
    return settle_by_publishing(std::move(delivery), std::move(publication));
  }
  const auto now = to_ms(clock_.now());
  const bool parked = delivery.not_before_ms > now;
  auto delay = disposition.delay;
  if (delay.count() <= 0) delay = rabbit.delays[std::min<std::size_t>(static_cast<std::size_t>(delivery.tries), rabbit.delays.size() - 1)];
  if (!parked) ++publication.tries;
  const auto step = delay_step(rabbit, delay);
  if (step < delay) publication.not_before_ms = now + delay.count();
  publication.routing_key = delay_queue(rabbit, options_.kind, step);
  settle_by_publishing(std::move(delivery), std::move(publication));
}

// The copy is confirmed before the original is acknowledged: a crash between the two doubles the message, never loses it.
void Consumer::settle_by_publishing(Delivery delivery, Publication publication) {
  broker_.publish(publication, [this, delivery = std::move(delivery), alive = alive_](bool confirmed) {
    if (!*alive) return;
    if (confirmed) return acknowledge(delivery);
    give_back(delivery);
  });
}

void Consumer::acknowledge(const Delivery& delivery) {
  if (delivery.channel == channel_number_ && channel_)
    channel_->ack(delivery.tag);
  else
    metrics_.count("letterlock_amqp_late_acks_total", "Acks dropped because the connection had changed",
                   {{"kind", to_string(options_.kind)}});
  const std::lock_guard lock(mutex_);
  --settling_;
  changed_.notify_all();
}

void Consumer::give_back(const Delivery& delivery) {
  if (delivery.channel == channel_number_ && channel_) channel_->reject(delivery.tag, AMQP::requeue);
  const std::lock_guard lock(mutex_);
  --settling_;
  changed_.notify_all();
}

void Consumer::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    stopped_ = stopping_ = true;
    changed_.notify_all();
  }
  loop_.run([&] {
    if (channel_) channel_->cancel(consumer_tag_);
  });
  for (auto& worker : workers_) worker.join();
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, settle_deadline, [&] { return settling_ == 0; });
  }
  // Frames are sent in order: the acks leave before the close, and its answer says that the broker has them.
  auto closed = std::make_shared<bool>(false);
  const auto finish = [this, closed, alive = alive_] {
    if (!*alive) return;
    const std::lock_guard lock(mutex_);
    *closed = true;
    changed_.notify_all();
  };
  loop_.run([&] {
    if (!channel_) return finish();
    channel_->close().onSuccess(finish).onError([finish](const char*) { finish(); });
  });
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, settle_deadline, [&] { return *closed; });
  }
  loop_.run([&] {
    broker_.forget(this);
    unsubscribe();
    *alive_ = false;
  });
}

}  // namespace letterlock::amqp
