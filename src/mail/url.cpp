// What a URL hides: rewriters' targets and addresses carried along.

#include <array>
#include <vector>

#include "base/encoding.h"
#include "mail/domain.h"
#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr int unwrap_depth_max = 3;
constexpr std::size_t url_bytes_max = 64 << 10;  // longer ones are not looked into

// The value of a query parameter, still encoded.
std::optional<std::string_view> query_value(std::string_view url, std::string_view name) {
  const auto question = url.find('?');
  if (question == url.npos) return std::nullopt;
  std::string_view query = url.substr(question + 1);
  query = query.substr(0, query.find('#'));
  while (!query.empty()) {
    auto end = query.find('&');
    auto pair = query.substr(0, end);
    if (pair.starts_with("amp;")) pair.remove_prefix(4);  // "&amp;" left undecoded
    if (pair.size() > name.size() && pair[name.size()] == '=' && equals_ignoring_case(pair.substr(0, name.size()), name))
      return pair.substr(name.size() + 1);
    query = end == query.npos ? std::string_view() : query.substr(end + 1);
  }
  return std::nullopt;
}

std::string_view path_of(std::string_view url) {
  const auto scheme = url.find("://");
  const auto slash = url.find('/', scheme == url.npos ? 0 : scheme + 3);
  return slash == url.npos ? std::string_view() : url.substr(slash);
}

std::optional<std::string> decoded_query_value(std::string_view url, std::string_view name) {
  if (const auto value = query_value(url, name)) return percent_decode(*value);
  return std::nullopt;
}

std::optional<std::string> proofpoint_v2(std::string_view url) {
  const auto value = query_value(url, "u");
  if (!value) return std::nullopt;
  std::string text(*value);
  for (char& c : text) c = c == '-' ? '%' : c == '_' ? '/' : c;
  return percent_decode(text);
}

// "/v3/__URL__;REPLACED!!…": each '*' stands for one byte of the base64 text, "**" and a length character for several.
std::optional<std::string> proofpoint_v3(std::string_view url) {
  const auto begin = url.find("/v3/__");
  if (begin == url.npos) return std::nullopt;
  const auto from = begin + 6;
  const auto end = url.rfind("__;");
  if (end == url.npos || end < from) return std::nullopt;
  auto encoded = url.substr(end + 3);
  encoded = encoded.substr(0, encoded.find('!'));
  const auto bytes = from_base64(encoded).value_or("");
  constexpr std::string_view lengths = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::size_t next = 0;
  const auto text = url.substr(from, end - from);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '*' || bytes.empty()) {
      out += text[i];
      continue;
    }
    std::size_t count = 1;
    if (i + 2 < text.size() && text[i + 1] == '*' && lengths.find(text[i + 2]) != lengths.npos) {
      count = lengths.find(text[i + 2]) + 2;
      i += 2;
    }
    for (; count > 0 && next < bytes.size(); --count) out += bytes[next++];
  }
  if (const auto colon = out.find(":/"); colon != out.npos && colon < 8 && out.compare(colon, 3, "://") != 0) out.insert(colon + 1, "/");
  return out;
}

bool is_under(std::string_view host, std::string_view parent) {
  return host == parent || (host.size() > parent.size() && host.ends_with(parent) && host[host.size() - parent.size() - 1] == '.');
}

// One step out of a rewriter; nullopt where the URL is none or its target cannot be read.
std::optional<std::string> unwrap_once(std::string_view url) {
  const auto host = host_of_url(url);
  if (host.empty()) return std::nullopt;
  const auto path = path_of(url);
  if (host.ends_with(".safelinks.protection.outlook.com") || host.ends_with(".safelinks.o365.us") ||
      host.ends_with(".safelinks.protection.office365.us"))
    return decoded_query_value(url, "url");
  if (host == "urldefense.proofpoint.com" || host == "urldefense.com" || host == "urldefense.us") {
    if (path.starts_with("/v3/")) return proofpoint_v3(url);
    if (path.starts_with("/v2/")) return proofpoint_v2(url);
    return decoded_query_value(url, "u");
  }
  if (host == "linkprotect.cudasvc.com") return decoded_query_value(url, "a");
  if (host.ends_with(".mimecast.com") || host.ends_with(".mimecastprotect.com")) {
    const auto domain = decoded_query_value(url, "domain");  // only the target's host can be read
    if (domain && !normalize_host(*domain).empty()) return "https://" + *domain + "/";
    return std::nullopt;
  }
  if (host == "secure-web.cisco.com" || host.ends_with(".secure-web.cisco.com")) {
    const auto target = find_ignoring_case(path, "/http");
    if (target == path.npos) return std::nullopt;
    return percent_decode(path.substr(target + 1));
  }
  if ((is_under(host, "google.com") || host.starts_with("www.google.")) && path.starts_with("/url")) {
    auto target = decoded_query_value(url, "q");
    return target ? target : decoded_query_value(url, "url");
  }
  if (host == "l.facebook.com" || host == "lm.facebook.com") return decoded_query_value(url, "u");
  return std::nullopt;
}

