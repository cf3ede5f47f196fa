#include "mail/text_score.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "mail/domain.h"
#include "mail/plain_text.h"
#include "mail/text.h"
#include "mail/text_score_words.h"

namespace letterlock::mail {
namespace {

constexpr std::size_t text_bytes_max = 8 << 10;
constexpr std::size_t stem_bytes_max = 24;
constexpr double strength_max = 3;
constexpr double words_undamped = 250;
constexpr std::size_t reasons_max = 4, phrases_of_reason_max = 3;

using Symbol = std::uint32_t;  // a word, a stem or a token's class, as the phrases name it
using Node = std::uint32_t;    // of the tree of phrases; 0 is the root

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <class Value>
using ByText = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;

struct Concept {
  std::string kind, name;
  double weight = 0;
};

struct Phrase {
  std::size_t concept_index = 0;
  std::string text;
};

std::string fold(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      out += to_lower(text[at++]);
      continue;
    }
    const auto c = next_code_point(text, at);
    if (c == U'ß') {
      out += "ss";
      continue;
    }
    const auto folded = fold_code_point(c);
    if (folded == 0) continue;
    const bool is_currency = u_charType(static_cast<UChar32>(folded)) == U_CURRENCY_SYMBOL;
    if (is_currency || u_isalnum(static_cast<UChar32>(folded)))
      is_currency ? void(out += '$') : append_code_point(out, folded);
    else
      out += ' ';
  }
  return out;
}

