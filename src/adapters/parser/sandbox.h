#pragma once

// What a parser process may not do. Linux on x86-64 and arm64. Internal to this adapter.

#include <cstdint>

#include "base/result.h"

namespace letterlock::parser {

struct Budget {
  std::int64_t cpu_seconds = 5;                    // of one message; a whole number, as RLIMIT_CPU counts
  std::int64_t wall_seconds = 60;                  // of one message, however little CPU time it got
  std::int64_t memory_bytes = 256 << 20;           // beside what the process had at its start, for a message of no size
  std::int64_t memory_bytes_per_message_byte = 6;  // and for each byte of the message
  std::int64_t memory_of(std::int64_t message_bytes) const { return memory_bytes + memory_bytes_per_message_byte * message_bytes; }
};

// Give up everything but computing on memory and reading and writing open descriptors: seccomp refuses every other call with EPERM (no
// open, no socket, no fork, no exec, no signal to another process); no core file, no file grows. For good, for this process.
// unavailable: the kernel refused it.
Result<void> enter_sandbox();

// Before each message: from here it may take the budget's CPU time and memory. Over the CPU time, SIGXCPU ends the process; over the
// memory, allocations fail. The limit of memory is that of address space, which a sanitizer's build does not have.
void allow_message(const Budget& budget, std::int64_t message_bytes);

}  // namespace letterlock::parser
