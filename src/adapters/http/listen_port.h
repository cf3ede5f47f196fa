#pragma once

// Reserves a TCP port: a socket that is bound (so nobody else gets the port) but never listens. Drogon then binds the
// same port beside it with SO_REUSEPORT. Held by the server for its life.

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace letterlock::http {

class ReservedPort {
 public:
  // port 0: a free one. invalid: no IP address, in use, not allowed.
  static Result<ReservedPort> reserve(const std::string& address, std::uint16_t port);
  ReservedPort(ReservedPort&& other) noexcept;
  ReservedPort& operator=(ReservedPort&& other) noexcept;
  ~ReservedPort();

  std::uint16_t port() const { return port_; }
  // Whether somebody accepts connections there.
  bool accepts() const;

 private:
  ReservedPort() = default;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::string address_;
};

}  // namespace letterlock::http
