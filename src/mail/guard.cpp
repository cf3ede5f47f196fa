#include "mail/guard.h"

#include "mail/text.h"

namespace letterlock::mail {

GuardReading guard(std::string_view message, const GuardLimits& limits) {
  GuardReading out{.bytes = message.size(), .header_end = message.size()};
  std::size_t boundaries = 0, fields = 0, block_begin = 0;
  bool in_block = true, top = true, holds_message = false;
  for (std::size_t at = 0; at < message.size();) {
    auto end = message.find('\n', at);
    if (end == message.npos) end = message.size();
    const auto line = message.substr(at, end - at);
    if (line.starts_with("--") && !top) {
      if (++boundaries > limits.boundary_lines_max) {
        out.bytes = at;
        out.reason = "more boundary lines than are read";
        return out;
      }
      in_block = true;
      fields = 0;
      block_begin = at;
      holds_message = false;
    } else if (in_block && !top && at - block_begin > limits.block_bytes_max) {
      out.bytes = at;
      out.reason = "a longer header of a part than is read";
      return out;
    } else if (in_block) {
      if (line.empty() || line == "\r") {
        if (top) {
          out.header_end = at;
          top = false;
        }
        in_block = holds_message;  // an embedded message begins with a header block of its own
        holds_message = false;
        fields = 0;
        block_begin = at;
      } else if (line.front() != ' ' && line.front() != '\t') {
        if (++fields > limits.fields_max) {
          out.bytes = at;
          out.reason = "more header fields than are read";
          out.top_fields_cut = top;
          if (top) out.header_end = at;
          return out;
        }
        if (line.size() > 13 && to_lower(line.front()) == 'c')
          holds_message = holds_message || find_ignoring_case(line.substr(0, 80), "message/") != line.npos;
      } else if (line.size() < 80) {
        holds_message = holds_message || find_ignoring_case(line, "message/") != line.npos;
      }
    }
    at = end + 1;
  }
  return out;
}

}  // namespace letterlock::mail
