#include "adapters/http/listen_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <utility>

namespace letterlock::http {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

std::optional<SocketAddress> parse(const std::string& address, std::uint16_t port) {
  SocketAddress parsed;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&parsed.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&parsed.storage);
  if (inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    parsed.length = sizeof(sockaddr_in);
    return parsed;
  }
  if (inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    parsed.length = sizeof(sockaddr_in6);
    return parsed;
  }
  return std::nullopt;
}

std::string endpoint(const std::string& address, std::uint16_t port) { return address + ":" + std::to_string(port); }

}  // namespace

Result<ReservedPort> ReservedPort::reserve(const std::string& address, std::uint16_t port) {
  const auto wanted = parse(address, port);
  if (!wanted) return fail(ErrorKind::invalid, "listening: \"" + address + "\" is no IP address");
  ReservedPort reserved;
  reserved.address_ = address;
  reserved.socket_ = socket(wanted->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (reserved.socket_ < 0) return fail(ErrorKind::unavailable, std::string("listening: no socket: ") + std::strerror(errno));
  const int on = 1;
  setsockopt(reserved.socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Bound without SO_REUSEPORT, so that a port that anybody else holds is refused; only then opened to our own listeners.
  if (bind(reserved.socket_, wanted->get(), wanted->length) != 0)
    return fail(ErrorKind::invalid, "listening on " + endpoint(address, port) + ": " + std::strerror(errno));
  if (setsockopt(reserved.socket_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
    return fail(ErrorKind::unavailable, "listening on " + endpoint(address, port) + ": " + std::strerror(errno));
  SocketAddress bound;
  bound.length = sizeof bound.storage;
  getsockname(reserved.socket_, reinterpret_cast<sockaddr*>(&bound.storage), &bound.length);
  reserved.port_ = ntohs(bound.storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound.storage)->sin6_port
                                                             : reinterpret_cast<sockaddr_in*>(&bound.storage)->sin_port);
  return reserved;
}

ReservedPort::ReservedPort(ReservedPort&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), port_(other.port_), address_(std::move(other.address_)) {}

ReservedPort& ReservedPort::operator=(ReservedPort&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(port_, other.port_);
  std::swap(address_, other.address_);
  return *this;
}

ReservedPort::~ReservedPort() {
  if (socket_ >= 0) close(socket_);
}

bool ReservedPort::accepts() const {
  const auto target = parse(address_, port_);
  const int probe = socket(target->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  const bool connected = connect(probe, target->get(), target->length) == 0;
  close(probe);
  return connected;
}

}  // namespace letterlock::http
