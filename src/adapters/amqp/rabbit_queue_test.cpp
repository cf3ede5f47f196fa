// Against a real RabbitMQ, every test with its own prefix; the queues are deleted at the end.

#include "adapters/amqp/rabbit_queue.h"

#include <amqpcpp.h>
#include <amqpcpp/libuv.h>
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <latch>
#include <list>
#include <mutex>
#include <thread>

#include "adapters/amqp/event_loop.h"
#include "adapters/amqp/job_message_json.h"
#include "adapters/amqp/topology.h"

namespace letterlock::amqp {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;
constexpr auto deadline = 120s;  // patience, not a promise: the broker and the test share busy cores

std::string broker_url() {
  const char* url = std::getenv("LETTERLOCK_TEST_AMQP_URL");
  return url ? url : "";
}

JobMessage some_job(JobKind kind = JobKind::ingestion) {
  return {.job_id = JobId(new_uuid()), .tenant_id = TenantId(new_uuid()), .connection_id = ConnectionId(new_uuid()), .kind = kind};
}

template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = deadline) {
  const auto end = SteadyClock::now() + limit;
  while (!condition()) {
    if (SteadyClock::now() > end) return false;
    std::this_thread::yield();
    poll(nullptr, 0, 5);
  }
  return true;
}

// What a consumer was given, with the time.
class Record {
 public:
  struct Entry {
    JobMessage message;
    SteadyClock::time_point at;
  };
  std::size_t add(const JobMessage& message) {
    const std::lock_guard lock(mutex_);
    entries_.push_back({message, SteadyClock::now()});
    return entries_.size();
  }
  std::vector<Entry> entries() const {
    const std::lock_guard lock(mutex_);
    return entries_;
  }
  std::size_t size() const { return entries().size(); }

 private:
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

// A bare AMQP client: puts any bytes into a queue, takes out what lies there.
class BareClient {
 public:
  struct Taken {
    std::string body;
    std::string reason;
    bool has_death = false;
  };

  BareClient() {
    loop_.run([this] {
      handler_ = std::make_unique<AMQP::LibUvHandler>(loop_.handle());
      connection_ = std::make_unique<AMQP::TcpConnection>(handler_.get(), AMQP::Address(broker_url()));
      channel_ = std::make_unique<AMQP::TcpChannel>(connection_.get());
    });
  }
  ~BareClient() { cut(); }

  // Close the socket as a dying process would.
  void cut() {
    loop_.run([this] {
      if (connection_) connection_->close(true);
      channel_.reset();
      connection_.reset();
      handler_.reset();
    });
  }
  void publish(const std::string& queue, const std::string& body) {
    loop_.run([&] { channel_->publish("", queue, body); });
  }
  std::optional<Taken> take(const std::string& queue) {
    const auto taken = std::make_shared<std::promise<std::optional<Taken>>>();
    loop_.run([&] {
      channel_->get(queue, AMQP::noack)
          .onReceived([taken](const AMQP::Message& message, std::uint64_t, bool) {
            Taken one{.body = std::string(message.body(), message.bodySize())};
            const AMQP::Table& headers = message.headers();
            if (headers.contains("x-reason")) one.reason = static_cast<const std::string&>(headers.get("x-reason"));
            one.has_death = headers.contains("x-death");
            taken->set_value(one);
          })
          .onEmpty([taken] { taken->set_value(std::nullopt); });
    });
    auto answer = taken->get_future();
    if (answer.wait_for(deadline) != std::future_status::ready) return std::nullopt;
    return answer.get();
  }
  // Take one delivery and hold it unacknowledged; true once it is here.
  bool hold_one(const std::string& queue) {
    const auto got = std::make_shared<std::promise<void>>();
    loop_.run([&] {
      channel_->setQos(1);
      channel_->consume(queue).onReceived([got](const AMQP::Message&, std::uint64_t, bool) { got->set_value(); });
    });
    return got->get_future().wait_for(deadline) == std::future_status::ready;
  }

