#include "sim/mime_reader.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <map>

#include "base/encoding.h"

namespace letterlock::sim {
namespace {

constexpr int depth_max = 32;
constexpr int parts_max = 10'000;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

// Take one line (without its end) off the front.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

std::vector<std::pair<std::string, std::string>> take_headers(std::string_view& text) {
  std::vector<std::pair<std::string, std::string>> headers;
  while (!text.empty()) {
    const auto before = text;
    const auto line = take_line(text);
    if (line.empty()) break;
    if ((line[0] == ' ' || line[0] == '\t') && !headers.empty()) {
      headers.back().second += ' ';
      headers.back().second += trimmed(line);
      continue;
    }
    if (headers.empty() && line.starts_with("From ")) continue;  // mbox
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
      text = before;  // no header: the body begins without an empty line
      break;
    }
    headers.emplace_back(std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1))));
  }
  return headers;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode_quoted_printable(std::string_view text, bool word) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_' && word) {
      out += ' ';
    } else if (text[i] == '=' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else if (text[i] == '=' && !word && i + 1 < text.size() && (text[i + 1] == '\n' || text[i + 1] == '\r')) {
      i += text[i + 1] == '\r' && i + 2 < text.size() && text[i + 2] == '\n' ? 2 : 1;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Forgiving base64: foreign characters are skipped, decoding ends at the padding.
std::string decode_base64(std::string_view text) {
  static const auto table = [] {
    std::array<signed char, 256> values;
    values.fill(-1);
    const std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < alphabet.size(); ++i) values[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
    return values;
  }();
  std::string out;
  out.reserve(text.size() / 4 * 3);
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = table[static_cast<unsigned char>(c)];
    if (value < 0) continue;
    bits = bits << 6 | static_cast<unsigned>(value);
    if (++count == 4) {
      out += static_cast<char>(bits >> 16);
      out += static_cast<char>(bits >> 8);
      out += static_cast<char>(bits);
      bits = 0;
      count = 0;
    }
  }
  if (count == 3) {
    out += static_cast<char>(bits >> 10);
    out += static_cast<char>(bits >> 2);
  } else if (count == 2) {
    out += static_cast<char>(bits >> 4);
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
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

// "type/subtype; name=value; name*0*=…" into the first word and its parameters (RFC 2231 joined and decoded).
std::pair<std::string, std::map<std::string, std::string>> read_parameters(std::string_view header) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const char c = header[i];
    if (c == '"') quoted = !quoted;
    if (c == '\\' && quoted && i + 1 < header.size()) {
      fields.back() += header[++i];
    } else if (c == ';' && !quoted) {
      fields.emplace_back();
    } else if (c != '"') {
      fields.back() += c;
    }
  }
  std::map<std::string, std::string> values;
  std::map<std::string, std::pair<bool, std::map<int, std::string>>> pieces;
  for (std::size_t i = 1; i < fields.size(); ++i) {
    const auto equals = fields[i].find('=');
    if (equals == std::string::npos) continue;
    auto name = lower_case(trimmed(std::string_view(fields[i]).substr(0, equals)));
    const auto value = std::string(trimmed(std::string_view(fields[i]).substr(equals + 1)));
    const auto star = name.find('*');
    if (star == std::string::npos) {
      values.emplace(name, value);
      continue;
    }
    const bool extended = name.ends_with('*');
    const int index = star + 1 < name.size() && std::isdigit(static_cast<unsigned char>(name[star + 1]))
                          ? std::min(std::atoi(name.c_str() + star + 1), 999)
                          : 0;
    auto& piece = pieces[name.substr(0, star)];
    piece.first = piece.first || extended;
    piece.second[index] = value;
  }
  for (auto& [name, piece] : pieces) {
    std::string joined;
    for (auto& [index, value] : piece.second) joined += value;
    if (piece.first) {
      const auto first = joined.find('\'');
      const auto second = first == std::string::npos ? first : joined.find('\'', first + 1);
      if (second != std::string::npos)
        joined = to_utf8(percent_decoded(std::string_view(joined).substr(second + 1)), joined.substr(0, first));
      else
        joined = percent_decoded(joined);
    }
    values[name] = joined;
  }
  return {lower_case(trimmed(fields[0])), values};
}

MimePart read_part(std::string_view text, int depth, int& count) {
  MimePart part;
  part.headers = take_headers(text);
  const auto [type, parameters] = read_parameters(part.header("Content-Type"));
  if (type.find('/') != std::string::npos) part.type = type;
  if (const auto found = parameters.find("charset"); found != parameters.end()) part.charset = found->second;
  const auto [disposition, disposition_parameters] = read_parameters(part.header("Content-Disposition"));
  if (const auto found = disposition_parameters.find("filename"); found != disposition_parameters.end())
    part.filename = decode_words(found->second);
  else if (const auto name = parameters.find("name"); name != parameters.end())
    part.filename = decode_words(name->second);
  auto id = trimmed(part.header("Content-ID"));
  if (id.starts_with('<')) id.remove_prefix(1);
  if (id.ends_with('>')) id.remove_suffix(1);
  part.content_id = std::string(id);
  part.is_inline = disposition == "inline" || (disposition.empty() && !part.content_id.empty());

  if (part.type.starts_with("multipart/") && depth < depth_max) {
    if (const auto found = parameters.find("boundary"); found != parameters.end() && !found->second.empty()) {
      const std::string delimiter = "--" + found->second;
      std::string_view rest = text;
      const char* begin = nullptr;
      while (!rest.empty() && count < parts_max) {
        const char* line_begin = rest.data();
        const auto line = take_line(rest);
        const bool is_delimiter = line.starts_with(delimiter);
        const auto after = is_delimiter ? trimmed(line.substr(delimiter.size())) : std::string_view();
        const bool last = after == "--";
        if ((is_delimiter && (after.empty() || last)) || rest.empty()) {
          const char* end = is_delimiter ? line_begin : rest.data();
          if (begin) {
            std::string_view piece(begin, static_cast<std::size_t>(end - begin));
            if (is_delimiter && piece.ends_with('\n')) piece.remove_suffix(1);
            if (is_delimiter && piece.ends_with('\r')) piece.remove_suffix(1);
            ++count;
            part.parts.push_back(read_part(piece, depth + 1, count));
          }
          begin = rest.data();
          if (last) break;
        }
      }
      return part;
    }
  }
  const auto encoding = lower_case(trimmed(part.header("Content-Transfer-Encoding")));
  if (encoding == "base64")
    part.body = decode_base64(text);
  else if (encoding == "quoted-printable")
    part.body = decode_quoted_printable(text, false);
  else
    part.body = std::string(text);
  part.is_attachment = disposition == "attachment" || (!part.type.starts_with("text/") && !part.type.starts_with("multipart/")) ||
                       (!part.filename.empty() && !part.type.starts_with("text/")) ||
                       (!part.filename.empty() && disposition == "attachment");
  return part;
}

void append_utf8(std::uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x110000) {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 63));
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  }
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
         });
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string_view MimePart::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (equal_ignoring_case(key, name)) return value;
  return {};
}

