// Look-alikes: skeletons, folded names, edit distance and the reasons why one domain imitates another.

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <array>
#include <vector>

#include "mail/domain.h"
#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr std::size_t label_length_min = 4;  // shorter labels are one edit from too many honest ones
constexpr int edit_distance_max = 64;        // work is length times this

// Words that fraud puts beside a company's name without a hyphen ("acmepayments.com").
constexpr std::array<std::string_view, 84> added_words = {
    "account", "accounting", "accounts", "admin",    "alert",  "alerts",   "app",           "auth",    "bank",
    "billing", "board",      "business", "care",     "center", "client",   "cloud",         "co",      "com",
    "company", "contact",    "corp",     "customer", "de",     "delivery", "desk",          "direct",  "docs",
    "email",   "eu",         "finance",  "fr",       "global", "gmbh",     "group",         "help",    "helpdesk",
    "hq",      "hr",         "inc",      "info",     "int",    "intl",     "international", "invoice", "invoices",
    "it",      "legal",      "limited",  "live",     "llc",    "login",    "ltd",           "mail",    "my",
    "net",     "notice",     "office",   "online",   "order",  "orders",   "org",           "pay",     "payable",
    "payment", "payments",   "payroll",  "plc",      "portal", "pro",      "sales",         "secure",  "security",
    "service", "services",   "shop",     "sign",     "site",   "store",    "support",       "team",    "the",
    "uk",      "us",         "verify"};

// Words beside a person's name.
constexpr std::array<std::string_view, 37> titles = {
    "mr",   "mrs",      "ms",     "miss", "dr",  "prof", "professor", "sir", "dame", "madam", "herr", "frau", "mme",
    "mlle", "monsieur", "madame", "sr",   "sra", "srta", "dott",      "ing", "dipl", "mag",   "jr",   "phd",  "md",
    "mba",  "cpa",      "esq",    "ceo",  "cfo", "coo",  "cto",       "hon", "rev",  "mx",    "mgr"};

icu::UnicodeString nfkc_casefold(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* fold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  const auto source = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  if (U_FAILURE(status)) return source;
  auto out = fold->normalize(source, status);
  return U_FAILURE(status) ? source : out;
}

const USpoofChecker* spoof_checker() {
  static const USpoofChecker* const checker = [] {
    UErrorCode status = U_ZERO_ERROR;
    return uspoof_open(&status);
  }();
  return checker;
}

std::string slow_skeleton(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto folded = nfkc_casefold(text);
  icu::UnicodeString mapped;
  uspoof_getSkeletonUnicodeString(spoof_checker(), 0, folded, mapped, &status);
  if (U_FAILURE(status)) mapped = folded, status = U_ZERO_ERROR;
  mapped.foldCase();  // the skeleton of '0' is 'O'
  const auto* nfd = icu::Normalizer2::getNFDInstance(status);
  if (U_SUCCESS(status)) mapped = nfd->normalize(mapped, status);
  icu::UnicodeString bare;
  for (int32_t i = 0; i < mapped.length(); i = mapped.moveIndex32(i, 1)) {
    const auto c = mapped.char32At(i);
    if (u_charType(c) != U_NON_SPACING_MARK && u_charType(c) != U_ENCLOSING_MARK) bare.append(c);
  }
  std::string out;
  bare.toUTF8String(out);
  return out;
}

// The skeletons of the ASCII characters, which most names consist of.
const std::array<std::string, 128>& ascii_skeletons() {
  static const auto table = [] {
    std::array<std::string, 128> out;
    for (int c = 1; c < 128; ++c) out[static_cast<std::size_t>(c)] = slow_skeleton(std::string(1, static_cast<char>(c)));
    return out;
  }();
  return table;
}

std::vector<std::string> words_of(std::string_view text) {
  const auto folded = nfkc_casefold(text);
  std::vector<std::string> words;
  icu::UnicodeString word;
  const auto finish = [&] {
    if (word.isEmpty()) return;
    words.emplace_back();
    word.toUTF8String(words.back());
    word.remove();
  };
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const auto c = folded.char32At(i);
    if (u_isalnum(c) || u_charType(c) == U_NON_SPACING_MARK || u_charType(c) == U_COMBINING_SPACING_MARK)
      word.append(c);
    else if (c != '\'' && c != 0x2019 && c != '`')
      finish();
  }
  finish();
  return words;
}

bool only_titles(std::string_view text) {
  return std::ranges::all_of(words_of(text), [](const auto& word) {
    return std::ranges::contains(titles, word) || word == "inc" || word == "llc" || word == "ltd" || word == "gmbh" || word == "ii" ||
           word == "iii";
  });
}

// Text in brackets behind or within a name says who somebody is, not what they are called.
std::string without_brackets(std::string_view name) {
  std::string out;
  int depth = 0;
  for (const char c : name) {
    if (c == '(' || c == '[' || c == '<')
      ++depth;
    else if ((c == ')' || c == ']' || c == '>') && depth > 0)
      --depth, out += ' ';
    else if (depth == 0)
      out += c;
  }
  return trim(out).empty() ? std::string(name) : out;
}

std::u32string code_points(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) out += next_code_point(text, at);
  return out;
}

std::string without_hyphens(std::string_view text) {
  std::string out(text);
  std::erase(out, '-');
  return out;
}

}  // namespace

std::string skeleton(std::string_view text) {
  std::string out;
  if (is_ascii(text)) {
    const auto& table = ascii_skeletons();
    for (const char c : text) out += table[static_cast<std::size_t>(c)];
  } else {
    out = slow_skeleton(is_clean_utf8(text) ? std::string(text) : mend_utf8(text));
  }
  for (std::size_t at = 0; (at = out.find("vv", at)) != out.npos; ++at) out.replace(at, 2, "w");  // not in Unicode's table
  return out;
}

