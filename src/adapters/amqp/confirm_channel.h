#pragma once

// A channel with publisher confirms: every message's callback is called once, with whether the broker has it for good.
// A message that no queue takes is not confirmed (mandatory). Loop thread only; owned by RabbitQueue.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace AMQP {
class TcpChannel;
class TcpConnection;
}  // namespace AMQP

namespace letterlock::amqp {

struct Publication {
  std::string exchange;  // empty: the default one, which routes by queue name
  std::string routing_key;
  std::string body;
  std::string reason;              // x-reason, empty: none
  int tries = 0;                   // x-tries
  std::int64_t not_before_ms = 0;  // x-not-before-ms, Unix time; 0: none
};

class ConfirmChannel {
 public:
  using Done = std::function<void(bool confirmed)>;

  ConfirmChannel(AMQP::TcpConnection& connection, std::function<void(bool ready, std::string reason)> changed);
  ~ConfirmChannel();  // what is unconfirmed is answered with false

  void publish(const Publication& publication, Done done);

 private:
  void answer(std::uint64_t tag, bool multiple, bool confirmed);

  std::unique_ptr<AMQP::TcpChannel> channel_;
  std::uint64_t last_tag_ = 0;
  std::map<std::uint64_t, Done> waiting_;
  std::set<std::uint64_t> returned_;  // the broker sends a message back before it confirms it
};

}  // namespace letterlock::amqp
