#pragma once

// Reading header fields: encoded words, addresses, dates, message ids. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace letterlock::mail {

struct HeaderField {
  std::string name;   // as sent
  std::string value;  // raw, still folded and encoded
};

using Headers = std::vector<HeaderField>;

struct Address {
  std::string address;  // lower-cased; text that is no address stays as it is, lower-cased
  std::string name;     // decoded

  friend bool operator==(const Address&, const Address&) = default;
};

// Prepare GMime and silence its warnings; cheap after the first call.
void prepare_gmime();

// A message's header: its fields in their order, and how many bytes they and the empty line that ends them take. A line that is
// no field is dropped with what continues it: a name ends at the first colon, is not empty and has no control characters, white space only
// before the colon. std::nullopt: the very first line is no field, so this is no header.
// Of a header of more than `bytes_max` bytes, what stands in its first bytes_max is kept, and behind it the fields that say how the body
// is made (Content-*, each up to content_field_bytes_max, together up to content_fields_bytes_max).
struct HeaderBlock {
  Headers fields;
  std::size_t bytes = 0;
  bool cut = false;
};
inline constexpr std::size_t content_field_bytes_max = 64 << 10;
inline constexpr std::size_t content_fields_bytes_max = 256 << 10;
std::optional<HeaderBlock> split_header(std::string_view message, std::size_t bytes_max);

// The first (topmost) field of that name, or nullptr.
const std::string* find_header(const Headers& headers, std::string_view name);
// Its value, or "".
std::string_view header_value(const Headers& headers, std::string_view name);

// Unfold, decode RFC 2047 words, mend charsets: clean UTF-8 in one line.
std::string decode_header(std::string_view raw);
// Every address of a field, at most `addresses_max` (beyond it `cut` is set). Group names are dropped, comments kept as names.
std::vector<Address> parse_addresses(std::string_view raw, std::size_t addresses_max, bool* cut = nullptr);
std::optional<TimePoint> parse_date(std::string_view raw);
// The ids of Message-ID, In-Reply-To or References, without angle brackets.
std::vector<std::string> parse_message_ids(std::string_view raw, std::size_t ids_max);
// Drop RFC 5322 comments outside quoted strings.
std::string without_comments(std::string_view text);

}  // namespace letterlock::mail
