#pragma once

// Who understands messages: this process (InProcessParser: unit tests, rules test, evaluate), or processes of their own with a
// budget (adapters/parser). Pure interface.

#include <chrono>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "mail/message.h"

namespace letterlock::mail {

struct ParseInput {
  std::string_view name;    // for the log: the provider's message id
  std::string_view format;  // "graph", or anything else: RFC 5322 bytes
  std::string_view bytes;
};

struct ParseOutput {
  // invalid: not understood. Its code is "over_budget" where the message took more time or memory than a message may take, or crashed
  // the process that read it.
  Result<Email> email;
  std::chrono::duration<double> cpu{0};  // 0 where it was not measured
};

// What a log line about these messages names. Ids only.
struct ParseOrigin {
  std::string tenant;
  std::string mailbox;
};

// Called with each message's result, in the order of the messages, on the calling thread; false: the rest is not wanted.
using ParseSink = std::function<bool(std::size_t index, ParseOutput&& output)>;

class MessageParser {
 public:
  virtual ~MessageParser() = default;
  // Understand messages. True: the sink took them all; false: the sink or `stop` ended it before. Any thread.
  // unavailable: there is nobody who could read them; those that the sink has not seen were not read.
  virtual Result<bool> parse(std::span<const ParseInput> inputs, const ParseContext& context, const ParseOrigin& origin,
                             const ParseSink& sink, std::stop_token stop) = 0;
};

class InProcessParser final : public MessageParser {
 public:
  Result<bool> parse(std::span<const ParseInput> inputs, const ParseContext& context, const ParseOrigin& origin, const ParseSink& sink,
                     std::stop_token stop) override;
};

// Parse one message by its format.
Result<Email> parse_input(std::string_view format, std::string_view bytes, const ParseContext& context);

// Load what understanding a message reads from files (public suffixes, character sets). After it, no message opens a file.
void load_tables();

}  // namespace letterlock::mail
