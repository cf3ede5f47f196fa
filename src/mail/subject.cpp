#include "mail/subject.h"

#include <algorithm>
#include <array>

#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr int prefixes_max = 20;
constexpr std::size_t tag_bytes_max = 64;

constexpr std::array<std::string_view, 20> reply_prefixes = {"re",  "aw",  "antw", "antwort", "sv", "vs", "ref",  "res",  "rif",  "r",
                                                             "odp", "ynt", "bls",  "vá",      "απ", "на", "回复", "回覆", "答复", "返信"};
constexpr std::array<std::string_view, 20> forward_prefixes = {"fwd", "fw",  "wg",     "tr",   "rv",   "enc", "vb",
                                                               "vl",  "vm",  "doorst", "pd",   "i",    "wtr", "továbbítás",
                                                               "πρθ", "trs", "转发",   "轉寄", "轉發", "転送"};

// The prefix word before a colon at the start of text; `length` becomes the bytes up to behind the colon.
std::string_view prefix_word(std::string_view text, std::size_t& length) {
  const auto colon = text.substr(0, 32).find(':');
  const auto wide = text.substr(0, 32).find("：");
  auto end = std::min(colon, wide);
  if (end == text.npos) return {};
  length = end + (end == colon ? 1 : 3);
  auto word = trim(text.substr(0, end));
  if (const auto bracket = word.find_first_of("[(^*"); bracket != word.npos) {  // "Re[2]:", "Re (3):", "Re^2:"
    for (const char c : word.substr(bracket))
      if (!is_digit(c) && std::string_view("[]()^*").find(c) == std::string_view::npos) return {};
    word = trim(word.substr(0, bracket));
  } else {
    while (!word.empty() && is_digit(word.back())) word.remove_suffix(1);  // "Re2:"
  }
  return word;
}

}  // namespace

SubjectReading read_subject(std::string_view decoded) {
  SubjectReading out;
  std::string_view rest = trim(decoded);
  for (int i = 0; i < prefixes_max && !rest.empty(); ++i) {
    if (rest.front() == '[') {
      const auto close = rest.find(']');
      if (close == rest.npos || close > tag_bytes_max || trim(rest.substr(close + 1)).empty()) break;
      rest = trim(rest.substr(close + 1));
      continue;
    }
    std::size_t length = 0;
    const auto word = lower_unicode(prefix_word(rest, length));
    if (std::ranges::contains(reply_prefixes, word))
      out.is_reply = true;
    else if (std::ranges::contains(forward_prefixes, word))
      out.is_forward = true;
    else
      break;
    rest = trim(rest.substr(length));
  }
  out.base = fold_space(rest);
  return out;
}

}  // namespace letterlock::mail
