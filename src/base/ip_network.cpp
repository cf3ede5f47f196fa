#include "base/ip_network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <ranges>
#include <span>

namespace letterlock {
namespace {

constexpr std::array<std::uint8_t, 12> v4_in_v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::array<std::uint8_t, 16> masked(std::array<std::uint8_t, 16> bytes, int bits) {
  for (int i = 0; i < 16; ++i) {
    const int kept = std::clamp(bits - 8 * i, 0, 8);
    bytes[static_cast<std::size_t>(i)] &= static_cast<std::uint8_t>(0xff00 >> kept);
  }
  return bytes;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string copy(text);
  IpAddress address;
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes_.data()) == 1) return address;
  std::ranges::copy(v4_in_v6, address.bytes_.begin());
  if (inet_pton(AF_INET, copy.c_str(), address.bytes_.data() + v4_in_v6.size()) == 1) return address;
  return std::nullopt;
}

bool IpAddress::is_v4() const { return std::ranges::equal(std::span(bytes_).first<12>(), v4_in_v6); }

std::string IpAddress::str() const {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes_.data() + (is_v4() ? v4_in_v6.size() : 0), text, sizeof text);
  return text;
}

std::string IpAddress::group() const {
  if (is_v4()) return str();
  IpAddress network;
  network.bytes_ = masked(bytes_, 64);
  return network.str() + "/64";
}

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return fail(ErrorKind::invalid, "\"" + std::string(text) + "\" is no network: write it like 10.0.0.0/8 or fd00::/8");
  IpNetwork network;
  network.first_ = *address;
  if (slash == std::string_view::npos) return network;
  const int bits_max = address->is_v4() ? 32 : 128;
  const auto digits = text.substr(slash + 1);
  int bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size() || bits < 0 || bits > bits_max)
    return fail(ErrorKind::invalid, "\"" + std::string(text) + "\": the prefix is a number from 0 to " + std::to_string(bits_max));
  network.bits_ = 128 - bits_max + bits;
  if (masked(address->bytes_, network.bits_) != address->bytes_)
    return fail(ErrorKind::invalid, "\"" + std::string(text) + "\" has bits behind its prefix");
  return network;
}

bool IpNetwork::contains(const IpAddress& address) const { return masked(address.bytes_, bits_) == first_.bytes_; }

Result<std::vector<IpNetwork>> parse_networks(std::string_view text) {
  std::vector<IpNetwork> networks;
  if (trimmed(text).empty()) return networks;
  for (const auto part : std::views::split(text, ',')) networks.push_back(TRY(IpNetwork::parse(trimmed(std::string_view(part)))));
  return networks;
}

}  // namespace letterlock
