#include "base/public_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>

namespace letterlock {
namespace {

struct Block {
  std::uint32_t network;
  int bits;
};

// IANA's special-purpose registry of IPv4, and multicast.
constexpr std::array<Block, 16> special{{{0x00000000, 8},
                                         {0x0a000000, 8},
                                         {0x64400000, 10},
                                         {0x7f000000, 8},
                                         {0xa9fe0000, 16},
                                         {0xac100000, 12},
                                         {0xc0000000, 24},
                                         {0xc0000200, 24},
                                         {0xc0586300, 24},
                                         {0xc0a80000, 16},
                                         {0xc6120000, 15},
                                         {0xc6336400, 24},
                                         {0xcb007100, 24},
                                         {0xe0000000, 4},
                                         {0xf0000000, 4},
                                         {0xffffffff, 32}}};

bool is_public_v4(std::uint32_t address) {
  return std::ranges::none_of(special, [&](const Block& block) {
    const auto mask = block.bits == 32 ? 0xffffffffU : ~(0xffffffffU >> block.bits);
    return (address & mask) == block.network;
  });
}

bool is_public_v6(const std::uint8_t* bytes) {
  const auto v4_at = [&](int place) {
    return std::uint32_t{bytes[place]} << 24 | std::uint32_t{bytes[place + 1]} << 16 | std::uint32_t{bytes[place + 2]} << 8 |
           bytes[place + 3];
  };
  static constexpr std::uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(bytes, mapped, 12) == 0) return is_public_v4(v4_at(12));
  static constexpr std::uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
  if (std::memcmp(bytes, nat64, 12) == 0) return is_public_v4(v4_at(12));
  if (bytes[0] == 0x20 && bytes[1] == 0x02) return is_public_v4(v4_at(2));  // 6to4
  if ((bytes[0] & 0xe0) != 0x20) return false;                              // global unicast is 2000::/3
  const bool documentation = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && bytes[3] == 0xb8;
  const bool special_purpose = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] < 0x02;  // 2001::/23: Teredo, benchmarking, ORCHID
  return !documentation && !special_purpose;
}

}  // namespace

bool is_public_address(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof v4);
    return is_public_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, address, sizeof v6);
    return is_public_v6(v6.sin6_addr.s6_addr);
  }
  return false;
}

bool is_inside_by_name(std::string host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.pop_back();
  std::ranges::transform(host, host.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return false;
  const bool inside = !is_public_address(found->ai_addr);
  freeaddrinfo(found);
  return inside;
}

}  // namespace letterlock