constexpr auto base64_values = [] {
  std::array<signed char, 256> table{};
  table.fill(-1);
  for (int i = 0; i < 26; ++i) table[static_cast<std::size_t>('A' + i)] = static_cast<signed char>(i);
  for (int i = 0; i < 26; ++i) table[static_cast<std::size_t>('a' + i)] = static_cast<signed char>(26 + i);
  for (int i = 0; i < 10; ++i) table[static_cast<std::size_t>('0' + i)] = static_cast<signed char>(52 + i);
  table['+'] = table['-'] = 62;
  table['/'] = table['_'] = 63;
  return table;
}();

// Whether a run of base64 characters holds the bytes, whatever stands before them: all four alignments are tried.
bool run_holds_base64(std::string_view run, std::string_view needle) {
  std::string decoded;
  for (std::size_t offset = 0; offset < 4 && offset < run.size(); ++offset) {
    decoded.clear();
    unsigned bits = 0;
    int count = 0;
    for (const char c : run.substr(offset)) {
      bits = bits << 6 | static_cast<unsigned>(base64_values[static_cast<unsigned char>(c)]);
      count += 6;
      if (count >= 8) {
        count -= 8;
        decoded += to_lower(static_cast<char>(bits >> count & 0xFF));
      }
    }
    if (decoded.find(needle) != decoded.npos) return true;
  }
  return false;
}

bool run_holds_hex(std::string_view run, std::string_view needle) {
  std::string decoded;
  for (std::size_t offset = 0; offset < 2; ++offset) {
    decoded.clear();
    for (std::size_t i = offset; i + 1 < run.size(); i += 2)
      decoded += to_lower(static_cast<char>(hex_digit(run[i]) * 16 + hex_digit(run[i + 1])));
    if (decoded.find(needle) != decoded.npos) return true;
  }
  return false;
}

// Whether any longest run of characters that `belongs` accepts, of at least `length_min`, satisfies `holds`.
template <class Belongs, class Holds>
bool any_run(std::string_view text, std::size_t length_min, Belongs belongs, Holds holds) {
  for (std::size_t at = 0; at < text.size();) {
    if (!belongs(text[at])) {
      ++at;
      continue;
    }
    const auto from = at;
    while (at < text.size() && belongs(text[at])) ++at;
    if (at - from >= length_min && holds(text.substr(from, at - from))) return true;
  }
  return false;
}

}  // namespace

std::string unwrap_url(std::string_view url) {
  std::string out(trim(url));
  for (int depth = 0; depth < unwrap_depth_max && out.size() <= url_bytes_max; ++depth) {
    auto inner = unwrap_once(out);
    if (!inner || !(starts_ignoring_case(*inner, "http://") || starts_ignoring_case(*inner, "https://")) || host_of_url(*inner).empty())
      break;
    out = mend_utf8(*inner);
  }
  return out;
}

std::optional<std::string> address_in_url(std::string_view url, std::string_view address) {
  const std::string needle = lower(trim(address));
  if (needle.size() < 5 || needle.find('@') == needle.npos || url.size() > url_bytes_max) return std::nullopt;
  url = trim(url);
  if (starts_ignoring_case(url, "mailto:")) return std::nullopt;
  auto begin = url.find("://");
  begin = url.find_first_of("/?#", begin == url.npos ? 0 : begin + 3);
  if (begin == url.npos) return std::nullopt;
  const std::string once = percent_decode(url.substr(begin)), twice = percent_decode(once);
  if (lower(once).find(needle) != once.npos || lower(twice).find(needle) != twice.npos) return "plain";
  const auto base64 = [](char c) { return base64_values[static_cast<unsigned char>(c)] >= 0; };
  if (any_run(twice, needle.size() * 4 / 3, base64, [&](std::string_view run) { return run_holds_base64(run, needle); })) return "base64";
  const auto hex = [](char c) { return hex_digit(c) >= 0; };
  if (any_run(twice, needle.size() * 2, hex, [&](std::string_view run) { return run_holds_hex(run, needle); })) return "hex";
  return std::nullopt;
}

}  // namespace letterlock::mail
