#pragma once

// How much of a message may be handed to the MIME parser, so that hostile structure cannot fill memory. Pure; any thread.

#include <cstddef>
#include <string_view>

namespace letterlock::mail {

struct GuardLimits {
  std::size_t boundary_lines_max = 20'000;  // lines that begin with "--"
  std::size_t fields_max = 5'000;           // header fields in one block, folded lines not counted
  std::size_t block_bytes_max = 4 << 20;    // of the header block of a part or an embedded message
};

struct GuardReading {
  std::size_t bytes = 0;        // read this many from the start
  std::size_t header_end = 0;   // where the top header block ends
  std::string_view reason;      // why the rest is not read, or empty
  bool top_fields_cut = false;  // the top header block itself was too long: `bytes` ends within it
};

GuardReading guard(std::string_view message, const GuardLimits& limits);

}  // namespace letterlock::mail