constexpr bool is_word(char c) { return static_cast<unsigned char>(c) >= 0x80 || is_alpha(c); }
constexpr bool is_address_byte(char c) { return is_alpha(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%'; }

// Cuts folded text into words, "#", "##", "$", "%", "@free", "@mail", "@phone" and "@url".
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  // The next one, or an empty view at the end.
  std::string_view next() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '$' || c == '%') return text_.substr(at_++, 1);
      if (c == '+' && is_phone()) return "@phone";
      if (is_word(c) || is_digit(c)) {
        if (is_url()) return "@url";
        if (const auto address = address_here(); !address.empty()) return is_freemail(domain_of_address(address)) ? "@free" : "@mail";
        return is_digit(c) ? number() : word();
      }
      ++at_;
    }
    return {};
  }

 private:
  std::string_view word() {
    const auto start = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  // "4.500.000,00" and "10.5": groups after a separator belong to it; one or two digits at the end are a fraction.
  std::string_view number() {
    std::size_t digits = 0, last_group = 0;
    while (at_ < text_.size()) {
      if (is_digit(text_[at_])) {
        ++last_group;
      } else if ((text_[at_] == '.' || text_[at_] == ',') && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])) {
        digits += last_group;
        last_group = 0;
      } else {
        break;
      }
      ++at_;
    }
    if (digits == 0 || last_group > 2) digits += last_group;
    return digits >= 5 ? "##" : "#";
  }

  bool is_phone() {
    std::size_t end = at_ + 1, digits = 0;
    for (; end < text_.size() && (is_digit(text_[end]) || text_[end] == ' ' || text_[end] == '-' || text_[end] == '(' || text_[end] == ')');
         ++end)
      digits += is_digit(text_[end]);
    if (digits < 8) return false;
    at_ = end;
    return true;
  }

  bool is_url() {
    const auto rest = text_.substr(at_, 8);
    if (!rest.starts_with("http://") && !rest.starts_with("https://") && !rest.starts_with("www.")) return false;
    while (at_ < text_.size() && !is_space(text_[at_])) ++at_;
    return true;
  }

  std::string_view address_here() {
    auto end = at_;
    while (end < text_.size() && is_address_byte(text_[end])) ++end;
    if (end == text_.size() || text_[end] != '@') return {};
    ++end;
    while (end < text_.size() && is_address_byte(text_[end])) ++end;
    auto address = text_.substr(at_, end - at_);
    while (address.ends_with('.')) address.remove_suffix(1);
    at_ = end;
    return address;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// The phrases as a tree over symbols. Made once, immutable.
class Model {
 public:
  static const Model& instance() {
    static const Model model;
    return model;
  }

  struct Match {
    std::vector<std::uint32_t> phrases;  // distinct, in order of their number
    std::size_t words = 0;
  };

  Match match(std::string_view text) const {
    const auto folded = fold(cut_utf8(text, text_bytes_max));
    Match out;
    std::vector<Node> open, next;  // nodes reached by phrases that began before this token
    std::vector<Symbol> symbols;
    Tokens tokens(folded);
    for (auto token = tokens.next(); !token.empty(); token = tokens.next()) {
      ++out.words;
      symbols_of(token, symbols);
      next.clear();
      if (!symbols.empty()) {
        open.push_back(0);
        for (const auto node : open) {
          for (const auto symbol : symbols) {
            const auto edge = edges_.find(std::uint64_t{node} << 32 | symbol);
            if (edge == edges_.end()) continue;
            next.push_back(edge->second);
            out.phrases.append_range(ends_[edge->second]);
          }
        }
      }
      open.swap(next);
    }
    std::ranges::sort(out.phrases);
    out.phrases.erase(std::ranges::unique(out.phrases).begin(), out.phrases.end());
    return out;
  }

  // What each concept of the kind adds, in order of concepts_.
  struct Part {
    const Concept* what = nullptr;
    double adds = 0;
    std::vector<std::string_view> phrases;
  };
  std::vector<Part> parts(std::string_view kind, const Match& match) const {
    std::vector<Part> out(concepts_.size());
    for (const auto phrase : match.phrases) {
      auto& part = out[phrases_[phrase].concept_index];
      part.what = &concepts_[phrases_[phrase].concept_index];
      if (part.what->kind == kind) part.phrases.push_back(phrases_[phrase].text);
    }
    std::erase_if(out, [](const Part& part) { return part.phrases.empty(); });
    const auto damp = std::min(1.0, std::sqrt(words_undamped / static_cast<double>(std::max<std::size_t>(match.words, 1))));
    for (auto& part : out)
      part.adds = part.what->weight * std::min(strength_max, std::sqrt(static_cast<double>(part.phrases.size()) * damp));
    return out;
  }

  const double* bias(std::string_view kind) const {
    const auto found = biases_.find(kind);
    return found == biases_.end() ? nullptr : &found->second;
  }

 private:
  Model() : ends_(1) {
    std::string_view rest = text_score_words;
    while (!rest.empty()) {
      const auto line = trim(rest.substr(0, rest.find('\n')));
      rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
      if (!line.empty()) add_line(line);
    }
  }

  void add_line(std::string_view line) {
    const auto bar = line.find('|');
    CHECK(bar != line.npos);
    std::array<std::string_view, 3> head;
    auto left = line.substr(0, bar);
    for (auto& word : head) {
      left = trim(left);
      word = left.substr(0, left.find(' '));
      left.remove_prefix(word.size());
    }
    const auto& [kind, name, weight_text] = head;
    double weight = 0;
    if (weight_text != "=") CHECK(std::from_chars(weight_text.data(), weight_text.data() + weight_text.size(), weight).ec == std::errc{});
    if (name == "bias") {
      biases_[std::string(kind)] = weight;
      return;
    }
    const auto known = std::ranges::find_if(concepts_, [&](const Concept& one) { return one.kind == kind && one.name == name; });
    CHECK((known == concepts_.end()) == (weight_text != "="));
    const auto index = static_cast<std::size_t>(known - concepts_.begin());
    if (known == concepts_.end()) concepts_.push_back({std::string(kind), std::string(name), weight});
    for (auto phrases = line.substr(bar + 1); !phrases.empty();) {
      const auto comma = std::min(phrases.find(','), phrases.size());
      add_phrase(trim(phrases.substr(0, comma)), index);
      phrases.remove_prefix(std::min(comma + 1, phrases.size()));
    }
  }

  void add_phrase(std::string_view text, std::size_t concept_index) {
    CHECK(!text.empty());
    Node node = 0;
    for (auto rest = text; !rest.empty();) {
      const auto word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(word.size() + 1, rest.size()));
      const auto symbol = symbol_for(word);
      const auto [edge, is_new] = edges_.try_emplace(std::uint64_t{node} << 32 | symbol, static_cast<Node>(ends_.size()));
      if (is_new) ends_.emplace_back();
      node = edge->second;
    }
    ends_[node].push_back(static_cast<std::uint32_t>(phrases_.size()));
    phrases_.push_back({concept_index, std::string(text)});
  }

  Symbol symbol_for(std::string_view word) {
    const auto next = static_cast<Symbol>(words_.size() + stems_.size());
    if (!word.ends_with('*')) {
      word_starts_[start_of(word)] |= length_bit(word.size());
      return words_.try_emplace(std::string(word), next).first->second;
    }
    word.remove_suffix(1);
    CHECK(word.size() >= 2 && word.size() <= stem_bytes_max);
    stem_starts_[start_of(word)] |= length_bit(word.size());
    return stems_.try_emplace(std::string(word), next).first->second;
  }

  void symbols_of(std::string_view token, std::vector<Symbol>& out) const {
    out.clear();
    const auto start = start_of(token);
    if (word_starts_[start] & length_bit(token.size()))
      if (const auto found = words_.find(token); found != words_.end()) out.push_back(found->second);
    if (token == "##")
      if (const auto found = words_.find(std::string_view("#")); found != words_.end()) out.push_back(found->second);
    auto lengths = stem_starts_[start] & (length_bit(token.size() + 1) - 1);  // of stems that are no longer than the token
    for (; lengths != 0; lengths &= lengths - 1)
      if (const auto found = stems_.find(token.substr(0, static_cast<std::size_t>(std::countr_zero(lengths)))); found != stems_.end())
        out.push_back(found->second);
  }

  // Most tokens are no word of any phrase: which lengths of words begin like a token is asked before it is looked up.
  static std::size_t start_of(std::string_view token) {
    const auto byte = [&](std::size_t at) { return at < token.size() ? static_cast<unsigned char>(token[at]) : 0u; };
    return byte(0) << 8 | byte(1);
  }
  static std::uint64_t length_bit(std::size_t length) { return std::uint64_t{1} << std::min<std::size_t>(length, 63); }

  std::vector<Concept> concepts_;
  std::vector<Phrase> phrases_;
  ByText<double> biases_;
  ByText<Symbol> words_, stems_;
  std::vector<std::uint64_t> word_starts_ = std::vector<std::uint64_t>(1 << 16), stem_starts_ = word_starts_;  // by start_of: length_bits
  std::unordered_map<std::uint64_t, Node> edges_;
  std::vector<std::vector<std::uint32_t>> ends_;  // by node: the phrases that end there
};

}  // namespace

