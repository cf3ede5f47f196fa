#include "mail/header.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "mail/domain.h"
#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr std::size_t header_bytes_max = 64 << 10;  // of one decoded text
constexpr std::size_t name_bytes_max = 1 << 10;
constexpr std::size_t address_bytes_max = 1 << 10;
constexpr std::size_t id_bytes_max = 998;

std::string unquote(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size())
      out += text[++i];
    else if (text[i] != '"')
      out += text[i];
  }
  return out;
}

// One entry of an address list: what stands between two commas.
struct Entry {
  std::string words;    // outside angle brackets and comments, quotes kept
  std::string angle;    // inside the last angle brackets
  std::string comment;  // inside the last comment
  bool has_angle = false;
};

std::string address_text(std::string_view raw) {
  std::string out;
  bool quoted = false;
  for (const char c : raw) {
    if (c == '"') quoted = !quoted;
    if (quoted || !is_space(c)) out += c;
  }
  // "@relay,@relay:user@host", an obsolete route
  if (out.starts_with('@'))
    if (const auto colon = out.find(':'); colon != out.npos) out.erase(0, colon + 1);
  if (starts_ignoring_case(out, "mailto:")) out.erase(0, 7);
  if (starts_ignoring_case(out, "smtp:")) out.erase(0, 5);
  out = mend_as_windows_1252(cut_utf8(out, address_bytes_max));
  if (out.find("=?") != out.npos) out = decode_header(out);
  if (const auto at = out.rfind('@'); at != out.npos) {
    auto host = normalize_host(std::string_view(out).substr(at + 1));
    if (!host.empty()) return lower_unicode(std::string_view(out).substr(0, at + 1)) + host;
  }
  return lower_unicode(out);
}

std::optional<Address> finish(const Entry& entry) {
  Address out;
  const auto words = trim(entry.words);
  if (entry.has_angle) {
    out.address = address_text(entry.angle);
    out.name = decode_header(unquote(words));
    if (out.address.empty() && !out.name.empty()) {  // "Ann <>": keep what there is
      if (out.name.find('@') != out.name.npos) out.address = address_text(out.name);
    }
  } else {
    // Without brackets the word with the '@' is the address, the rest a name that somebody forgot to quote.
    const auto at = words.rfind('@');
    const bool quoted = words.starts_with('"');
    if (at == words.npos) {
      out.name = decode_header(unquote(words));
      out.address = lower_unicode(out.name);
    } else if (quoted || words.find_first_of(" \t\r\n") == words.npos) {
      out.address = address_text(words);
    } else {
      auto from = words.find_last_of(" \t\r\n", at), to = words.find_first_of(" \t\r\n", at);
      if (from != words.npos && from + 1 == at) from = words.npos;  // "user @host"
      from = from == words.npos ? 0 : from + 1;
      if (to == at + 1 || to == words.npos) to = words.size();
      out.address = address_text(words.substr(from, to - from));
      out.name = decode_header(unquote(trim(words.substr(0, from))));
    }
    if (out.name.empty()) out.name = decode_header(entry.comment);
  }
  out.name = std::string(cut_utf8(out.name, name_bytes_max));
  if (out.address.size() > address_bytes_max) out.address = std::string(cut_utf8(out.address, address_bytes_max));
  if (out.address.empty() && out.name.empty()) return std::nullopt;
  return out;
}

}  // namespace

void prepare_gmime() {
  static std::once_flag once;
  std::call_once(once, [] {
    g_mime_init();
    const auto silent = [](const char*, GLogLevelFlags, const char*, void*) {};
    const auto levels = static_cast<GLogLevelFlags>(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_MESSAGE);
    for (const char* domain : {"gmime", "GMime", "GLib", "GLib-GObject"}) g_log_set_handler(domain, levels, silent, nullptr);
  });
}

std::optional<HeaderBlock> split_header(std::string_view message, std::size_t bytes_max) {
  HeaderBlock out;
  std::size_t content_bytes = 0;  // kept behind bytes_max
  const auto line_end = [&](std::size_t at) { return std::min(message.find('\n', at), message.size() - 1) + 1; };
  for (std::size_t at = 0; at < message.size();) {
    auto end = line_end(at);
    const auto line = message.substr(at, end - at);
    if (line == "\n" || line == "\r\n") {
      out.bytes = end;
      return out;
    }
    while (end < message.size() && (message[end] == ' ' || message[end] == '\t')) end = line_end(end);
    const auto field = message.substr(at, end - at);
    const auto colon = field.find(':');
    auto name = field.substr(0, colon == field.npos ? 0 : colon);
    while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
    const bool is_field = !name.empty() && std::ranges::none_of(name, [](unsigned char c) { return c <= ' ' || c == 0x7f; });
    auto room = bytes_max - std::min(at, bytes_max);
    if (room < field.size() && starts_ignoring_case(name, "Content-")) {
      room =
          std::max(room, std::min(content_field_bytes_max, content_fields_bytes_max - std::min(content_bytes, content_fields_bytes_max)));
      content_bytes += std::min(field.size(), room);
    }
    out.cut = out.cut || field.size() > room;
    if (is_field && colon < room)
      out.fields.push_back({std::string(name), std::string(field.substr(0, room).substr(colon + 1))});
    else if (!is_field && at == 0)
      return std::nullopt;
    at = end;
  }
  out.bytes = message.size();
  return out;
}

const std::string* find_header(const Headers& headers, std::string_view name) {
  for (const auto& field : headers)
    if (equals_ignoring_case(field.name, name)) return &field.value;
  return nullptr;
}

