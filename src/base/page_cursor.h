#pragma once

// Where a page of a list ends, for lists that are cut by key: what arrives meanwhile moves nothing. Opaque to callers.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

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

// What lies before a page: both parts, or none on the first page.
struct PageStart {
  std::optional<TimePoint> at;
  std::optional<std::string> id;
};
Result<PageStart> page_start(const std::optional<std::string>& cursor);

// Likewise of a list that is ordered by two texts, the first without a line feed.
struct TextPlace {
  std::string text;
  std::string id;
};
std::string to_cursor(const TextPlace& place);
Result<TextPlace> text_place_from(const std::string& cursor);

// Cut rows, of which one more than the limit was read, to the limit; the next page's cursor, none where this is the last page.
template <class Row, class PlaceOf>
std::optional<std::string> cut_page(std::vector<Row>& rows, int limit, PlaceOf place_of) {
  if (rows.size() <= static_cast<std::size_t>(limit)) return std::nullopt;
  rows.pop_back();
  return to_cursor(place_of(rows.back()));
}

}  // namespace letterlock
