#include "adapters/amqp/confirm_channel.h"

#include <amqpcpp.h>
#include <amqpcpp/linux_tcp.h>

#include <charconv>

namespace letterlock::amqp {

ConfirmChannel::ConfirmChannel(AMQP::TcpConnection& connection, std::function<void(bool, std::string)> changed)
    : channel_(std::make_unique<AMQP::TcpChannel>(&connection)) {
  channel_->onError([changed](const char* message) { changed(false, message); });
  channel_->confirmSelect()
      .onSuccess([changed] { changed(true, {}); })
      .onAck([this](std::uint64_t tag, bool multiple) { answer(tag, multiple, true); })
      .onNack([this](std::uint64_t tag, bool multiple, bool) { answer(tag, multiple, false); });
  channel_->recall().onReceived([this](const AMQP::Message& message, std::int16_t, const std::string&) {
    const auto& id = message.messageID();
    std::uint64_t tag = 0;
    if (std::from_chars(id.data(), id.data() + id.size(), tag).ec == std::errc()) returned_.insert(tag);
  });
}

ConfirmChannel::~ConfirmChannel() {
  auto waiting = std::exchange(waiting_, {});
  for (auto& [tag, done] : waiting) done(false);
}

void ConfirmChannel::publish(const Publication& publication, Done done) {
  const auto tag = last_tag_ + 1;
  AMQP::Envelope envelope(publication.body.data(), publication.body.size());
  envelope.setPersistent(true);
  envelope.setContentType("application/json");
  envelope.setMessageID(std::to_string(tag));
  AMQP::Table headers;
  if (!publication.reason.empty()) headers.set("x-reason", publication.reason);
  if (publication.tries > 0) headers.set("x-tries", static_cast<std::int32_t>(publication.tries));
  if (publication.not_before_ms > 0) headers.set("x-not-before-ms", static_cast<std::int64_t>(publication.not_before_ms));
  envelope.setHeaders(headers);
  if (!channel_->publish(publication.exchange, publication.routing_key, envelope, AMQP::mandatory)) return done(false);
  last_tag_ = tag;
  waiting_.emplace(tag, std::move(done));
}

void ConfirmChannel::answer(std::uint64_t tag, bool multiple, bool confirmed) {
  std::map<std::uint64_t, Done> answered;  // taken out first: a callback may publish
  auto it = multiple ? waiting_.begin() : waiting_.find(tag);
  while (it != waiting_.end() && it->first <= tag) answered.insert(waiting_.extract(it++));
  for (auto& [one, done] : answered) done(confirmed && returned_.erase(one) == 0);
}

}  // namespace letterlock::amqp
