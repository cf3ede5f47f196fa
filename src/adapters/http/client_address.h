#pragma once

// Who sent a request that came through a reverse proxy.

#include <span>
#include <string>

#include "adapters/http/server.h"
#include "base/ip_network.h"

namespace letterlock::http {

// The address that counts for limits and logs. It is the peer's, unless the peer is a trusted proxy: then, of the chain that Forwarded
// (RFC 7239) or X-Forwarded-For tells and the peer ends, the rightmost address that is not trusted, or the leftmost where all are. The
// chain is believed from the right up to its first malformed entry ("unknown" and hidden names included). Where both headers are there
// and tell different addresses, the proxy has passed on one that it did not write: neither is believed.
std::string client_address(const Request& request, std::span<const IpNetwork> trusted);

// Whom limits by address count together (IpAddress::group); text that is no address stands for itself.
std::string address_group(const std::string& address);

}  // namespace letterlock::http