 private:
  EventLoop loop_;
  std::unique_ptr<AMQP::LibUvHandler> handler_;
  std::unique_ptr<AMQP::TcpConnection> connection_;
  std::unique_ptr<AMQP::TcpChannel> channel_;
};

// Forwards TCP to the broker until it is told to cut every connection, or to refuse new ones.
class Proxy {
 public:
  explicit Proxy(std::uint16_t target) : target_(target) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    auto address = loopback(0);
    CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(listener_, 16) == 0);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~Proxy() {
    ending_ = true;
    thread_.join();
    for (const auto& [a, b] : pairs_) close(a), close(b);
    close(listener_);
  }
  std::uint16_t port() const { return port_; }
  void cut() { cuts_wanted_++; }
  void refuse(bool on) { refusing_ = on; }
  void swallow(bool on) { swallowing_ = on; }  // accept bytes, pass none on: a dead peer that never closes
  int accepted() const { return accepted_; }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }
  void run() {
    int cuts_done = 0;
    while (!ending_) {
      if (cuts_done != cuts_wanted_) {
        cuts_done = cuts_wanted_;
        for (const auto& [a, b] : pairs_) close(a), close(b);
        pairs_.clear();
      }
      std::vector<pollfd> watched{{listener_, POLLIN, 0}};
      for (const auto& [a, b] : pairs_) {
        watched.push_back({a, POLLIN, 0});
        watched.push_back({b, POLLIN, 0});
      }
      if (poll(watched.data(), watched.size(), 10) <= 0) continue;
      auto pair = pairs_.begin();
      for (std::size_t i = 1; i < watched.size(); i += 2) {
        const bool alive =
            (!watched[i].revents || forward(pair->first, pair->second)) && (!watched[i + 1].revents || forward(pair->second, pair->first));
        if (alive) {
          ++pair;
        } else {
          close(pair->first), close(pair->second);
          pair = pairs_.erase(pair);
        }
      }
      if (watched[0].revents) {
        const int client = accept(listener_, nullptr, nullptr);
        if (refusing_) {
          close(client);
          continue;
        }
        const int server = socket(AF_INET, SOCK_STREAM, 0);
        auto address = loopback(target_);
        CHECK(connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        pairs_.emplace_back(client, server);
        ++accepted_;
      }
    }
  }
  bool forward(int from, int to) const {
    char bytes[65536];
    const auto count = recv(from, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    return swallowing_ || send(to, bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
  }

  const std::uint16_t target_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> ending_ = false, refusing_ = false, swallowing_ = false;
  std::atomic<int> cuts_wanted_ = 0, accepted_ = 0;
  std::list<std::pair<int, int>> pairs_;
  std::thread thread_;
};

class RabbitQueueTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(broker_url(), "") << "LETTERLOCK_TEST_AMQP_URL is not set; run through ./dev test";
    options_.url = broker_url();
    options_.prefix = "test-" + new_uuid();
    options_.delays = {500ms, 1500ms};
  }
  void TearDown() override {
    queue_.reset();
    if (connected_) {
      auto cleaner = RabbitQueue::connect(with_url(broker_url()), clock_, metrics_);
      ASSERT_TRUE(cleaner) << cleaner.error().message;
      const auto removed = (*cleaner)->remove_queues();
      EXPECT_TRUE(removed) << removed.error().message;
    }
  }

  RabbitOptions with_url(std::string url) const {
    auto options = options_;
    options.url = std::move(url);
    return options;
  }
  RabbitQueue& queue() {
    if (!queue_) {
      auto connected = RabbitQueue::connect(options_, clock_, metrics_);
      CHECK(connected.has_value());
      queue_ = std::move(*connected);
      connected_ = true;
    }
    return *queue_;
  }
  std::unique_ptr<Proxy> through_proxy() {
    const AMQP::Address broker(broker_url());
    auto proxy = std::make_unique<Proxy>(broker.port());
    options_.url =
        "amqp://" + broker.login().user() + ":" + broker.login().password() + "@127.0.0.1:" + std::to_string(proxy->port()) + "/";
    return proxy;
  }
  void publish(const JobMessage& message) {
    const auto confirmed = queue().publisher().publish(std::span(&message, 1), 10s);
    ASSERT_TRUE(confirmed) << confirmed.error().message;
    ASSERT_EQ(*confirmed, std::vector<bool>{true});
  }
  std::optional<BareClient::Taken> next_dead() {
    std::optional<BareClient::Taken> taken;
    EXPECT_TRUE(eventually([&] { return (taken = bare().take(dead_queue(options_))).has_value(); }));
    return taken;
  }
  BareClient& bare() {
    if (!bare_) bare_ = std::make_unique<BareClient>();
    return *bare_;
  }

  SystemClock clock_;
  Metrics metrics_;
  RabbitOptions options_;
  std::unique_ptr<RabbitQueue> queue_;
  std::unique_ptr<BareClient> bare_;
  bool connected_ = false;
};

