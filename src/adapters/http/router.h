#pragma once

// Finds the route of a request: patterns are matched segment by segment on the raw path, so that an encoded '/' stays
// inside its segment; literal segments win over parameters, parameters over the rest. Immutable; any thread.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/server.h"

namespace letterlock::http {

// Percent-decode; plus_is_space for query strings. nullopt: broken escape or a NUL.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

class Router {
 public:
  struct Match {
    const Route* route = nullptr;                        // nullptr: see allowed
    std::map<std::string, std::string> path_parameters;  // decoded
    std::vector<std::string> allowed;                    // methods of routes that match the path: not empty means 405
    bool malformed = false;                              // a broken percent escape
  };

  explicit Router(std::vector<Route> routes);
  // HEAD falls back to GET.
  Match find(std::string_view method, std::string_view raw_path) const;

 private:
  struct Pattern {
    std::vector<std::string> segments;
    Route route;
  };
  std::vector<Pattern> patterns_;  // the most specific first
};

// Route the request (raw_path and method set), fill in its path parameters and call the handler, or answer 400, 404, 405.
// An exception that escapes the handler becomes a 500 without detail. route_pattern gets the pattern for metrics, or "none".
Response dispatch(const Router& router, Request& request, std::string& route_pattern);

}  // namespace letterlock::http
