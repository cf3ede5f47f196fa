#pragma once

// Which IP addresses are the public internet's: for requests to URLs that a client chose, which must not reach into our own network.

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace letterlock {

// False for loopback, private, link-local, shared, documentation, multicast and reserved addresses, IPv4 in IPv6 too, and for what is no
// IP.
bool is_public_address(const sockaddr* address);

// Whether the host of a URL is inside by its own words: localhost, or an IP address, however spelt, that is not public. No name is
// resolved.
bool is_inside_by_name(std::string host);

// A server's URL that a client chose. invalid, saying why: not https, no host or a malformed one, a user, a fragment, a host that is inside
// by its own words. With private_addresses plain http and hosts inside are fine.
Result<void> check_server_url(std::string_view url, bool private_addresses);

}  // namespace letterlock
