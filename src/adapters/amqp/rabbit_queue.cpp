#include "adapters/amqp/rabbit_queue.h"

#include <amqpcpp.h>
#include <amqpcpp/linux_tcp.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>

#include "adapters/amqp/confirm_channel.h"
#include "adapters/amqp/consumer.h"
#include "adapters/amqp/event_loop.h"
#include "adapters/amqp/job_message_json.h"
#include "adapters/amqp/link.h"
#include "adapters/amqp/topology.h"
#include "base/log.h"

namespace letterlock::amqp {
namespace {

constexpr std::chrono::seconds command_timeout(10);  // of waiting() and remove_queues()

// Answers of one publish() call, written on the loop's thread and awaited on the caller's.
struct Batch {
  explicit Batch(std::size_t size) : confirmed(size, false), left(size) {}
  void answer(std::size_t index, bool is_confirmed) {
    const std::lock_guard lock(mutex);
    confirmed[index] = is_confirmed;
    if (--left == 0) changed.notify_all();
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<bool> confirmed;
  std::size_t left;
};

// One answer awaited across threads; a late one is dropped.
struct Answer {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Result<std::int64_t>> value;
  void set(Result<std::int64_t> result) {
    const std::lock_guard lock(mutex);
    if (!value) value = std::move(result);
    changed.notify_all();
  }
  Result<std::int64_t> wait(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex);
    if (!changed.wait_for(lock, timeout, [&] { return value.has_value(); }))
      return fail(ErrorKind::unavailable, "RabbitMQ did not answer in time");
    return *value;
  }
};

}  // namespace

class RabbitQueue::Impl final : public JobPublisher {
 public:
  Impl(RabbitOptions options, Clock& clock, Metrics& metrics)
      : options_(std::move(options)),
        clock_(clock),
        metrics_(metrics),
        link_(std::make_unique<Link>(loop_, options_, metrics,
                                     Link::Events{.up = [this](AMQP::TcpConnection& connection) { up(connection); },
                                                  .down = [this](const Error& reason) { down(reason); }})) {
    loop_.post([this] { link_->start(); });
  }

  ~Impl() override {
    loop_.run([this] {
      CHECK(consumers_.empty());  // a consumer outlived its queue
      confirms_.reset();
      command_.reset();
      link_.reset();
    });
  }

  Result<void> wait_until_ready(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, wait, [&] { return ready_ || last_error_.kind == ErrorKind::invalid; });
    if (ready_) return {};
    return fail(last_error_);
  }

  Result<void> check() const {
    const std::lock_guard lock(mutex_);
    if (ready_) return {};
    return fail(last_error_);
  }

  Result<std::vector<bool>> publish(std::span<const JobMessage> messages, std::chrono::milliseconds timeout) override {
    TRY(check());
    if (messages.empty()) return std::vector<bool>();
    const auto batch = std::make_shared<Batch>(messages.size());
    std::vector<Publication> publications;
    publications.reserve(messages.size());
    for (const auto& message : messages)
      publications.push_back({.routing_key = work_queue(options_, message.kind), .body = to_json(message)});
    loop_.post([this, batch, publications = std::move(publications)] {
      for (std::size_t i = 0; i < publications.size(); ++i)
        publish_on_loop(publications[i], [batch, i](bool confirmed) { batch->answer(i, confirmed); });
    });
    std::unique_lock lock(batch->mutex);
    batch->changed.wait_for(lock, timeout, [&] { return batch->left == 0; });
    return batch->confirmed;
  }

  Result<void> publish_dead(const JobMessage& message, std::string_view reason) override {
    TRY(check());
    const auto batch = std::make_shared<Batch>(1);
    loop_.post([this, batch,
                publication = Publication{.exchange = dead_exchange(options_),
                                          .routing_key = std::string(to_string(message.kind)),
                                          .body = to_json(message),
                                          .reason = std::string(reason)}] {
      publish_on_loop(publication, [batch](bool confirmed) { batch->answer(0, confirmed); });
    });
    std::unique_lock lock(batch->mutex);
    batch->changed.wait_for(lock, command_timeout, [&] { return batch->left == 0; });
    if (!batch->confirmed[0]) return fail(ErrorKind::unavailable, "RabbitMQ did not confirm the dead letter");
    return {};
  }

  std::unique_ptr<JobConsumer> make_consumer(JobKind kind, unsigned concurrency, JobHandler handler) {
    auto consumer = std::make_unique<Consumer>(
        Consumer::Options{.kind = kind, .concurrency = concurrency, .rabbit = &options_}, std::move(handler),
        Consumer::Broker{
            .publish = [this](const Publication& publication, ConfirmChannel::Done done) { publish_on_loop(publication, std::move(done)); },
            .forget = [this](Consumer* gone) { consumers_.erase(gone); }},
        loop_, clock_, metrics_);
    loop_.run([&, this] {
      consumers_.insert(consumer.get());
      if (connection_) consumer->subscribe(*connection_);
    });
    return consumer;
  }

