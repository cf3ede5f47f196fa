#pragma once

// Networks of IP addresses in CIDR notation, and which of them an address belongs to. Values; any thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace letterlock {

// An IPv4 or IPv6 address; IPv4 in IPv6 (::ffff:a.b.c.d) is the IPv4 address.
class IpAddress {
 public:
  // nullopt: not exactly one address in its usual spelling (no port, no brackets, no zone).
  static std::optional<IpAddress> parse(std::string_view text);

  std::string str() const;
  // Whom limits by address count together: the address of IPv4, the /64 network of IPv6, which one customer has to himself.
  std::string group() const;

  bool operator==(const IpAddress&) const = default;

 private:
  friend class IpNetwork;
  std::array<std::uint8_t, 16> bytes_{};  // IPv4 in IPv6
  bool is_v4() const;
};

class IpNetwork {
 public:
  // "10.0.0.0/8", "fd00::/8", or one address. invalid: says what is wrong.
  static Result<IpNetwork> parse(std::string_view text);
  bool contains(const IpAddress& address) const;

 private:
  IpAddress first_;
  int bits_ = 128;  // of the address in IPv6
};

// Networks with commas between, spaces allowed; empty: none. invalid: names the entry.
Result<std::vector<IpNetwork>> parse_networks(std::string_view text);

}  // namespace letterlock
