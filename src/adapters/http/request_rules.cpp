#include "adapters/http/request_rules.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace letterlock::http {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, [](unsigned char c) { return std::tolower(c); }, [](unsigned char c) { return std::tolower(c); });
}

Response bad(std::string_view detail) { return problem(400, "invalid", "The request is invalid", detail); }

std::vector<std::string_view> values_of(const Request& request, std::string_view lower_name) {
  std::vector<std::string_view> values;
  for (const auto& [name, value] : request.headers)
    if (name == lower_name) values.push_back(value);
  return values;
}

// The elements of comma-separated lists, one list a field.
std::vector<std::string_view> elements_of(const std::vector<std::string_view>& values) {
  std::vector<std::string_view> elements;
  for (auto rest : values)
    while (true) {
      const auto comma = rest.find(',');
      auto element = rest.substr(0, comma);
      while (!element.empty() && (element.front() == ' ' || element.front() == '\t')) element.remove_prefix(1);
      while (!element.empty() && (element.back() == ' ' || element.back() == '\t')) element.remove_suffix(1);
      elements.push_back(element);
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  return elements;
}

// host[:port] of Host; an empty one is allowed.
bool is_host(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-._~%!$&'()*+,;=:[]").contains(c); });
}

std::optional<std::string_view> bad_length(const std::vector<std::string_view>& lengths) {
  std::optional<std::uint64_t> known;
  for (const auto text : elements_of(lengths)) {
    std::uint64_t length = 0;  // from_chars takes no sign of an unsigned number
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc{} || end != text.data() + text.size()) return "Content-Length is no number.";
    if (known && *known != length) return "There are two different Content-Length.";
    known = length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Target> split_target(std::string_view target) {
  if (const auto scheme = target.find("://"); scheme != std::string_view::npos && scheme < target.find_first_of("/?")) {
    const auto name = target.substr(0, scheme);
    if (!equal_ignoring_case(name, "http") && !equal_ignoring_case(name, "https")) return std::nullopt;
    target.remove_prefix(scheme + 3);
    const auto end = target.find_first_of("/?");
    if (end == 0 || target.empty()) return std::nullopt;
    if (end == std::string_view::npos) return Target{.path = "/"};
    target.remove_prefix(end);
    if (target.front() == '?') return Target{.path = "/", .query = target.substr(1)};
  }
  if (target == "*") return Target{.path = target};
  if (!target.starts_with('/') || target.contains('#')) return std::nullopt;
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return Target{.path = target};
  return Target{.path = target.substr(0, mark), .query = target.substr(mark + 1)};
}

std::optional<Response> refuse_by_rules(const Request& request, std::string_view target, int minor_version) {
  const auto hosts = values_of(request, "host");
  if (hosts.size() > 1) return bad("There is more than one Host.");
  if (hosts.empty() && minor_version >= 1) return bad("There is no Host.");
  if (!hosts.empty() && !is_host(hosts.front())) return bad("Host names no host.");
  if (!split_target(target)) return bad("The request's target is neither a path nor a URL.");
  const auto lengths = values_of(request, "content-length");
  if (const auto wrong = bad_length(lengths)) return bad(*wrong);
  if (const auto encodings = values_of(request, "transfer-encoding"); !encodings.empty()) {
    const auto codings = elements_of(encodings);
    if (minor_version < 1) return bad("HTTP/1.0 knows no Transfer-Encoding.");
    if (!lengths.empty()) return bad("There are both Transfer-Encoding and Content-Length.");
    if (!equal_ignoring_case(codings.back(), "chunked")) return bad("The last transfer coding is not chunked.");
    if (codings.size() > 1) {
      const bool repeated = std::ranges::any_of(codings.begin(), codings.end() - 1, [](std::string_view coding) {
        return equal_ignoring_case(coding, "chunked") || equal_ignoring_case(coding, "identity") || coding.empty();
      });
      if (repeated) return bad("Transfer-Encoding is chunked and nothing else.");
      return problem(501, "not_implemented", "Not implemented", "Of transfer codings only chunked is understood.");
    }
  }
  for (const auto expected : values_of(request, "expect"))
    if (!equal_ignoring_case(expected, "100-continue")) return problem(417, "invalid", "The expectation failed", "Expect is 100-continue.");
  return std::nullopt;
}

}  // namespace letterlock::http