std::string MimePart::text() const { return to_utf8(body, charset); }

MimePart read_mime(std::string_view raw) {
  int count = 0;
  return read_part(raw, 0, count);
}

MimePart read_headers(std::string_view raw) {
  MimePart part;
  part.headers = take_headers(raw);
  return part;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    int length = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    bool good = length > 0 && i + static_cast<std::size_t>(length) <= text.size();
    for (int k = 1; good && k < length; ++k) good = (static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]) & 0xC0) == 0x80;
    if (good && length == 3) {
      const auto d = static_cast<unsigned char>(text[i + 1]);
      good = !(c == 0xE0 && d < 0xA0) && !(c == 0xED && d >= 0xA0);
    }
    if (good && length == 4) {
      const auto d = static_cast<unsigned char>(text[i + 1]);
      good = !(c == 0xF0 && d < 0x90) && !(c == 0xF4 && d >= 0x90);
    }
    if (!good) {
      out += "\xEF\xBF\xBD";
      ++i;
      continue;
    }
    if (c != 0) out.append(text.substr(i, static_cast<std::size_t>(length)));
    i += static_cast<std::size_t>(length);
  }
  return out;
}

std::string to_utf8(std::string_view bytes, std::string_view charset) {
  const auto name = lower_case(charset);
  if (name.empty() || name == "utf-8" || name == "utf8" || name == "us-ascii" || name.size() > 40) return valid_utf8(bytes);
  const iconv_t converter = iconv_open("UTF-8", name.c_str());
  if (converter == reinterpret_cast<iconv_t>(-1)) return valid_utf8(bytes);
  std::string out;
  std::string input(bytes);
  char* in = input.data();
  std::size_t in_left = input.size();
  char buffer[4096];
  while (in_left > 0) {
    char* target = buffer;
    std::size_t room = sizeof buffer;
    const auto status = iconv(converter, &in, &in_left, &target, &room);
    out.append(buffer, sizeof buffer - room);
    if (status == static_cast<std::size_t>(-1) && errno != E2BIG && in_left > 0) {
      out += "\xEF\xBF\xBD";
      ++in;
      --in_left;
    }
  }
  iconv_close(converter);
  return valid_utf8(out);
}

