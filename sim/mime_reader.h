#pragma once

// A small MIME reader of the simulator's own, from RFC 5322, 2045-2047 and 2231 alone: what the providers derive from raw
// bytes (JSON messages) is derived here independently of the product's parser. Pure; any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace letterlock::sim {

struct Address {
  std::string name;
  std::string address;
};

struct MimePart {
  std::vector<std::pair<std::string, std::string>> headers;  // unfolded, in order, not decoded
  std::string type = "text/plain";                           // lower-case "type/subtype"
  std::string charset;
  std::string filename;
  std::string content_id;  // without the angle brackets
  bool is_attachment = false;
  bool is_inline = false;
  std::string body;             // of a leaf: transfer encoding removed; of message/rfc822: the message's bytes
  std::vector<MimePart> parts;  // of multipart/*

  std::string_view header(std::string_view name) const;  // first, case-insensitive; empty if none
  bool is_text() const { return !is_attachment && (type == "text/plain" || type == "text/html"); }
  std::string text() const;  // the body as UTF-8
};

// Never fails: what cannot be read is kept as it is. Nesting deeper than 32 and parts beyond 10,000 are left unread.
MimePart read_mime(std::string_view raw);
// The headers alone (cheap): MimePart with neither body nor parts.
MimePart read_headers(std::string_view raw);

std::string decode_words(std::string_view text);               // RFC 2047 to UTF-8
std::vector<Address> read_addresses(std::string_view header);  // of a decoded or undecoded address list; groups flattened
std::string valid_utf8(std::string_view text);                 // invalid bytes become U+FFFD, NUL is dropped
std::string to_utf8(std::string_view bytes, std::string_view charset);
std::string html_to_text(std::string_view html);  // good enough for previews and snippets
// Unix milliseconds of an RFC 5322 date; nullopt-like -1 when unreadable.
std::int64_t read_date_ms(std::string_view date);
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string lower_case(std::string_view text);

}  // namespace letterlock::sim
