#include "app/tcp_probe.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace letterlock {
namespace {

constexpr int connect_timeout_ms = 2'000;

bool accepts(const addrinfo& address, int& error) {
  const int peer = socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (peer < 0) return error = errno, false;
  error = connect(peer, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd waiting{.fd = peer, .events = POLLOUT, .revents = 0};
    error = poll(&waiting, 1, connect_timeout_ms) == 1 ? 0 : ETIMEDOUT;
    socklen_t size = sizeof error;
    if (error == 0) getsockopt(peer, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  close(peer);
  return error == 0;
}

}  // namespace

Result<void> probe_tcp(const std::string& url) {
  const auto scheme = url.find("://");
  auto authority = scheme == std::string::npos ? url : url.substr(scheme + 3);
  authority = authority.substr(0, authority.find('/'));
  const auto colon = authority.rfind(':');
  if (colon == std::string::npos) return fail(ErrorKind::invalid, url + " names no port");
  auto host = authority.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int failed = getaddrinfo(host.c_str(), authority.substr(colon + 1).c_str(), &hints, &found); failed != 0)
    return fail(ErrorKind::unavailable, host + ": " + gai_strerror(failed));
  int error = 0;
  bool reached = false;
  for (const auto* address = found; address && !reached; address = address->ai_next) reached = accepts(*address, error);
  freeaddrinfo(found);
  if (!reached) return fail(ErrorKind::unavailable, authority + ": " + std::strerror(error));
  return {};
}

}  // namespace letterlock