TEST_F(RabbitQueueTest, ConfirmsEveryMessageAndDeliversEachToTheQueueOfItsKind) {
  std::vector<JobMessage> jobs;
  for (int i = 0; i < 500; ++i) jobs.push_back(some_job(i % 2 ? JobKind::analysis : JobKind::ingestion));
  const auto confirmed = queue().publisher().publish(jobs, 20s);
  ASSERT_TRUE(confirmed) << confirmed.error().message;
  EXPECT_EQ(*confirmed, std::vector<bool>(500, true));
  Record ingested, analysed;
  const auto a =
      queue().make_consumer(JobKind::ingestion, 2, [&](const JobMessage& message) { return ingested.add(message), Disposition{}; });
  const auto b =
      queue().make_consumer(JobKind::analysis, 2, [&](const JobMessage& message) { return analysed.add(message), Disposition{}; });
  EXPECT_TRUE(eventually([&] { return ingested.size() == 250 && analysed.size() == 250; }));
  for (const auto& entry : ingested.entries()) EXPECT_EQ(entry.message.kind, JobKind::ingestion);
}

TEST_F(RabbitQueueTest, DoesNotConfirmWhatNoQueueTook) {
  ASSERT_TRUE(queue().remove_queues());
  connected_ = false;
  const auto job = some_job();
  const auto confirmed = queue().publisher().publish(std::span(&job, 1), 10s);
  ASSERT_TRUE(confirmed) << confirmed.error().message;
  EXPECT_EQ(*confirmed, std::vector<bool>{false});
}

TEST_F(RabbitQueueTest, AnAcknowledgedMessageIsGone) {
  publish(some_job());
  Record record;
  auto consumer =
      queue().make_consumer(JobKind::ingestion, 1, [&](const JobMessage& message) { return record.add(message), Disposition{}; });
  ASSERT_TRUE(eventually([&] { return record.size() == 1; }));
  consumer->stop();
  EXPECT_EQ(queue().waiting(JobKind::ingestion).value(), 0);
  EXPECT_EQ(record.size(), 1u);
}

TEST_F(RabbitQueueTest, DeliversAgainWhatADeadConsumerHeld) {
  const auto job = some_job();
  publish(job);
  BareClient dying;
  ASSERT_TRUE(dying.hold_one(work_queue(options_, JobKind::ingestion)));
  dying.cut();
  Record record;
  auto consumer =
      queue().make_consumer(JobKind::ingestion, 1, [&](const JobMessage& message) { return record.add(message), Disposition{}; });
  ASSERT_TRUE(eventually([&] { return record.size() == 1; }));
  EXPECT_EQ(record.entries()[0].message, job);
}

TEST_F(RabbitQueueTest, AMessagePublishedTwiceIsDeliveredTwice) {
  const auto job = some_job();
  publish(job);
  publish(job);
  Record record;
  auto consumer =
      queue().make_consumer(JobKind::ingestion, 1, [&](const JobMessage& message) { return record.add(message), Disposition{}; });
  ASSERT_TRUE(eventually([&] { return record.size() == 2; }));
  EXPECT_EQ(record.entries()[0].message, record.entries()[1].message);
}

TEST_F(RabbitQueueTest, RetryLaterComesBackAfterTheDelayAndNotBefore) {
  publish(some_job());
  Record record;
  auto consumer = queue().make_consumer(JobKind::ingestion, 1, [&](const JobMessage& message) {
    return record.add(message) == 1 ? Disposition{.kind = Disposition::Kind::retry_later, .delay = 1000ms, .reason = "storage is away"}
                                    : Disposition{};
  });
  ASSERT_TRUE(eventually([&] { return record.size() == 2; }));
  const auto waited = record.entries()[1].at - record.entries()[0].at;
  EXPECT_GE(waited, 1000ms);
  EXPECT_LT(waited, 10s);
}

TEST_F(RabbitQueueTest, ADelayBeyondTheLongestStepIsKeptToo) {
  publish(some_job());
  Record record;
  auto consumer = queue().make_consumer(JobKind::ingestion, 1, [&](const JobMessage& message) {
    return record.add(message) == 1 ? Disposition{.kind = Disposition::Kind::retry_later, .delay = 2500ms, .reason = "throttled"}
                                    : Disposition{};
  });
  ASSERT_TRUE(eventually([&] { return record.size() == 2; }));
  EXPECT_GE(record.entries()[1].at - record.entries()[0].at, 2499ms);  // kept in whole milliseconds
}

