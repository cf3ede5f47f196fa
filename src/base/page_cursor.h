#pragma once

// Where a page of a list ends, for lists that are cut by key: what arrives meanwhile moves nothing. Opaque to callers.

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace letterlock {

// The last row of a page of a list that is ordered by (time, id), ids being UUIDs.
struct PagePlace {
  TimePoint at;
  std::string id;
};
std::string to_cursor(const PagePlace& place);
// invalid, code "cursor": none of ours.
Result<PagePlace> page_place_from(const std::string& cursor);

// Likewise of a list that is ordered by two texts, the first without a line feed.
struct TextPlace {
  std::string text;
  std::string id;
};
std::string to_cursor(const TextPlace& place);
Result<TextPlace> text_place_from(const std::string& cursor);

}  // namespace letterlock
