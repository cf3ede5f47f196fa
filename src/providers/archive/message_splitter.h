#pragma once

// Cuts a stream of bytes into messages: a whole file, or an mbox at its "From " lines. Pure; owned by one walk, one thread.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace letterlock::providers {

// One message of the stream, or the size of one that was too large to be kept (bytes empty then).
struct SplitMessage {
  std::string bytes;
  std::int64_t size_bytes = 0;
  bool is_too_large = false;
};

enum class StreamKind { one_message, mbox };

class MessageSplitter {
 public:
  using Sink = std::function<Result<void>(SplitMessage&&)>;

  MessageSplitter(StreamKind kind, std::int64_t message_bytes_max, Sink sink);

  Result<void> feed(std::string_view bytes);
  // The stream's end; the last message goes to the sink. Call once.
  Result<void> finish();

 private:
  Result<void> take_line(std::string_view line);
  Result<void> hand_over();
  void keep(std::string_view bytes);

  const StreamKind kind_;
  const std::int64_t message_bytes_max_;
  const Sink sink_;
  SplitMessage message_;
  bool is_started_ = false;
  bool after_blank_ = true;      // an mbox separator follows an empty line or begins the file
  bool line_continues_ = false;  // the present line was longer than the buffer: its rest is content
  std::string line_;
};

// mbox by name (.mbox, .mbx), or by its first bytes where the name does not say "one message" (.eml, .msg).
StreamKind stream_kind(std::string_view name, std::string_view first_bytes);

}  // namespace letterlock::providers
