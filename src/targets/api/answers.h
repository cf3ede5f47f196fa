#pragma once

// How a service's Result becomes an answer, and how ids and limits are read from a request.

#include <charconv>

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

// An id of ours in the path; what is no UUID cannot exist.
template <class IdType>
Result<IdType> path_id(const http::Request& request, const std::string& name) {
  const auto found = request.path_parameters.find(name);
  if (found == request.path_parameters.end() || !is_uuid(found->second))
    return fail(ErrorKind::not_found, "There is no such " + name + ".");
  return IdType(found->second);
}

inline Result<int> limit_of(const http::Request& request) {
  constexpr int limit_default = 50;
  constexpr int limit_max = 200;
  const auto text = request.query_value("limit");
  if (!text) return limit_default;
  int limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc{} || end != text->data() + text->size() || limit < 1 || limit > limit_max)
    return fail(ErrorKind::invalid, "limit is a number from 1 to 200.");
  return limit;
}

}  // namespace letterlock::api
