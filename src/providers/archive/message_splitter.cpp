#include "providers/archive/message_splitter.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace letterlock::providers {
namespace {

constexpr std::size_t line_bytes_max = 64 << 10;

bool is_blank(std::string_view line) { return line == "\n" || line == "\r\n"; }

// "From alice@example.com Mon Jan  1 …": the date is what tells it from a sentence that begins with "From".
bool is_separator(std::string_view line) {
  if (!line.starts_with("From ")) return false;
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const auto colon = line.find(':');
  return colon != std::string_view::npos && colon > 0 && is_digit(static_cast<unsigned char>(line[colon - 1])) && colon + 1 < line.size() &&
         is_digit(static_cast<unsigned char>(line[colon + 1]));
}

bool is_quoted_from(std::string_view line) {
  const auto at = line.find_first_not_of('>');
  return at != 0 && at != std::string_view::npos && line.substr(at).starts_with("From ");
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

MessageSplitter::MessageSplitter(StreamKind kind, std::int64_t message_bytes_max, Sink sink)
    : kind_(kind), message_bytes_max_(message_bytes_max), sink_(std::move(sink)) {}

void MessageSplitter::keep(std::string_view bytes) {
  message_.size_bytes += static_cast<std::int64_t>(bytes.size());
  if (message_.is_too_large) return;
  if (message_.size_bytes > message_bytes_max_) {
    message_.is_too_large = true;
    message_.bytes = std::string();
    return;
  }
  message_.bytes += bytes;
}

Result<void> MessageSplitter::hand_over() {
  if (!is_started_) return {};
  is_started_ = false;
  // The empty line before a separator belongs to the mbox, not to the message.
  if (kind_ == StreamKind::mbox && !message_.is_too_large) {
    if (message_.bytes.ends_with("\r\n\r\n"))
      message_.bytes.resize(message_.bytes.size() - 2);
    else if (message_.bytes.ends_with("\n\n"))
      message_.bytes.pop_back();
    message_.size_bytes = static_cast<std::int64_t>(message_.bytes.size());
  }
  return sink_(std::exchange(message_, SplitMessage{}));
}

Result<void> MessageSplitter::take_line(std::string_view line) {
  const bool is_whole = !line_continues_;
  line_continues_ = !line.ends_with('\n');
  if (is_whole && line.starts_with("From ") && (!is_started_ || (after_blank_ && is_separator(line)))) {
    TRY(hand_over());
    is_started_ = true;
    after_blank_ = false;
    return {};
  }
  after_blank_ = is_whole && is_blank(line);
  if (!is_started_) {
    if (after_blank_) return {};  // empty lines before the first separator
    is_started_ = true;           // no separator at all: what is there is one message
  }
  keep(is_whole && is_quoted_from(line) ? line.substr(1) : line);
  return {};
}

Result<void> MessageSplitter::feed(std::string_view bytes) {
  if (kind_ == StreamKind::one_message) {
    is_started_ = true;
    keep(bytes);
    return {};
  }
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto count = end == std::string_view::npos ? bytes.size() : end + 1;
    line_ += bytes.substr(0, count);
    bytes.remove_prefix(count);
    if (line_.ends_with('\n') || line_.size() >= line_bytes_max) {
      TRY(take_line(line_));
      line_.clear();
    }
  }
  return {};
}

Result<void> MessageSplitter::finish() {
  if (kind_ == StreamKind::one_message) is_started_ = true;  // an empty file is an empty message
  if (!line_.empty()) TRY(take_line(line_));
  line_.clear();
  return hand_over();
}

StreamKind stream_kind(std::string_view name, std::string_view first_bytes) {
  const std::string file = lower(name);
  if (file.ends_with(".mbox") || file.ends_with(".mbx")) return StreamKind::mbox;
  if (file.ends_with(".eml") || file.ends_with(".msg")) return StreamKind::one_message;
  return first_bytes.starts_with("From ") ? StreamKind::mbox : StreamKind::one_message;
}

}  // namespace letterlock::providers