TEST_F(RabbitQueueTest, GivesUpAfterTheAllowedRetriesAndSaysWhy) {
  options_.delays = {1ms};
  options_.retries_max = 3;
  const auto job = some_job();
  publish(job);
  Record record;
  auto consumer = queue().make_consumer(JobKind::ingestion, 1, [&](const JobMessage& message) {
    return record.add(message), Disposition{.kind = Disposition::Kind::retry_later, .reason = "api is away"};
  });
  const auto dead = next_dead();
  ASSERT_TRUE(dead);
  EXPECT_EQ(dead->reason, "gave up after 3 retries: api is away");
  EXPECT_EQ(job_message_from_json(dead->body).value(), job);
  EXPECT_EQ(record.size(), 4u);
}

TEST_F(RabbitQueueTest, DeadLettersWithTheHandlersReason) {
  const auto job = some_job(JobKind::analysis);
  publish(job);
  auto consumer = queue().make_consumer(JobKind::analysis, 1, [](const JobMessage&) {
    return Disposition{.kind = Disposition::Kind::dead_letter, .reason = "internal: broken invariant"};
  });
  const auto dead = next_dead();
  ASSERT_TRUE(dead);
  EXPECT_EQ(dead->reason, "internal: broken invariant");
  EXPECT_EQ(job_message_from_json(dead->body).value(), job);
}

TEST_F(RabbitQueueTest, APublisherCanDeadLetterToo) {
  const auto job = some_job();
  ASSERT_TRUE(queue().publisher().publish_dead(job, "tries used up"));
  const auto dead = next_dead();
  ASSERT_TRUE(dead);
  EXPECT_EQ(dead->reason, "tries used up");
}

TEST_F(RabbitQueueTest, AMalformedBodyIsDeadLetteredAndTheNextJobRuns) {
  queue();
  const auto job = some_job();
  bare().publish(work_queue(options_, JobKind::ingestion), "{\"job_id\": 12");
  bare().publish(work_queue(options_, JobKind::ingestion), to_json(some_job(JobKind::analysis)));
  publish(job);
  Record record;
  auto consumer =
      queue().make_consumer(JobKind::ingestion, 1, [&](const JobMessage& message) { return record.add(message), Disposition{}; });
  ASSERT_TRUE(eventually([&] { return record.size() == 1; }));
  EXPECT_EQ(record.entries()[0].message, job);
  const auto first = next_dead();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->body, "{\"job_id\": 12");
  EXPECT_EQ(first->reason, "malformed: the body of the job is not the JSON object expected");
  const auto second = next_dead();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->reason, "malformed: a job of another kind");
}

TEST_F(RabbitQueueTest, AMessageThatKillsItsConsumersReachesTheDeliveryLimitAndIsDeadLettered) {
  options_.delivery_limit = 2;
  const auto job = some_job();
  publish(job);
  for (int i = 0; i < 3; ++i) {
    BareClient dying;
    ASSERT_TRUE(dying.hold_one(work_queue(options_, JobKind::ingestion))) << "delivery " << i + 1;
    dying.cut();
  }
  const auto dead = next_dead();
  ASSERT_TRUE(dead);
  EXPECT_EQ(job_message_from_json(dead->body).value(), job);
  EXPECT_TRUE(dead->has_death);
}

TEST_F(RabbitQueueTest, HoldsNoMoreDeliveriesThanItsConcurrency) {
  std::vector<JobMessage> jobs(10);
  for (auto& job : jobs) job = some_job();
  ASSERT_EQ(queue().publisher().publish(jobs, 10s).value(), std::vector<bool>(10, true));
  std::latch release(1);
  std::atomic<int> running = 0, most = 0;
  Record record;
  auto consumer = queue().make_consumer(JobKind::ingestion, 3, [&](const JobMessage& message) {
    const int now = ++running;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    release.wait();
    --running;
    return record.add(message), Disposition{};
  });
  ASSERT_TRUE(eventually([&] { return running == 3; }));
  EXPECT_EQ(queue().waiting(JobKind::ingestion).value(), 7);
  release.count_down();
  ASSERT_TRUE(eventually([&] { return record.size() == 10; }));
  EXPECT_EQ(most, 3);
}

TEST_F(RabbitQueueTest, StopFinishesWhatRunsAndReturnsTheRest) {
  std::vector<JobMessage> jobs(5);
  for (auto& job : jobs) job = some_job();
  ASSERT_EQ(queue().publisher().publish(jobs, 10s).value(), std::vector<bool>(5, true));
  std::latch begun(1), release(1);
  Record record;
  auto consumer = queue().make_consumer(JobKind::ingestion, 1, [&](const JobMessage& message) {
    if (record.add(message) == 1) begun.count_down();
    release.wait();
    return Disposition{};
  });
  begun.wait();
  std::atomic<bool> stopped = false;
  std::thread stopper([&] {
    consumer->stop();
    stopped = true;
  });
  EXPECT_FALSE(stopped);  // the handler still runs
  release.count_down();
  stopper.join();
  const auto handled = record.size();
  EXPECT_GE(handled, 1u);
  EXPECT_TRUE(eventually([&] { return queue().waiting(JobKind::ingestion).value_or(-1) == static_cast<std::int64_t>(5 - handled); }));
}

