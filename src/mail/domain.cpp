#include "mail/domain.h"

#include <libpsl.h>
#include <unicode/uidna.h>

#include <charconv>
#include <cstdint>

#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr std::size_t host_bytes_max = 253;

// The newer of libpsl's built-in list and the distribution's file; loaded once, kept for the life of the process.
const psl_ctx_t* public_suffixes() {
  static const psl_ctx_t* const list = psl_latest(nullptr);
  return list;
}

const UIDNA* idna() {
  static const UIDNA* const instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    return uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_UNICODE, &status);
  }();
  return instance;
}

bool is_ipv4(std::string_view host) {
  int parts = 0;
  std::size_t at = 0;
  while (at < host.size()) {
    int value = 0;
    std::size_t digits = 0;
    while (at < host.size() && is_digit(host[at]) && digits < 4) value = value * 10 + (host[at++] - '0'), ++digits;
    if (digits == 0 || digits > 3 || value > 255) return false;
    ++parts;
    if (at == host.size()) break;
    if (host[at++] != '.' || at == host.size()) return false;
  }
  return parts == 4;
}

bool is_ipv6(std::string_view host) {
  if (host.size() < 2 || host.size() > 45 || host.find(':') == host.npos) return false;
  int colons = 0;
  for (const char c : host) {
    if (c == ':')
      ++colons;
    else if (hex_digit(c) < 0 && c != '.')
      return false;
  }
  return colons >= 2 && colons <= 7;
}

bool is_ip(std::string_view host) { return is_ipv4(host) || is_ipv6(host); }

// Labels of 1 to 63 bytes (more in Unicode form), none empty.
bool labels_fit(std::string_view host, std::size_t label_bytes_max) {
  std::size_t length = 0;
  for (const char c : host) {
    if (c == '.') {
      if (length == 0) return false;
      length = 0;
    } else if (++length > label_bytes_max) {
      return false;
    }
  }
  return length > 0;
}

std::string to_unicode(const std::string& host) {
  UErrorCode status = U_ZERO_ERROR;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  std::string out(host.size() * 3 + 64, '\0');
  const auto length = uidna_nameToUnicodeUTF8(idna(), host.data(), static_cast<int32_t>(host.size()), out.data(),
                                              static_cast<int32_t>(out.size()), &info, &status);
  constexpr std::uint32_t bad =
      UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_DISALLOWED | UIDNA_ERROR_PUNYCODE | UIDNA_ERROR_LABEL_HAS_DOT | UIDNA_ERROR_INVALID_ACE_LABEL;
  if (U_FAILURE(status) || (info.errors & bad) || static_cast<std::size_t>(length) > out.size())
    return is_ascii(host) ? host : std::string();  // a broken xn-- label is still what the DNS is asked for
  out.resize(static_cast<std::size_t>(length));
  return out;
}

// One part of an IPv4 address as browsers read it: decimal, 0x… or 0… octal.
std::optional<std::uint64_t> ip_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X"))
    base = 16, text.remove_prefix(2);
  else if (text.size() > 1 && text.front() == '0')
    base = 8, text.remove_prefix(1);
  std::uint64_t value = 0;
  if (text.empty() && base == 16) return 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "3232235777" and "0xc0.0250.1" → dotted form, as browsers open them; nullopt if the last label is no number.
std::optional<std::string> browser_ipv4(std::string_view host) {
  std::uint64_t value = 0;
  int parts = 0;
  while (true) {
    const auto dot = host.find('.');
    const auto number = ip_number(host.substr(0, dot));
    if (!number || ++parts > 4) return std::nullopt;
    if (dot == host.npos) {
      const int left = 8 * (5 - parts);
      if (*number >= (std::uint64_t{1} << left)) return std::nullopt;
      value = (value << left) | *number;
      break;
    }
    if (*number > 255) return std::nullopt;
    value = (value << 8) | *number;
    host.remove_prefix(dot + 1);
  }
  return std::to_string(value >> 24 & 255) + '.' + std::to_string(value >> 16 & 255) + '.' + std::to_string(value >> 8 & 255) + '.' +
         std::to_string(value & 255);
}

}  // namespace

