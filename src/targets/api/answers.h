#pragma once

// How a service's Result becomes an answer, and how ids, filters and limits are read from a request.

#include <algorithm>
#include <charconv>
#include <span>

#include "adapters/http/server.h"
#include "base/id.h"
#include "base/log.h"
#include "targets/api/guard.h"
#include "targets/api/views.h"

namespace letterlock::api {

// The problem for an error; faults of ours are logged here, where they end.
inline http::Response refused(const Error& error, const http::Request& request) {
  if (error.kind == ErrorKind::internal || error.kind == ErrorKind::unavailable)
    write_log(log_level_of(error.kind), "an API call failed", {{"method", request.method}, {"reason", error.message}});
  return http::problem(error);
}

template <class View>
http::Response answer(const Result<View>& result, const http::Request& request, int status = 200) {
  return result ? json(status, to_json(*result)) : refused(result.error(), request);
}

inline http::Response done(const Result<void>& result, const http::Request& request) {
  if (!result) return refused(result.error(), request);
  return {.status = 204, .headers = {{"cache-control", "no-store"}}};
}

// An id of ours in the path; what is no UUID cannot exist.
template <class IdType>
Result<IdType> path_id(const http::Request& request, const std::string& name) {
  const auto found = request.path_parameters.find(name);
  if (found == request.path_parameters.end() || !is_uuid(found->second))
    return fail(ErrorKind::not_found, "There is no such " + name + ".");
  return IdType(found->second);
}

// Written before the act: what cannot be audited is not done.
inline Result<void> audited(const ApiDependencies& api, const Principal& caller, std::string_view action, std::string_view object) {
  return api.services.access.audit(caller, action, object);
}

inline Result<int> number_of(const http::Request& request, const std::string& name, int least, int most, int by_default) {
  const auto text = request.query_value(name);
  if (!text) return by_default;
  int number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size() || number < least || number > most)
    return fail(ErrorKind::invalid, name + " is a number from " + std::to_string(least) + " to " + std::to_string(most) + ".");
  return number;
}
inline Result<int> limit_of(const http::Request& request) { return number_of(request, "limit", 1, 200, 50); }
inline Result<int> days_of(const http::Request& request) { return number_of(request, "days", 1, 90, 30); }

inline Result<void> check_text(const std::string& name, const std::string& text, std::size_t bytes_max) {
  if (text.empty() || text.size() > bytes_max) return fail(ErrorKind::invalid, name + " has 1 to " + std::to_string(bytes_max) + " bytes.");
  return {};
}

inline Result<std::optional<std::string>> text_of(const http::Request& request, const std::string& name, std::size_t bytes_max) {
  auto text = request.query_value(name);
  if (text) TRY(check_text(name, *text, bytes_max));
  return text;
}
inline Result<std::optional<std::string>> cursor_of(const http::Request& request) { return text_of(request, "cursor", 500); }

inline Result<void> check_word(const std::string& name, std::string_view value, std::span<const std::string_view> words) {
  if (std::ranges::contains(words, value)) return {};
  std::string known;
  for (const auto word : words) known += (known.empty() ? "" : word == words.back() ? " or " : ", ") + std::string(word);
  return fail(ErrorKind::invalid, name + " is " + known + ".");
}

// One of these words.
inline Result<std::optional<std::string>> word_of(const http::Request& request, const std::string& name,
                                                  std::span<const std::string_view> words) {
  auto text = request.query_value(name);
  if (text) TRY(check_word(name, *text, words));
  return text;
}

// Any of these words, the parameter repeated; at most 20.
inline Result<std::vector<std::string>> words_of(const http::Request& request, const std::string& name,
                                                 std::span<const std::string_view> words) {
  auto values = request.query_values(name);
  if (values.size() > 20) return fail(ErrorKind::invalid, name + " comes at most 20 times.");
  for (const auto& value : values) TRY(check_word(name, value, words));
  return values;
}

inline Result<std::optional<bool>> bool_of(const http::Request& request, const std::string& name) {
  constexpr std::string_view words[] = {"true", "false"};
  const auto word = TRY(word_of(request, name, words));
  if (!word) return std::nullopt;
  return *word == "true";
}

inline Result<std::optional<TimePoint>> time_of(const http::Request& request, const std::string& name) {
  const auto text = request.query_value(name);
  if (!text) return std::nullopt;
  const auto time = from_rfc3339(*text);
  if (!time) return fail(ErrorKind::invalid, name + " is a time like 2026-11-23T21:11:20Z.");
  return *time;
}

// Whether If-None-Match names this ETag.
bool matches(std::string_view if_none_match, std::string_view etag);
// Of an answer to this caller that is the same as long as the version is.
std::string etag_of(const http::Request& request, const Principal& caller, std::string_view version);

AlertView view_of(Alert alert);

}  // namespace letterlock::api