TEST_F(RabbitQueueTest, ComesBackAfterTheConnectionIsCutAndDropsLateAcks) {
  auto proxy = through_proxy();
  std::latch begun(1), release(1);
  Record record;
  const auto job = some_job();
  publish(job);
  auto consumer = queue().make_consumer(JobKind::ingestion, 1, [&](const JobMessage& message) {
    if (record.add(message) == 1) {
      begun.count_down();
      release.wait();
    }
    return Disposition{};
  });
  begun.wait();
  proxy->cut();
  ASSERT_TRUE(eventually([&] { return !queue().check(); }));
  EXPECT_EQ(queue().check().error().kind, ErrorKind::unavailable);
  ASSERT_TRUE(eventually([&] { return queue().check().has_value(); }));
  release.count_down();  // its ack belongs to the old connection
  ASSERT_TRUE(eventually([&] { return record.size() == 2; })) << "the job was not delivered again";
  EXPECT_EQ(record.entries()[1].message, job);
  publish(some_job());
  EXPECT_TRUE(eventually([&] { return record.size() == 3; }));
  consumer->stop();
  EXPECT_EQ(queue().waiting(JobKind::ingestion).value(), 0);
}

TEST_F(RabbitQueueTest, SaysSoWhileTheBrokerIsAway) {
  auto proxy = through_proxy();
  queue();
  proxy->refuse(true);
  proxy->cut();
  ASSERT_TRUE(eventually([&] { return !queue().check(); }));
  const auto job = some_job();
  const auto published = queue().publisher().publish(std::span(&job, 1), 1s);
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().kind, ErrorKind::unavailable);
  proxy->refuse(false);
  ASSERT_TRUE(eventually([&] { return queue().check().has_value(); }));
  publish(job);
}

TEST_F(RabbitQueueTest, NoticesAPeerThatFellSilent) {
  auto proxy = through_proxy();
  options_.heartbeat = 1s;
  queue();
  const int before = proxy->accepted();
  proxy->swallow(true);
  ASSERT_TRUE(eventually([&] { return !queue().check(); }));
  proxy->swallow(false);
  ASSERT_TRUE(eventually([&] { return queue().check().has_value(); }));
  EXPECT_GT(proxy->accepted(), before);
}

TEST_F(RabbitQueueTest, AHandlerLongerThanTheConsumerTimeoutLosesItsDelivery) {
  options_.consumer_timeout = 2s;
  const auto job = some_job();
  publish(job);
  std::latch release(1);
  Record record;
  auto consumer = queue().make_consumer(JobKind::ingestion, 2, [&](const JobMessage& message) {
    if (record.add(message) == 1) release.wait();
    return Disposition{};
  });
  EXPECT_TRUE(eventually([&] { return record.size() == 2; }, 150s)) << "the broker did not take the delivery back";
  release.count_down();
  for (const auto& entry : record.entries()) EXPECT_EQ(entry.message, job);
}

TEST_F(RabbitQueueTest, RefusesQueuesThatExistWithOtherSettings) {
  queue();
  auto other = options_;
  other.delivery_limit = 7;
  const auto refused = RabbitQueue::connect(other, clock_, metrics_, 10s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_NE(refused.error().message.find(work_queue(options_, JobKind::ingestion)), std::string::npos) << refused.error().message;
}

TEST_F(RabbitQueueTest, AWrongUrlOrPasswordIsAnErrorInTime) {
  EXPECT_EQ(RabbitQueue::connect({.url = "http://127.0.0.1"}, clock_, metrics_).error().kind, ErrorKind::invalid);
  const AMQP::Address broker(broker_url());
  const auto wrong_password =
      RabbitQueue::connect({.url = "amqp://guest:wrong@127.0.0.1:" + std::to_string(broker.port()) + "/"}, clock_, metrics_, 3s);
  ASSERT_FALSE(wrong_password);
  EXPECT_EQ(wrong_password.error().kind, ErrorKind::unavailable);
  EXPECT_NE(wrong_password.error().message.find("ACCESS_REFUSED"), std::string::npos) << wrong_password.error().message;
}

}  // namespace
}  // namespace letterlock::amqp
