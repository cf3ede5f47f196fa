#pragma once

// Text primitives of the mail folder: ASCII case, trimming, percent-decoding and UTF-8 mending. Pure; any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace letterlock::mail {

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  c = to_lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string lower(std::string_view text);  // ASCII letters only
std::string_view trim(std::string_view text);
bool is_ascii(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool starts_ignoring_case(std::string_view text, std::string_view prefix);
std::size_t find_ignoring_case(std::string_view text, std::string_view lower_needle, std::size_t from = 0);

// Turn %XX into bytes; a '%' without two hex digits stays.
std::string percent_decode(std::string_view text);

// Valid UTF-8 without NUL: broken bytes become U+FFFD, NUL is dropped. The fast path copies.
std::string mend_utf8(std::string_view text);
bool is_clean_utf8(std::string_view text);
// Bytes above 0x7f that are no UTF-8 are taken for windows-1252; NUL is dropped.
std::string mend_as_windows_1252(std::string_view text);

// At most `bytes_max` bytes, not cutting a code point in two.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

// White space (with no-break and zero-width spaces) runs become one blank, ends trimmed.
std::string fold_space(std::string_view text);

// Code points above ASCII to lower case too (simple folding), for addresses and hosts.
std::string lower_unicode(std::string_view text);

// Decode one code point at `at` of valid UTF-8 and move `at` behind it.
char32_t next_code_point(std::string_view text, std::size_t& at);
void append_code_point(std::string& out, char32_t c);

}  // namespace letterlock::mail
