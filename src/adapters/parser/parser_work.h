#pragma once

// What runs in a parser process, and the frames on the stream to it. Internal to this adapter.
//
// The worker writes a context, then messages; the process answers the context with an empty frame, and each message with one frame,
// in their order. Frames can be written ahead. A frame is a header and its bytes.

#include <cstdint>

#include "adapters/parser/sandbox.h"

namespace letterlock::parser {

enum class FrameKind : std::uint32_t { budget_and_context, rfc822, graph, ready, email, error };

struct FrameHeader {
  FrameKind kind = FrameKind::ready;
  std::uint32_t bytes = 0;
  double cpu_seconds = 0;  // of an answer: what the message took
};

inline constexpr int exit_out_of_memory = 3;
inline constexpr int exit_no_sandbox = 4;  // the kernel refused it
inline constexpr std::uint32_t answer_bytes_max = 32 << 20;

// Keeper::Work: read messages with src/mail.
void read_messages(int socket);

}  // namespace letterlock::parser
