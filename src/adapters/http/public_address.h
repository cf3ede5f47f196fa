#pragma once

// Which IP addresses are the public internet's: for requests to URLs that a client chose, which must not reach into our own network.

#include <sys/socket.h>

namespace letterlock::http {

// False for loopback, private, link-local, shared, documentation, multicast and reserved addresses, IPv4 in IPv6 too, and for what is no
// IP.
bool is_public_address(const sockaddr* address);

}  // namespace letterlock::http
