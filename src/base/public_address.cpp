#include "base/public_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace letterlock {
namespace {

constexpr std::size_t url_bytes_max = 2'000;

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

bool is_ip_v6(const std::string& text) {
  in6_addr ignored;
  return inet_pton(AF_INET6, text.c_str(), &ignored) == 1;
}

// host[:port], the host a name, an IPv4 address or an IPv6 address in brackets.
bool is_authority(std::string_view text) {
  const auto end = text.starts_with('[') ? text.find(']') + 1 : std::min(text.find(':'), text.size());
  const auto host = text.substr(0, end), rest = text.substr(end);
  if (host.starts_with('[')
          ? !is_ip_v6(std::string(host.substr(1, host.size() - 2)))
          : host.empty() || !std::ranges::all_of(host, [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_'; }))
    return false;
  if (rest.empty()) return true;
  std::uint16_t port = 0;
  const auto [stopped, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), port);
  return rest.front() == ':' && error == std::errc() && stopped == rest.data() + rest.size() && port > 0;
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

Result<void> check_server_url(std::string_view url, bool private_addresses) {
  if (url.size() > url_bytes_max) return fail(ErrorKind::invalid, "longer than 2,000 bytes");
  if (std::ranges::any_of(url, [](unsigned char c) { return c <= ' ' || c >= 0x7f || c == '\\'; }))
    return fail(ErrorKind::invalid, "only printable ASCII characters without spaces");
  if (!url.starts_with("https://") && !(private_addresses && url.starts_with("http://")))
    return fail(ErrorKind::invalid, "it begins with https://");
  const auto after_scheme = url.substr(url.find("://") + 3);
  const auto authority = after_scheme.substr(0, after_scheme.find_first_of("/?#"));
  if (authority.contains('@')) return fail(ErrorKind::invalid, "no user or password");
  if (url.contains('#')) return fail(ErrorKind::invalid, "no fragment");
  if (!is_authority(authority)) return fail(ErrorKind::invalid, "it names no host, or a malformed one");
  const auto port = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
  if (!private_addresses && is_inside_by_name(std::string(authority.substr(0, port))))
    return fail(ErrorKind::invalid, "its address is not on the public internet");
  return {};
}

}  // namespace letterlock
