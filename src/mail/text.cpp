#include "mail/text.h"

#include <unicode/uchar.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace letterlock::mail {
namespace {

// Length of the valid UTF-8 sequence at `at`, or 0.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(at + i < text.size() ? text[at + i] : '\0'); };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return follows(1) ? 2 : 0;
  if (first < 0xF0) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (first > 0xF4 || !follows(1) || !follows(2) || !follows(3)) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return 4;
}

// How many bytes from `at` are ASCII other than NUL.
std::size_t plain_run(std::string_view text, std::size_t at) {
  std::size_t i = at;
  while (i + 8 <= text.size()) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    if (word & 0x8080808080808080u) break;
    if ((word - 0x0101010101010101u) & ~word & 0x8080808080808080u) break;  // holds a zero byte
    i += 8;
  }
  while (i < text.size() && text[i] != '\0' && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i - at;
}

constexpr std::array<char16_t, 32> windows_1252_high = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
    0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

template <class OnBad>
std::string mend(std::string_view text, OnBad on_bad) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    if (const auto run = plain_run(text, at)) {
      out.append(text, at, run);
      at += run;
      continue;
    }
    if (text[at] == '\0') {
      ++at;
      continue;
    }
    if (const auto length = sequence_length(text, at)) {
      out.append(text, at, length);
      at += length;
    } else {
      on_bad(out, static_cast<unsigned char>(text[at++]));
    }
  }
  return out;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_lower(c);
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_ascii(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) { return a.size() == b.size() && starts_ignoring_case(a, b); }

bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i)
    if (to_lower(text[i]) != to_lower(prefix[i])) return false;
  return true;
}

std::size_t find_ignoring_case(std::string_view text, std::string_view lower_needle, std::size_t from) {
  if (lower_needle.empty()) return from <= text.size() ? from : std::string_view::npos;
  for (std::size_t i = from; i + lower_needle.size() <= text.size(); ++i)
    if (to_lower(text[i]) == lower_needle.front() && starts_ignoring_case(text.substr(i), lower_needle)) return i;
  return std::string_view::npos;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool is_clean_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (const auto run = plain_run(text, at)) {
      at += run;
      continue;
    }
    const auto length = text[at] == '\0' ? 0 : sequence_length(text, at);
    if (!length) return false;
    at += length;
  }
  return true;
}

std::string mend_utf8(std::string_view text) {
  return mend(text, [](std::string& out, unsigned char) { out += "\xEF\xBF\xBD"; });
}

std::string mend_as_windows_1252(std::string_view text) {
  return mend(text,
              [](std::string& out, unsigned char byte) { append_code_point(out, byte < 0xA0 ? windows_1252_high[byte - 0x80] : byte); });
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0) == 0x80) --bytes_max;
  return text.substr(0, bytes_max);
}

std::string fold_space(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool gap = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (is_space(c) || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      gap = true;
      ++i;
    } else if (text.substr(i).starts_with("\xC2\xA0") || text.substr(i).starts_with("\xC2\xAD")) {
      gap = gap || text[i + 1] == '\xA0';
      i += 2;
    } else if (text.substr(i).starts_with("\xE2\x80\x8B") || text.substr(i).starts_with("\xEF\xBB\xBF")) {
      i += 3;
    } else {
      if (gap && !out.empty()) out += ' ';
      gap = false;
      out += c;
      ++i;
    }
  }
  return out;
}

std::string lower_unicode(std::string_view text) {
  if (is_ascii(text)) return lower(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();)
    append_code_point(out, static_cast<char32_t>(u_tolower(static_cast<UChar32>(next_code_point(text, at)))));
  return out;
}

char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto length = sequence_length(text, at);
  const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[at + i])); };
  char32_t c = 0xFFFD;
  switch (length) {
    case 1:
      c = byte(0);
      break;
    case 2:
      c = (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
      break;
    case 3:
      c = (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
      break;
    case 4:
      c = (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
      break;
    default:
      break;
  }
  at += length ? length : 1;
  return c;
}

void append_code_point(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    if (c >= 0xD800 && c < 0xE000) c = 0xFFFD;
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

}  // namespace letterlock::mail