std::string decode_words(std::string_view text) {
  std::string out;
  bool after_word = false;
  while (!text.empty()) {
    const auto start = text.find("=?");
    const auto plain = text.substr(0, start);
    if (!(after_word && trimmed(plain).empty() && start != std::string_view::npos)) out += valid_utf8(plain);
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    const auto first = text.find('?', 2);
    const auto second = first == std::string_view::npos ? first : text.find('?', first + 1);
    const auto end = second == std::string_view::npos ? second : text.find("?=", second + 1);
    if (end == std::string_view::npos || second != first + 2) {
      out += "=?";
      text.remove_prefix(2);
      after_word = false;
      continue;
    }
    auto charset = text.substr(2, first - 2);
    charset = charset.substr(0, charset.find('*'));
    const char encoding = static_cast<char>(std::toupper(static_cast<unsigned char>(text[first + 1])));
    const auto data = text.substr(second + 1, end - second - 1);
    out += to_utf8(encoding == 'B' ? decode_base64(data) : decode_quoted_printable(data, true), charset);
    text.remove_prefix(end + 2);
    after_word = true;
  }
  return out;
}

std::vector<Address> read_addresses(std::string_view header) {
  std::vector<Address> addresses;
  std::string name, address;
  bool quoted = false, angle = false, seen_angle = false;
  int comment = 0;
  const auto finish = [&] {
    Address found;
    if (seen_angle) {
      found = {.name = decode_words(trimmed(name)), .address = std::string(trimmed(address))};
    } else if (name.find('@') != std::string::npos) {
      found.address = std::string(trimmed(name));
    } else if (!trimmed(name).empty()) {
      found.name = decode_words(trimmed(name));
    }
    found.address = valid_utf8(found.address);
    if (!found.address.empty() || !found.name.empty()) addresses.push_back(std::move(found));
    name.clear();
    address.clear();
    angle = seen_angle = false;
  };
  for (std::size_t i = 0; i < header.size(); ++i) {
    const char c = header[i];
    if (c == '\\' && i + 1 < header.size() && (quoted || comment)) {
      ++i;
      if (!comment) (angle ? address : name) += header[i];
    } else if (comment) {
      comment += c == '(' ? 1 : c == ')' ? -1 : 0;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (quoted) {
      (angle ? address : name) += c;
    } else if (c == '(') {
      ++comment;
    } else if (c == '<') {
      angle = seen_angle = true;
      address.clear();
    } else if (c == '>') {
      angle = false;
    } else if ((c == ',' || c == ';') && !angle) {
      finish();
    } else if (c == ':' && !angle && name.find('@') == std::string::npos) {
      name.clear();  // a group's name
    } else {
      (angle ? address : name) += c;
    }
  }
  finish();
  return addresses;
}

std::string html_to_text(std::string_view html) {
  std::string out;
  std::size_t i = 0;
  while (i < html.size()) {
    if (html[i] == '<') {
      const auto end = html.find('>', i);
      if (end == std::string_view::npos) break;
      const auto tag = lower_case(html.substr(i + 1, std::min<std::size_t>(end - i - 1, 12)));
      for (const std::string_view skipped : {"style", "script", "head"})
        if (tag.starts_with(skipped) && (tag.size() == skipped.size() || tag[skipped.size()] == ' ')) {
          const auto close = lower_case(html.substr(i, std::min<std::size_t>(html.size() - i, 1 << 20))).find("</" + std::string(skipped));
          if (close != std::string::npos) i += close;
        }
      if (html[i] == '<') {
        const auto tag_end = html.find('>', i);
        i = tag_end == std::string_view::npos ? html.size() : tag_end + 1;
      }
      if (tag.starts_with("br") || tag.starts_with("p") || tag.starts_with("/p") || tag.starts_with("div") || tag.starts_with("tr"))
        out += ' ';
      continue;
    }
    if (html[i] == '&') {
      static constexpr std::pair<std::string_view, std::string_view> entities[] = {{"&amp;", "&"},   {"&lt;", "<"},   {"&gt;", ">"},
                                                                                   {"&quot;", "\""}, {"&nbsp;", " "}, {"&#39;", "'"}};
      bool found = false;
      for (const auto& [entity, character] : entities)
        if (html.substr(i).starts_with(entity)) {
          out += character;
          i += entity.size();
          found = true;
          break;
        }
      if (found) continue;
      if (html.substr(i).starts_with("&#")) {
        const auto end = html.find(';', i);
        if (end != std::string_view::npos && end - i < 10) {
          const bool hex = html[i + 2] == 'x' || html[i + 2] == 'X';
          const auto code = std::strtoul(std::string(html.substr(i + (hex ? 3 : 2), end - i - 2)).c_str(), nullptr, hex ? 16 : 10);
          if (code > 0 && (code < 0xD800 || code > 0xDFFF)) append_utf8(static_cast<std::uint32_t>(code), out);
          i = end + 1;
          continue;
        }
      }
    }
    out += html[i++];
  }
  return out;
}

std::int64_t read_date_ms(std::string_view date) {
  static constexpr std::string_view months[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
  const auto comma = date.find(',');
  auto text = std::string(trimmed(comma == std::string_view::npos ? date : date.substr(comma + 1)));
  int day = 0, year = 0, hour = 0, minute = 0, second = 0;
  char month_name[16] = {}, zone[16] = {};
  const int fields = std::sscanf(text.c_str(), "%2d %15s %5d %2d:%2d:%2d %15s", &day, month_name, &year, &hour, &minute, &second, zone);
  if (fields < 5) return -1;
  if (year < 50)
    year += 2000;
  else if (year < 100)
    year += 1900;
  unsigned month = 0;
  for (unsigned m = 0; m < 12; ++m)
    if (lower_case(month_name).starts_with(months[m])) month = m + 1;
  const auto when =
      std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month), std::chrono::day(static_cast<unsigned>(day)));
  if (month == 0 || !when.ok() || year > 9999) return -1;
  std::int64_t seconds = std::chrono::sys_days(when).time_since_epoch().count() * 86'400LL + hour * 3600 + minute * 60 + second;
  if ((zone[0] == '+' || zone[0] == '-') && std::isdigit(static_cast<unsigned char>(zone[1]))) {
    const int offset = std::atoi(zone + 1);
    const int shift = (offset / 100) * 3600 + (offset % 100) * 60;
    if (shift <= 86'400) seconds -= zone[0] == '+' ? shift : -shift;
  }
  return seconds * 1000;
}

}  // namespace letterlock::sim
