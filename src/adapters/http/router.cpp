#include "adapters/http/router.h"

#include <algorithm>
#include <exception>

#include "base/log.h"

namespace letterlock::http {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  while (true) {
    const auto end = path.find('/');
    segments.emplace_back(path.substr(0, end));
    if (end == std::string_view::npos) return segments;
    path.remove_prefix(end + 1);
  }
}

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }
bool is_rest(std::string_view segment) { return is_parameter(segment) && segment.ends_with("...}"); }

// 0 literal, 1 parameter, 2 rest: sorts the most specific pattern first.
int rank(std::string_view segment) { return is_rest(segment) ? 2 : is_parameter(segment) ? 1 : 0; }

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> fields;
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto field = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (field.empty()) continue;
    const auto equals = field.find('=');
    const auto value = equals == std::string_view::npos ? std::string_view{} : field.substr(equals + 1);
    // A broken escape is kept as it was sent.
    fields.emplace_back(percent_decode(field.substr(0, equals), true).value_or(std::string(field.substr(0, equals))),
                        percent_decode(value, true).value_or(std::string(value)));
  }
  return fields;
}

Router::Router(std::vector<Route> routes) {
  for (auto& route : routes) {
    auto segments = split(route.pattern);
    patterns_.push_back({.segments = std::move(segments), .route = std::move(route)});
  }
  std::ranges::stable_sort(patterns_, [](const Pattern& a, const Pattern& b) {
    return std::ranges::lexicographical_compare(a.segments, b.segments, {}, rank, rank);
  });
}

Router::Match Router::find(std::string_view method, std::string_view raw_path) const {
  Match match;
  const auto sent = split(raw_path);
  const Pattern* head_fallback = nullptr;
  const auto parameters_of = [&](const Pattern& pattern) {
    for (std::size_t i = 0; i < pattern.segments.size(); ++i) {
      const std::string_view segment = pattern.segments[i];
      if (is_rest(segment)) {
        std::string rest;
        for (std::size_t j = i; j < sent.size(); ++j) {
          const auto decoded = percent_decode(sent[j], false);
          if (!decoded) match.malformed = true;
          rest += (j > i ? "/" : "") + decoded.value_or("");
        }
        match.path_parameters.emplace(segment.substr(1, segment.size() - 5), std::move(rest));
      } else if (is_parameter(segment)) {
        const auto decoded = percent_decode(sent[i], false);
        if (!decoded) match.malformed = true;
        match.path_parameters.emplace(segment.substr(1, segment.size() - 2), decoded.value_or(""));
      }
    }
    match.route = &pattern.route;
  };
  const auto fits = [&](const Pattern& pattern) {
    for (std::size_t i = 0; i < pattern.segments.size(); ++i) {
      if (is_rest(pattern.segments[i])) return true;
      if (i >= sent.size()) return false;
      if (is_parameter(pattern.segments[i]) ? sent[i].empty() : pattern.segments[i] != percent_decode(sent[i], false)) return false;
    }
    return pattern.segments.size() == sent.size();
  };
  for (const auto& pattern : patterns_) {
    if (!fits(pattern)) continue;
    if (pattern.route.method == "*" || pattern.route.method == method) {
      // A catch-all ("/{path...}") must not turn a wrong method on a known path into something else.
      if (!match.allowed.empty() && is_rest(pattern.segments.back())) break;
      if (head_fallback) break;
      parameters_of(pattern);
      return match;
    }
    if (method == "HEAD" && pattern.route.method == "GET" && !head_fallback) head_fallback = &pattern;
    match.allowed.push_back(pattern.route.method);
  }
  if (head_fallback) parameters_of(*head_fallback);
  return match;
}

Response dispatch(const Router& router, Request& request, std::string& route_pattern) {
  route_pattern = "none";
  auto match = router.find(request.method, request.raw_path);
  const auto path = percent_decode(request.raw_path, false);
  if (match.malformed || !path) return problem(400, "invalid", "The request is invalid", "The path holds a broken percent escape.");
  request.path = *path;
  if (!match.route) {
    if (match.allowed.empty()) return problem(404, "not_found", "Not found", "There is nothing at this path.");
    std::ranges::sort(match.allowed);
    const auto repeats = std::ranges::unique(match.allowed);
    match.allowed.erase(repeats.begin(), repeats.end());
    std::string allow;
    for (const auto& method : match.allowed) allow += (allow.empty() ? "" : ", ") + method;
    auto response = problem(405, "method_not_allowed", "Method not allowed", "This path knows " + allow + ".");
    response.headers.emplace_back("allow", allow);
    return response;
  }
  route_pattern = match.route->pattern;
  request.path_parameters = std::move(match.path_parameters);
  try {
    return match.route->handler(request);
  } catch (const std::exception& exception) {
    LOG(error, "a handler threw", {{"route", route_pattern}, {"method", request.method}, {"what", std::string_view(exception.what())}});
  } catch (...) {
    LOG(error, "a handler threw something that is no exception", {{"route", route_pattern}, {"method", request.method}});
  }
  return problem(Error{.kind = ErrorKind::internal});
}

}  // namespace letterlock::http
