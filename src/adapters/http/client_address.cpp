#include "adapters/http/client_address.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <ranges>
#include <vector>

namespace letterlock::http {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// At a separator outside quotes.
std::vector<std::string_view> split_unquoted(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (text[i] == separator && !quoted) {
      parts.push_back(trimmed(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  parts.push_back(trimmed(text.substr(begin)));
  return parts;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c); });
}

// 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1], [2001:db8::1]:80.
std::optional<IpAddress> address_of(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto rest = text.substr(end + 1);
    if (!rest.empty() && !(rest.starts_with(':') && is_port(rest.substr(1)))) return std::nullopt;
    return IpAddress::parse(text.substr(1, end - 1));
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && colon == text.rfind(':'))  // one alone: behind it stands a port
    return is_port(text.substr(colon + 1)) ? IpAddress::parse(text.substr(0, colon)) : std::nullopt;
  return IpAddress::parse(text);
}

// The "for" of one element of Forwarded.
std::optional<IpAddress> forwarded_for(std::string_view element) {
  std::optional<IpAddress> found;
  for (auto parameter : split_unquoted(element, ';')) {
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    if (!std::ranges::equal(parameter.substr(0, equals), std::string_view("for"), {}, [](unsigned char c) { return std::tolower(c); }))
      continue;
    auto value = parameter.substr(equals + 1);
    if (found) return std::nullopt;
    if (value.starts_with('"')) {
      if (value.size() < 2 || !value.ends_with('"')) return std::nullopt;
      value = value.substr(1, value.size() - 2);
    }
    found = address_of(value);
    if (!found) return std::nullopt;
  }
  return found;
}

using Chain = std::vector<std::optional<IpAddress>>;  // leftmost first; nullopt: malformed

Chain chain_of(const Request& request, std::string_view header, std::optional<IpAddress> (*read)(std::string_view)) {
  Chain chain;
  for (const auto& [name, value] : request.headers)
    if (name == header)
      for (const auto element : split_unquoted(value, ',')) chain.push_back(read(element));
  return chain;
}

}  // namespace

std::string client_address(const Request& request, std::span<const IpNetwork> trusted) {
  const auto is_trusted = [&](const IpAddress& address) {
    return std::ranges::any_of(trusted, [&](const IpNetwork& network) { return network.contains(address); });
  };
  const auto peer = IpAddress::parse(request.peer_address);
  if (!peer || !is_trusted(*peer)) return request.peer_address;
  const auto told_by = [&](const Chain& chain) {
    IpAddress nearest = *peer;
    for (const auto& hop : chain | std::views::reverse) {
      if (!hop) break;
      nearest = *hop;
      if (!is_trusted(nearest)) break;
    }
    return nearest;
  };
  const auto standard = chain_of(request, "forwarded", forwarded_for), usual = chain_of(request, "x-forwarded-for", address_of);
  if (standard.empty()) return told_by(usual).str();
  if (usual.empty() || told_by(standard) == told_by(usual)) return told_by(standard).str();
  return request.peer_address;
}

std::string address_group(const std::string& address) {
  const auto parsed = IpAddress::parse(address);
  return parsed ? parsed->group() : address;
}

}  // namespace letterlock::http
