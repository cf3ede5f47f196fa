#pragma once

// What RFC 9112 and RFC 9110 want refused before a request is understood any further: requests whose length or recipient two readers could
// understand differently. Looks at headers alone; a pure function.

#include <optional>

#include "adapters/http/server.h"

namespace letterlock::http {

// The refusal of a request with this target as sent, minor version of HTTP/1 and headers; nullopt: serve it. 400: no Host or several, two
// different Content-Length or one that is no number, Transfer-Encoding with Content-Length or without chunked as its only last coding, a
// malformed target. 417: an Expect that is not 100-continue. 501: another transfer coding.
std::optional<Response> refuse_by_rules(const Request& request, std::string_view target, int minor_version);

// Path and query of a target: origin-form, absolute-form or "*". nullopt: neither.
struct Target {
  std::string_view path, query;
};
std::optional<Target> split_target(std::string_view target);

}  // namespace letterlock::http