double text_score(std::string_view kind, std::string_view text) {
  const auto& model = Model::instance();
  const auto* bias = model.bias(kind);
  if (!bias) return 0;
  double sum = *bias;
  for (const auto& part : model.parts(kind, model.match(text))) sum += part.adds;
  return 1 / (1 + std::exp(-sum));
}

double log_odds(double probability, double least, double most) {
  const auto p = std::max(least, std::min(probability, most));
  return std::log(p / (1 - p));
}

std::string text_reasons(std::string_view kind, std::string_view text) {
  const auto& model = Model::instance();
  const auto match = model.match(text);
  auto parts = model.parts(kind, match);
  std::erase_if(parts, [](const auto& part) { return part.adds <= 0; });
  std::ranges::stable_sort(parts, std::greater{}, &Model::Part::adds);
  std::string out;
  for (std::size_t i = 0; i < std::min(parts.size(), reasons_max); ++i) {
    out += (out.empty() ? "" : "; ") + parts[i].what->name + " (";
    for (std::size_t k = 0; k < std::min(parts[i].phrases.size(), phrases_of_reason_max); ++k)
      out += (k == 0 ? "" : ", ") + std::string(parts[i].phrases[k]);
    out += ")";
  }
  return out;
}

}  // namespace letterlock::mail