std::string_view header_value(const Headers& headers, std::string_view name) {
  const auto* value = find_header(headers, name);
  return value ? std::string_view(*value) : std::string_view();
}

std::string decode_header(std::string_view raw) {
  if (raw.size() > header_bytes_max) raw = cut_utf8(raw, header_bytes_max);
  std::string text = is_clean_utf8(raw) ? std::string(raw) : mend_as_windows_1252(raw);
  if (text.find("=?") != text.npos) {
    prepare_gmime();
    const std::unique_ptr<char, decltype(&g_free)> decoded(g_mime_utils_header_decode_text(nullptr, text.c_str()), g_free);
    if (decoded) text = mend_utf8(decoded.get());
  }
  return fold_space(text);
}

std::vector<Address> parse_addresses(std::string_view raw, std::size_t addresses_max, bool* cut) {
  std::vector<Address> out;
  Entry entry;
  bool quoted = false, angle = false;
  int comment = 0;
  const auto last_semicolon = raw.rfind(';');
  // Whether the angle bracket ends before anything else begins: "<ann@example,com>" is one broken address, not two.
  const auto closes_next = [&](std::size_t at) {
    const auto rest = raw.substr(at, address_bytes_max);
    const auto end = rest.find_first_of("<>,\"");
    return end != rest.npos && rest[end] == '>';
  };
  const auto flush = [&] {
    if (auto address = finish(entry)) out.push_back(std::move(*address));
    entry = {};
    angle = false;
  };
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (out.size() >= addresses_max) {
      if (cut && !trim(raw.substr(i)).empty()) *cut = true;
      return out;
    }
    const char c = raw[i];
    std::string& target = comment > 0 ? entry.comment : angle ? entry.angle : entry.words;
    if (c == '\\' && i + 1 < raw.size() && (quoted || comment > 0)) {
      target += c;
      target += raw[++i];
    } else if (comment > 0) {
      if (c == '(') ++comment;
      if (c == ')' && --comment == 0) continue;
      target += c;
    } else if (c == '"') {
      quoted = !quoted;
      // A quote that never closes would swallow the rest of the list.
      if (quoted && raw.find('"', i + 1) == raw.npos) {
        quoted = false;
        continue;
      }
      target += c;
    } else if (quoted) {
      target += c;
    } else if (c == '(') {
      comment = 1;
      entry.comment.clear();
    } else if (c == '<') {
      if (entry.has_angle && !entry.angle.empty()) entry.words += ' ' + entry.angle;
      entry.angle.clear();
      entry.has_angle = angle = true;
    } else if (c == '>') {
      angle = false;
    } else if (c == ',' && !(angle && (entry.angle.starts_with('@') || closes_next(i + 1)))) {
      flush();
    } else if (c == ';' && !angle) {
      flush();  // the end of a group, or Outlook's separator
    } else if (c == ':' && !angle && last_semicolon != raw.npos && i < last_semicolon && entry.words.find('@') == entry.words.npos &&
               !equals_ignoring_case(trim(entry.words), "mailto") && !equals_ignoring_case(trim(entry.words), "smtp")) {
      entry = {};  // a group's name
    } else {
      target += c;
    }
  }
  if (out.size() < addresses_max)
    flush();
  else if (cut && !trim(entry.words).empty())
    *cut = true;
  return out;
}

std::optional<TimePoint> parse_date(std::string_view raw) {
  const std::string text(trim(raw.substr(0, 256)));
  if (text.empty()) return std::nullopt;
  prepare_gmime();
  const std::unique_ptr<GDateTime, decltype(&g_date_time_unref)> date(g_mime_utils_header_decode_date(text.c_str()), g_date_time_unref);
  if (!date) return std::nullopt;
  const auto seconds = g_date_time_to_unix(date.get());
  if (seconds < -62135596800 || seconds > 253402300799) return std::nullopt;
  return TimePoint(std::chrono::seconds(seconds));
}

std::vector<std::string> parse_message_ids(std::string_view raw, std::size_t ids_max) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view id) {
    id = trim(id);
    if (id.empty()) return;
    out.push_back(
        fold_space(is_clean_utf8(id) ? cut_utf8(id, id_bytes_max) : std::string_view(mend_as_windows_1252(id.substr(0, id_bytes_max)))));
    if (out.size() > 2 * ids_max) out.erase(out.begin(), out.begin() + static_cast<long>(out.size() - ids_max));
  };
  if (raw.find('<') == raw.npos) {
    add(without_comments(raw.substr(0, header_bytes_max)));
  } else {
    while (!raw.empty()) {
      const auto open = raw.find('<');
      if (open == raw.npos) break;
      raw.remove_prefix(open + 1);
      const auto close = raw.find('>');
      add(raw.substr(0, close));
      if (close == raw.npos) break;
      raw.remove_prefix(close + 1);
    }
  }
  if (out.size() > ids_max) out.erase(out.begin(), out.begin() + static_cast<long>(out.size() - ids_max));
  return out;
}

std::string without_comments(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      if (depth == 0) out.append(text, i, 2);
      ++i;
    } else if (c == '"' && depth == 0) {
      quoted = !quoted;
      out += c;
    } else if (!quoted && c == '(') {
      ++depth;
    } else if (!quoted && c == ')' && depth > 0) {
      if (--depth == 0) out += ' ';
    } else if (depth == 0) {
      out += c;
    }
  }
  return out;
}

}  // namespace letterlock::mail
