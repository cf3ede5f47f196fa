#include "base/page_cursor.h"

#include <charconv>

#include "base/encoding.h"
#include "base/id.h"

namespace letterlock {
namespace {

std::unexpected<Error> refused() {
  return fail(Error{.kind = ErrorKind::invalid, .message = "cursor: not one of this list's; begin without one", .code = "cursor"});
}

}  // namespace

std::string to_cursor(const PagePlace& place) { return to_base64url(std::to_string(to_unix_micros(place.at)) + ":" + place.id); }

Result<PagePlace> page_place_from(const std::string& cursor) {
  const auto text = from_base64(cursor);
  if (!text) return refused();
  const auto colon = text->find(':');
  if (colon == std::string::npos || !is_uuid(text->substr(colon + 1))) return refused();
  // Times within PostgreSQL's reach alone: the years 1970 to 9999.
  std::int64_t micros = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + colon, micros);
  if (problem != std::errc{} || end != text->data() + colon || micros < 0 || micros > 253'402'300'799'000'000) return refused();
  return PagePlace{.at = from_unix_micros(micros), .id = text->substr(colon + 1)};
}

Result<PageStart> page_start(const std::optional<std::string>& cursor) {
  if (!cursor) return PageStart{};
  auto place = TRY(page_place_from(*cursor));
  return PageStart{.at = place.at, .id = std::move(place.id)};
}

std::string to_cursor(const TextPlace& place) { return to_base64url(place.text + "\n" + place.id); }

Result<TextPlace> text_place_from(const std::string& cursor) {
  const auto text = from_base64(cursor);
  if (!text || text->contains('\0')) return refused();
  const auto line = text->find('\n');
  if (line == std::string::npos) return refused();
  return TextPlace{.text = text->substr(0, line), .id = text->substr(line + 1)};
}

}  // namespace letterlock