std::string fold_name(std::string_view text) {
  std::string name = without_brackets(is_clean_utf8(text) ? std::string(text) : mend_utf8(text));
  if (const auto comma = name.find(','); comma != name.npos && name.find(',', comma + 1) == name.npos) {
    const auto family = trim(std::string_view(name).substr(0, comma)), given = trim(std::string_view(name).substr(comma + 1));
    if (!family.empty() && !given.empty() && !only_titles(given)) name = std::string(given) + ' ' + std::string(family);
  }
  const auto words = words_of(name);
  std::string out;
  for (const auto& word : words) {
    if (std::ranges::contains(titles, word)) continue;
    if (!out.empty()) out += ' ';
    out += word;
  }
  if (out.empty())
    for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return skeleton(out);
}

int edit_distance(std::string_view a_text, std::string_view b_text, int max) {
  max = std::clamp(max, 0, edit_distance_max);
  if (a_text == b_text) return 0;
  const auto bytes = static_cast<long>(a_text.size()) - static_cast<long>(b_text.size());
  if (is_ascii(a_text) && is_ascii(b_text) && std::abs(bytes) > max) return max + 1;
  const auto a = code_points(a_text), b = code_points(b_text);
  const int rows = static_cast<int>(a.size()), columns = static_cast<int>(b.size());
  if (std::abs(rows - columns) > max) return max + 1;
  // Three rows of the table, of which only the band |row - column| <= max is looked at.
  const auto width = static_cast<std::size_t>(columns) + 1;
  std::vector<int> two_up(width, max + 1), up(width, max + 1), now(width, max + 1);
  for (int j = 0; j <= std::min(columns, max); ++j) up[static_cast<std::size_t>(j)] = j;
  for (int i = 1; i <= rows; ++i) {
    const int from = std::max(0, i - max), to = std::min(columns, i + max);
    if (from > 0) now[static_cast<std::size_t>(from - 1)] = max + 1;
    int best = max + 1;
    for (int j = from; j <= to; ++j) {
      const auto at = static_cast<std::size_t>(j);
      int cost;
      if (j == 0) {
        cost = i;
      } else {
        const bool same = a[static_cast<std::size_t>(i - 1)] == b[at - 1];
        cost = std::min({up[at] + 1, now[at - 1] + 1, up[at - 1] + (same ? 0 : 1)});
        if (i > 1 && j > 1 && a[static_cast<std::size_t>(i - 1)] == b[at - 2] && a[static_cast<std::size_t>(i - 2)] == b[at - 1])
          cost = std::min(cost, two_up[at - 2] + 1);
      }
      now[at] = std::min(cost, max + 1);
      best = std::min(best, now[at]);
    }
    if (to < columns) now[static_cast<std::size_t>(to) + 1] = max + 1;
    if (best > max) return max + 1;
    std::swap(two_up, up);
    std::swap(up, now);
  }
  return std::min(up[static_cast<std::size_t>(columns)], max + 1);
}

std::optional<std::string> lookalike_reason(std::string_view domain_text, std::string_view genuine_text) {
  const auto domain = registrable_domain(domain_text), genuine = registrable_domain(genuine_text);
  if (domain.empty() || genuine.empty() || domain == genuine) return std::nullopt;
  const auto dot = domain.find('.'), genuine_dot = genuine.find('.');
  if (dot == domain.npos || genuine_dot == genuine.npos || domain.find(':') != domain.npos || genuine.find(':') != genuine.npos)
    return std::nullopt;
  const auto label = domain.substr(0, dot), suffix = domain.substr(dot + 1);
  const auto genuine_label = genuine.substr(0, genuine_dot), genuine_suffix = genuine.substr(genuine_dot + 1);
  if (is_digit(suffix.back()) || is_digit(genuine_suffix.back())) return std::nullopt;  // IP addresses

  const std::string tld_note = suffix == genuine_suffix ? "" : ", top-level domain ." + suffix + " instead of ." + genuine_suffix;
  if (label == genuine_label) return "top-level domain ." + suffix + " instead of ." + genuine_suffix;
  // Shapes are compared; a word in a reason is the label's own where the label is plain.
  const auto shape = skeleton(label), genuine_shape = skeleton(genuine_label);
  if (shape == genuine_shape) return "characters that look the same" + tld_note;
  if (without_hyphens(shape) == without_hyphens(genuine_shape)) return "hyphen added or left out" + tld_note;

  const auto length = code_points(label).size(), genuine_length = code_points(genuine_label).size();
  if (length >= label_length_min && genuine_length >= label_length_min && suffix == genuine_suffix &&
      edit_distance(label, genuine_label, 1) == 1)
    return "one character changed";

  if (genuine_length + 1 < length && genuine_length >= 3) {
    if (shape.starts_with(genuine_shape + '-')) return "word \"" + shape.substr(genuine_shape.size() + 1) + "\" added behind" + tld_note;
    if (shape.ends_with('-' + genuine_shape))
      return "word \"" + shape.substr(0, shape.size() - genuine_shape.size() - 1) + "\" added before" + tld_note;
    if (genuine_length >= label_length_min) {
      if (label.starts_with(genuine_label) && std::ranges::contains(added_words, std::string_view(label).substr(genuine_label.size())))
        return "word \"" + label.substr(genuine_label.size()) + "\" added behind" + tld_note;
      if (label.ends_with(genuine_label) &&
          std::ranges::contains(added_words, std::string_view(label).substr(0, label.size() - genuine_label.size())))
        return "word \"" + label.substr(0, label.size() - genuine_label.size()) + "\" added before" + tld_note;
    }
  }
  return std::nullopt;
}

}  // namespace letterlock::mail
