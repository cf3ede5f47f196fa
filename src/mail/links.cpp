#include "mail/links.h"

#include <algorithm>
#include <array>

#include "mail/domain.h"
#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr std::size_t url_bytes_max = 8 << 10;
constexpr std::size_t display_bytes_max = 1 << 10;
constexpr int words_max = 40;  // of a display text that are looked at

// Endings that are top-level domains, but file names in a text.
constexpr std::array<std::string_view, 14> file_endings = {"zip", "mov", "md",  "py",  "sh",   "rs", "pl",
                                                           "ps",  "app", "cab", "doc", "java", "so", "ai"};

std::string_view trim_punctuation(std::string_view url) {
  auto surplus = std::ranges::count(url, ')') - std::ranges::count(url, '(');
  while (!url.empty()) {
    const char c = url.back();
    if (c == ')' && surplus-- <= 0) break;
    if (std::string_view(".,;:!?'\"*_)]}>|").find(c) == std::string_view::npos) break;
    url.remove_suffix(1);
  }
  return url;
}

bool ends_url(std::string_view text, std::size_t at) {
  const auto c = static_cast<unsigned char>(text[at]);
  if (c <= 0x20 || c == 0x7F || c == '<' || c == '>' || c == '"' || c == '`') return true;
  return text.compare(at, 2, "\xC2\xA0") == 0 || text.compare(at, 3, "\xE2\x80\x9D") == 0 || text.compare(at, 3, "\xE2\x80\x9C") == 0 ||
         text.compare(at, 3, "\xE3\x80\x80") == 0 || text.compare(at, 3, "\xE3\x80\x82") == 0;
}

bool starts_word(std::string_view text, std::size_t at) {
  if (at == 0) return true;
  const char c = text[at - 1];
  return !is_alpha(c) && !is_digit(c) && c != '.' && c != '-' && c != '_' && c != '@' && c != '/' && c != '=' && c != '%' && c != '&';
}

}  // namespace

void LinkCollector::add(std::string_view url, std::string_view display_text, std::string_view origin) {
  ++seen_;
  if (links_.size() >= links_max_) {
    cut_ = true;
    return;
  }
  const auto hash = std::hash<std::string_view>()(url) * 31 + std::hash<std::string_view>()(display_text);
  const auto place = std::ranges::lower_bound(hashes_, hash);
  if (place != hashes_.end() && *place == hash) return;
  hashes_.insert(place, hash);
  Link link;
  link.url = std::string(cut_utf8(url, url_bytes_max));
  link.host = host_of_url(unwrap_url(link.url));
  link.domain = registrable_domain(link.host);
  link.display_text = std::string(cut_utf8(display_text, display_bytes_max));
  link.display_domain = displayed_domain(link.display_text);
  link.origin = std::string(origin);
  links_.push_back(std::move(link));
}

void LinkCollector::add_anchor(std::string_view url, std::string_view display_text) {
  url = trim(url);
  if (url.empty() || url.front() == '#') return;
  for (const auto scheme : {"mailto:", "tel:", "sms:", "cid:", "callto:", "about:", "mid:", "x-apple-data-detectors:"})
    if (starts_ignoring_case(url, scheme)) return;
  add(url, display_text, "html");
}

void LinkCollector::add_text(std::string_view text, std::string_view origin) {
  std::size_t at = 0, colon = 0, www = 0;
  const auto is_www = [&](std::size_t dot) { return dot > 0 && to_lower(text[dot - 1]) == 'w' && starts_word(text, dot - 1); };
  while (at < text.size() && !cut_) {
    // The next "://" and the next "www."; each is searched for only once it was passed.
    if (colon != text.npos && (colon < at || at == 0)) colon = text.find("://", at);
    if (www != text.npos && (www < at + 1 || at == 0)) {
      www = text.find("ww.", at);
      while (www != text.npos && (!is_www(www) || www - 1 < at)) www = text.find("ww.", www + 1);
    }
    std::size_t from, scan;
    if (www != text.npos && (colon == text.npos || www < colon)) {
      from = www - 1;
      scan = www + 3;
    } else if (colon != text.npos) {
      from = colon;
      while (from > at && colon - from < 5 && is_alpha(text[from - 1])) --from;
      scan = colon + 3;
      const auto scheme = lower(text.substr(from, colon - from));
      if (scheme.ends_with("https"))
        from = colon - 5;
      else if (scheme.ends_with("http"))
        from = colon - 4;
      else if (scheme.ends_with("ftp"))
        from = colon - 3;
      else {
        at = scan;
        continue;
      }
    } else {
      return;
    }
    auto end = scan;
    while (end < text.size() && end - from < url_bytes_max && !ends_url(text, end)) ++end;
    const auto url = trim_punctuation(text.substr(from, end - from));
    if (url.size() > scan - from && !host_of_url(url).empty() && host_of_url(url).find_first_of(".:") != std::string::npos)
      add(url, {}, origin);
    at = std::max(end, scan);
  }
}

std::string displayed_domain(std::string_view text) {
  int words = 0;
  for (std::size_t at = 0; at < text.size() && words < words_max;) {
    while (at < text.size() && ends_url(text, at)) ++at;
    const auto from = at;
    while (at < text.size() && !ends_url(text, at)) ++at;
    auto word = text.substr(from, at - from);
    while (!word.empty() && std::string_view("([{'*|").find(word.front()) != std::string_view::npos) word.remove_prefix(1);
    word = trim_punctuation(word);
    ++words;
    if (word.find('.') == word.npos) continue;
    const auto scheme = word.find("://");
    if (scheme == word.npos && word.substr(0, word.find_first_of("/?#")).find('@') != word.npos) continue;  // an address
    const auto host = host_of_url(word);
    if (host.empty() || !(has_known_suffix(host) || (scheme != word.npos && !registrable_domain(host).empty()))) continue;
    if (scheme == word.npos && !starts_ignoring_case(word, "www.") && word.find('/') == word.npos &&
        std::ranges::contains(file_endings, std::string_view(host).substr(host.rfind('.') + 1)))
      continue;
    if (auto domain = registrable_domain(host); !domain.empty()) return domain;
  }
  return {};
}

}  // namespace letterlock::mail
