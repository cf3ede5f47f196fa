#pragma once

// URLs that a stranger may give as a webhook or a provider's server to have us call inside. One table for every place that must refuse
// them.

#include <string>
#include <string_view>
#include <vector>

namespace letterlock::testing {

struct InsideUrl {
  std::string_view what;
  std::string host;     // as it stands in the URL, between "https://" and ":port"
  bool by_name = true;  // refused by its words alone; otherwise only when its name was resolved and it would be connected to
};

inline const std::vector<InsideUrl>& inside_urls() {
  static const std::vector<InsideUrl> urls = {
      {"loopback", "127.0.0.1"},
      {"loopback, another", "127.255.255.254"},
      {"loopback, two parts", "127.1"},
      {"loopback, three parts", "127.0.1"},
      {"loopback, decimal", "2130706433"},
      {"loopback, hexadecimal", "0x7f000001"},
      {"loopback, hexadecimal parts", "0x7f.0x0.0x0.0x1"},
      {"loopback, octal", "0177.0.0.1"},
      {"loopback, octal number", "017700000001"},
      {"loopback, a dot behind", "127.0.0.1."},
      {"loopback, IPv6", "[::1]"},
      {"loopback, IPv6 in full", "[0:0:0:0:0:0:0:1]"},
      {"loopback, IPv6-mapped", "[::ffff:127.0.0.1]"},
      {"loopback, IPv6-mapped hexadecimal", "[::ffff:7f00:1]"},
      {"loopback, NAT64", "[64:ff9b::7f00:1]"},
      {"loopback, 6to4", "[2002:7f00:1::]"},
      {"loopback, IPv4-compatible", "[::127.0.0.1]"},
      {"this host", "0.0.0.0"},
      {"this host, one digit", "0"},
      {"this host, IPv6", "[::]"},
      {"private, 10/8", "10.0.0.7"},
      {"private, 172.16/12", "172.31.255.254"},
      {"private, 192.168/16", "192.168.0.1"},
      {"private, IPv6-mapped", "[::ffff:10.0.0.7]"},
      {"private, decimal", "167772167"},
      {"unique local, IPv6", "[fd12:3456::1]"},
      {"link-local, a cloud's metadata", "169.254.169.254"},
      {"link-local, decimal", "2852039166"},
      {"link-local, IPv6-mapped", "[::ffff:a9fe:a9fe]"},
      {"link-local, IPv6", "[fe80::1]"},
      {"site-local, IPv6", "[fec0::1]"},
      {"shared, carrier-grade NAT", "100.64.0.1"},
      {"benchmarking", "198.18.0.1"},
      {"documentation", "192.0.2.1"},
      {"multicast", "224.0.0.1"},
      {"multicast, IPv6", "[ff02::1]"},
      {"broadcast", "255.255.255.255"},
      {"reserved", "240.0.0.1"},
      {"localhost", "localhost"},
      {"localhost, a dot behind", "localhost."},
      {"localhost, capitals", "LOCALHOST"},
      {"a name below localhost", "api.localhost"},
      // The test that connects resolves these (public_client_test.cpp).
      {"a name that answers loopback", "inside.rebind.test", false},
      {"a name that answers private", "private.rebind.test", false},
      {"a name that answers IPv6 loopback", "inside6.rebind.test", false},
      {"a name that answers IPv6-mapped loopback", "mapped.rebind.test", false},
      {"a name that answers several, all inside", "several.rebind.test", false},
      {"a name whose answer changes after it was looked at", "changing.rebind.test", false},
  };
  return urls;
}

}  // namespace letterlock::testing