  Result<std::int64_t> command(std::function<void(AMQP::TcpChannel&, std::shared_ptr<Answer>)> send) {
    TRY(check());
    const auto answer = std::make_shared<Answer>();
    loop_.post([this, answer, send = std::move(send)] {
      if (!connection_) return answer->set(fail(ErrorKind::unavailable, "RabbitMQ: not connected"));
      command_ = std::make_unique<AMQP::TcpChannel>(connection_);
      command_->onError([answer](const char* message) { answer->set(fail(ErrorKind::unavailable, std::string("RabbitMQ: ") + message)); });
      send(*command_, answer);
    });
    return answer->wait(command_timeout);
  }

  Result<std::int64_t> waiting(JobKind kind) {
    return command([this, kind](AMQP::TcpChannel& channel, std::shared_ptr<Answer> answer) {
      channel.declareQueue(work_queue(options_, kind), AMQP::passive)
          .onSuccess([answer](const std::string&, std::uint32_t messages, std::uint32_t) { answer->set(std::int64_t(messages)); });
    });
  }

  Result<void> remove_queues() {
    TRY(command([this](AMQP::TcpChannel& channel, std::shared_ptr<Answer> answer) {
      remove(channel, options_, [answer](std::string complaint) {
        if (complaint.empty())
          answer->set(std::int64_t(0));
        else
          answer->set(fail(ErrorKind::unavailable, "removing RabbitMQ " + complaint));
      });
    }));
    return {};
  }

 private:
  void up(AMQP::TcpConnection& connection) {
    connection_ = &connection;
    confirms_ = std::make_unique<ConfirmChannel>(connection, [this](bool is_ready, std::string reason) {
      if (!is_ready) return link_->fail_with({.kind = ErrorKind::unavailable, .message = "RabbitMQ: publishing channel: " + reason});
      set_ready(true, {});
    });
    for (auto* consumer : consumers_) consumer->subscribe(connection);
  }

  void down(const Error& reason) {
    set_ready(false, reason);
    for (auto* consumer : consumers_) consumer->unsubscribe();
    confirms_.reset();
    command_.reset();
    connection_ = nullptr;
  }

  void set_ready(bool ready, Error reason) {
    const std::lock_guard lock(mutex_);
    ready_ = ready;
    last_error_ = std::move(reason);
    changed_.notify_all();
  }

  void publish_on_loop(const Publication& publication, ConfirmChannel::Done done) {
    if (!confirms_) return done(false);
    confirms_->publish(publication, [this, done = std::move(done)](bool confirmed) {
      metrics_.count("letterlock_amqp_published_total", "Messages published to RabbitMQ", {{"confirmed", confirmed ? "yes" : "no"}});
      done(confirmed);
    });
  }

  const RabbitOptions options_;
  Clock& clock_;
  Metrics& metrics_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false;
  Error last_error_{.kind = ErrorKind::unavailable, .message = "RabbitMQ: not connected yet"};

  // Loop thread only.
  AMQP::TcpConnection* connection_ = nullptr;
  std::unique_ptr<ConfirmChannel> confirms_;
  std::unique_ptr<AMQP::TcpChannel> command_;
  std::set<Consumer*> consumers_;

  EventLoop loop_;              // ends before what its tasks touch …
  std::unique_ptr<Link> link_;  // … but is needed to end the link: see the destructor
};

RabbitQueue::RabbitQueue() = default;
RabbitQueue::~RabbitQueue() = default;

Result<std::unique_ptr<RabbitQueue>> RabbitQueue::connect(RabbitOptions options, Clock& clock, Metrics& metrics,
                                                          std::chrono::milliseconds wait) {
  if (!options.url.starts_with("amqp://") && !options.url.starts_with("amqps://"))
    return fail(ErrorKind::invalid, "the RabbitMQ URL does not start with amqp:// or amqps://");
  if (options.prefix.empty() || options.delays.empty() || !std::ranges::is_sorted(options.delays))
    return fail(ErrorKind::invalid, "the RabbitMQ options need a prefix and ascending delays");
  auto queue = std::unique_ptr<RabbitQueue>(new RabbitQueue());
  queue->impl_ = std::make_unique<Impl>(std::move(options), clock, metrics);
  TRY(queue->impl_->wait_until_ready(wait));
  return queue;
}

JobPublisher& RabbitQueue::publisher() { return *impl_; }
std::unique_ptr<JobConsumer> RabbitQueue::make_consumer(JobKind kind, unsigned concurrency, JobHandler handler) {
  return impl_->make_consumer(kind, concurrency, std::move(handler));
}
Result<void> RabbitQueue::check() const { return impl_->check(); }
Result<std::int64_t> RabbitQueue::waiting(JobKind kind) { return impl_->waiting(kind); }
Result<void> RabbitQueue::remove_queues() { return impl_->remove_queues(); }

}  // namespace letterlock::amqp