std::string normalize_host(std::string_view text) {
  std::string_view host = trim(text);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (starts_ignoring_case(host, "ipv6:")) host.remove_prefix(5);
    return is_ip(host) ? lower(host) : std::string();
  }
  if (is_ipv6(host)) return lower(host);
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > 4 * host_bytes_max) return {};
  std::string out = lower(host);
  bool plain = true, encoded = out.starts_with("xn--");
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char c = out[i];
    if (static_cast<unsigned char>(c) >= 0x80)
      plain = false;
    else if (!is_alpha(c) && !is_digit(c) && c != '-' && c != '_' && c != '.')
      return {};
    else if (c == '.' && out.compare(i + 1, 4, "xn--") == 0)
      encoded = true;
  }
  if (!plain && !is_clean_utf8(out)) return {};
  if (!plain || encoded) out = to_unicode(out);
  const bool ascii = is_ascii(out);
  if (!labels_fit(out, ascii ? 63 : 252) || out.size() > host_bytes_max * (ascii ? 1 : 4)) return {};
  return out;
}

std::string registrable_domain(std::string_view text) {
  const std::string host = normalize_host(text);
  if (host.empty() || is_ip(host)) return host;
  if (!public_suffixes()) return {};
  const char* domain = psl_registrable_domain(public_suffixes(), host.c_str());
  return domain ? domain : std::string();
}

bool has_known_suffix(std::string_view text) {
  const std::string host = normalize_host(text);
  const auto dot = host.rfind('.');
  if (dot == host.npos || is_ip(host) || !public_suffixes()) return false;
  return psl_is_public_suffix2(public_suffixes(), host.c_str() + dot + 1, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) == 1;
}

std::string host_of_url(std::string_view text) {
  std::string cleaned;
  std::string_view url = trim(text);
  if (url.find_first_of("\t\r\n") != url.npos) {  // browsers drop these anywhere
    for (const char c : url)
      if (c != '\t' && c != '\r' && c != '\n') cleaned += c;
    url = cleaned;
  }
  const auto end_of_scheme = url.find_first_of(":/?#\\");
  if (end_of_scheme != url.npos && url[end_of_scheme] == ':') {
    const auto scheme = url.substr(0, end_of_scheme);
    const auto rest = url.substr(end_of_scheme + 1);
    const bool web = equals_ignoring_case(scheme, "http") || equals_ignoring_case(scheme, "https") || equals_ignoring_case(scheme, "ftp");
    const bool port =
        !rest.empty() && rest.substr(0, rest.find_first_of("/?#")).find_first_not_of("0123456789") == rest.npos && is_digit(rest.front());
    if (web)
      url = rest;
    else if (rest.starts_with("//"))
      url = rest;
    else if (!port && rest.substr(0, rest.find_first_of("/?#")).find('@') == rest.npos)
      return {};
    else if (!port && (equals_ignoring_case(scheme, "mailto") || scheme.find('.') == scheme.npos))
      return {};
  }
  while (!url.empty() && (url.front() == '/' || url.front() == '\\')) url.remove_prefix(1);
  std::string_view authority = url.substr(0, url.find_first_of("/?#\\"));
  if (const auto at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
  if (authority.starts_with('[')) return normalize_host(authority.substr(0, authority.find(']') + 1));
  authority = authority.substr(0, authority.find(':'));
  const std::string host = normalize_host(authority.find('%') == authority.npos ? std::string(authority) : percent_decode(authority));
  if (host.empty()) return {};
  const auto last = host.substr(host.rfind('.') + 1);
  if (is_digit(last.front()))
    if (auto ip = browser_ipv4(host)) return *ip;
  return host;
}

std::string domain_of_address(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == address.npos) return {};
  auto domain = trim(address.substr(at + 1));
  if (domain.ends_with('>')) domain.remove_suffix(1);
  return normalize_host(domain);
}

}  // namespace letterlock::mail
