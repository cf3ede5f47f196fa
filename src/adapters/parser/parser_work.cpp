#include "adapters/parser/parser_work.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <new>
#include <string>

#include "adapters/parser/email_codec.h"
#include "mail/message_parser.h"

namespace letterlock::parser {
namespace {

// False: the other end is closed.
bool read_all(int socket, void* into, std::size_t bytes) {
  auto* at = static_cast<char*>(into);
  while (bytes > 0) {
    const auto got = read(socket, at, bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = write(socket, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

bool answer(int socket, FrameHeader header, std::string_view bytes) {
  header.bytes = static_cast<std::uint32_t>(bytes.size());
  std::string frame(reinterpret_cast<const char*>(&header), sizeof header);
  return write_all(socket, frame.append(bytes));
}

bool serve(int socket) {
  Budget budget;
  mail::ParseContext context;
  std::string bytes;
  for (FrameHeader header; read_all(socket, &header, sizeof header);) {
    const double begun = cpu_seconds();
    if (header.kind == FrameKind::budget_and_context) {
      bytes.resize(header.bytes);
      if (header.bytes < sizeof budget || !read_all(socket, bytes.data(), bytes.size())) return false;
      std::memcpy(&budget, bytes.data(), sizeof budget);
      auto decoded = decode_context(std::string_view(bytes).substr(sizeof budget));
      if (!decoded) return false;
      context = std::move(*decoded);
      if (!answer(socket, {.kind = FrameKind::ready}, {})) return false;
      continue;
    }
    allow_message(budget, header.bytes);
    bool is_whole = false;
    bytes.resize_and_overwrite(header.bytes, [&](char* data, std::size_t size) {
      is_whole = read_all(socket, data, size);
      return size;
    });
    if (!is_whole) return false;
    const auto email = mail::parse_input(header.kind == FrameKind::graph ? "graph" : "rfc822", bytes, context);
    const auto encoded = email ? encode(*email) : email.error().message;
    if (!answer(socket, {.kind = email ? FrameKind::email : FrameKind::error, .cpu_seconds = cpu_seconds() - begun}, encoded)) return false;
    if (bytes.capacity() > (8 << 20)) bytes = {};
  }
  return true;
}

}  // namespace

void read_messages(int socket) {
  // GLib ends the process with SIGTRAP when it gets no memory.
  std::signal(SIGTRAP, [](int) { _exit(exit_out_of_memory); });
  try {
    serve(socket);
  } catch (const std::bad_alloc&) {
    _exit(exit_out_of_memory);
  }
}

}  // namespace letterlock::parser
