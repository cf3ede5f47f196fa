#include "mail/payment.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "mail/payment_countries.h"
#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr std::size_t text_bytes_max = 1 << 20;

// How far, in bytes, a word may stand from the number that it explains.
constexpr std::size_t context_before = 120, context_after = 40, account_distance_max = 200, account_label_distance_max = 48;

constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_alnum(char c) { return is_digit(c) || is_alpha(c); }
constexpr char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

// Typographic blanks and hyphens as plain ones, invisible characters dropped.
std::string plain(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> replacements{{{"\xC2\xA0", " "},
                                                                                               {"\xE2\x80\x87", " "},
                                                                                               {"\xE2\x80\x89", " "},
                                                                                               {"\xE2\x80\xAF", " "},
                                                                                               {"\xE2\x80\x90", "-"},
                                                                                               {"\xE2\x80\x91", "-"},
                                                                                               {"\xE2\x80\x93", "-"},
                                                                                               {"\xE2\x80\x8B", ""},
                                                                                               {"\xE2\x80\x8C", ""},
                                                                                               {"\xE2\x80\x8D", ""},
                                                                                               {"\xEF\xBB\xBF", ""},
                                                                                               {"\xC2\xAD", ""}}};
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto rest = text.substr(at);
    const auto found = static_cast<unsigned char>(text[at]) < 0x80
                           ? replacements.end()
                           : std::ranges::find_if(replacements, [&](const auto& pair) { return rest.starts_with(pair.first); });
    if (found == replacements.end()) {
      out += text[at++];
    } else {
      out += found->second;
      at += found->first.size();
    }
  }
  return out;
}

const IbanCountry* iban_country(std::string_view code) {
  const auto found = std::ranges::find(iban_countries, code, &IbanCountry::code);
  return found == iban_countries.end() ? nullptr : &*found;
}

struct Field {
  std::size_t count = 0;
  char kind = 0;
};

// Take the next "8n" off the structure.
Field next_field(std::string_view& structure) {
  Field field;
  while (is_digit(structure.front())) {
    field.count = field.count * 10 + static_cast<std::size_t>(structure.front() - '0');
    structure.remove_prefix(1);
  }
  field.kind = structure.front();
  structure.remove_prefix(1);
  return field;
}

std::size_t iban_length(const IbanCountry& country) {
  std::size_t length = 4;
  for (auto structure = country.structure; !structure.empty();) length += next_field(structure).count;
  return length;
}

bool fits(std::string_view bban, std::string_view structure) {
  std::size_t at = 0;
  while (!structure.empty()) {
    const auto field = next_field(structure);
    for (std::size_t i = 0; i < field.count; ++i, ++at) {
      const char c = bban[at];
      if (field.kind == 'n' ? !is_digit(c) : field.kind == 'a' ? !is_upper(c) : !(is_digit(c) || is_upper(c))) return false;
    }
  }
  return at == bban.size();
}

// ISO 7064 mod 97-10 over the BBAN, then the first four characters.
bool check_digits_hold(std::string_view iban) {
  int rest = 0;
  const auto add = [&](std::string_view part) {
    for (const char c : part) rest = is_digit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
  };
  add(iban.substr(4));
  add(iban.substr(0, 4));
  return rest == 1;
}

// A word of `text` at `at`, with a character that is no letter on both sides.
bool is_word(std::string_view text, std::size_t at, std::size_t length) {
  return (at == 0 || !is_alpha(text[at - 1])) && (at + length >= text.size() || !is_alpha(text[at + length]));
}

bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1))
    if (is_word(text, at, word.size())) return true;
  return false;
}

// Digits printed in one piece or in groups.
struct Number {
  std::size_t begin = 0, end = 0;
  std::string digits;
  std::vector<std::size_t> groups;  // their lengths
};

// Looks at one text. Lives for one call of add_text.
class Finder {
 public:
  Finder(std::string_view text, std::string_view origin) : origin_(origin), text_(plain(text)) {}

  std::vector<PaymentInstrument> find() {
    find_ibans();  // first: what they cover is no other number
    lower_ = lower(text_);
    find_runs();
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      find_routing(i);
      find_sort_code(i);
    }
    find_bics();
    std::ranges::stable_sort(found_, {}, &std::pair<std::size_t, PaymentInstrument>::first);
    std::vector<PaymentInstrument> out;
    for (auto& [at, instrument] : found_) {
      instrument.origin = origin_;
      out.push_back(std::move(instrument));
    }
    return out;
  }

 private:
  void find_ibans() {
    for (std::size_t at = 0; at + 15 <= text_.size(); ++at) {
      if (!is_alpha(text_[at]) || (at > 0 && is_alnum(text_[at - 1]))) continue;
      if (!is_alpha(text_[at + 1]) || !is_digit(text_[at + 2]) || !is_digit(text_[at + 3])) continue;
      const std::array<char, 2> code{to_upper(text_[at]), to_upper(text_[at + 1])};
      const auto* country = iban_country({code.data(), code.size()});
      if (!country) continue;
      const auto length = iban_length(*country);
      std::string compact;
      auto end = at;
      for (bool was_gap = false; compact.size() < length && end < text_.size(); ++end) {
        const char c = text_[end];
        if (is_alnum(c)) {
          compact += c;
          was_gap = false;
        } else if ((c == ' ' || c == '-' || c == '.') && !was_gap) {
          was_gap = true;
        } else {
          break;
        }
      }
      if (end < text_.size() && is_alnum(text_[end])) continue;
      auto instrument = read_iban(compact);
      if (!instrument) continue;
      countries_.push_back(instrument->country);
      found_.emplace_back(at, std::move(*instrument));
      std::fill(text_.begin() + static_cast<std::ptrdiff_t>(at), text_.begin() + static_cast<std::ptrdiff_t>(end), '#');
      at = end;
    }
  }

  // Digits in one piece that touch no letter.
  void find_runs() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      if (!is_alnum(text_[at])) continue;
      const auto begin = at;
      bool digits_only = true;
      for (; at < text_.size() && is_alnum(text_[at]); ++at) digits_only = digits_only && is_digit(text_[at]);
      if (digits_only) runs_.push_back({begin, at});
    }
  }

  // The number that begins with run `index`, groups joined by one blank or hyphen while `wants_more` says so.
  template <class WantsMore>
  Number number_from(std::size_t index, WantsMore wants_more) const {
    Number number;
    number.begin = runs_[index].first;
    for (auto i = index; i < runs_.size(); ++i) {
      if (i > index) {
        const char gap = text_[number.end];
        if (runs_[i].first != number.end + 1 || (gap != ' ' && gap != '-') || !wants_more(number)) break;
      }
      number.end = runs_[i].second;
      number.digits.append(text_, runs_[i].first, runs_[i].second - runs_[i].first);
      number.groups.push_back(runs_[i].second - runs_[i].first);
    }
    return number;
  }

  // `digits` digits in one piece, or in groups of one of the given shapes.
  std::optional<Number> shaped(std::size_t index, std::size_t digits, std::initializer_list<std::vector<std::size_t>> shapes) const {
    auto number = number_from(index, [&](const Number& so_far) { return so_far.digits.size() < digits; });
    if (number.digits.size() != digits) return std::nullopt;
    if (number.groups.size() > 1 && std::ranges::find(shapes, number.groups) == shapes.end()) return std::nullopt;
    return number;
  }

  std::string_view around(const Number& number) const {
    const auto from = number.begin - std::min(number.begin, context_before);
    return std::string_view(lower_).substr(from, number.end + context_after - from);
  }

  void find_routing(std::size_t index) {
    const auto number = shaped(index, 9, {{4, 4, 1}, {3, 3, 3}});
    if (!number || !is_us_routing(number->digits)) return;
    const auto context = around(*number);
    if (!context.contains("routing") && !has_word(context, "aba") && !has_word(context, "rtn")) return;
    found_.emplace_back(number->begin, PaymentInstrument{.kind = "us_routing",
                                                         .value = number->digits,
                                                         .account = account_beside(*number, 4, 17),
                                                         .country = "US",
                                                         .bank = number->digits});
  }

  void find_sort_code(std::size_t index) {
    const auto number = shaped(index, 6, {{2, 2, 2}});
    if (!number) return;
    const auto context = around(*number);
    if (!context.contains("sort code") && !context.contains("sortcode") && !context.contains("sort-code")) return;
    auto account = account_beside(*number, 8, 8);
    if (account.empty()) return;
    found_.emplace_back(number->begin, PaymentInstrument{.kind = "sort_code",
                                                         .value = number->digits,
                                                         .account = std::move(account),
                                                         .country = "GB",
                                                         .bank = number->digits.substr(0, 2)});
  }

  // The nearest number that is called an account; where none is, the one that follows at once and is long enough not to be
  // anything else. Empty: none.
  std::string account_beside(const Number& bank, std::size_t digits_min, std::size_t digits_max) const {
    std::string best;
    std::size_t best_distance = account_distance_max + 1;
    const auto from = bank.begin - std::min(bank.begin, account_distance_max);
    auto i = static_cast<std::size_t>(std::ranges::lower_bound(runs_, from, {}, &Run::first) - runs_.begin());
    std::size_t before = i > 0 ? runs_[i - 1].second : 0;  // where the number before this one ends
    while (i < runs_.size() && runs_[i].first < bank.end + account_distance_max) {
      // A run of 6 digits or more is an account by itself; shorter ones are groups of one.
      const auto number =
          number_from(i, [&](const Number& so_far) { return so_far.groups.front() < 6 && so_far.digits.size() < digits_max; });
      i += number.groups.size();
      const bool is_bank = number.begin < bank.end && number.end > bank.begin;
      if (!is_bank && number.digits.size() >= digits_min && number.digits.size() <= digits_max) {
        const auto distance = number.begin >= bank.end ? number.begin - bank.end : bank.begin - std::min(bank.begin, number.end);
        const bool follows = number.begin >= bank.end && distance <= 24 && number.digits.size() >= 6 &&
                             (digits_min == digits_max || names_account(around(bank)));
        if (distance < best_distance && (follows || is_labelled(number, before))) {
          best = number.digits;
          best_distance = distance;
        }
      }
      before = number.end;
    }
    return best;
  }

  bool is_labelled(const Number& number, std::size_t before) const {
    const auto from = std::max(before, number.begin - std::min(number.begin, account_label_distance_max));
    return names_account(std::string_view(lower_).substr(from, number.begin - from));
  }

  static bool names_account(std::string_view text) {
    return text.contains("account") || text.contains("acct") || text.contains("a/c") || has_word(text, "acc");
  }

  void find_bics() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      if (!is_alnum(text_[at])) continue;
      const auto begin = at;
      while (at < text_.size() && is_alnum(text_[at])) ++at;
      const auto token = std::string_view(text_).substr(begin, at - begin);
      if (!is_bic(token) || !is_bic_here(token, begin, at)) continue;
      found_.emplace_back(begin, PaymentInstrument{.kind = "bic",
                                                   .value = std::string(token),
                                                   .country = std::string(token.substr(4, 2)),
                                                   .bank = std::string(token.substr(0, 4))});
    }
  }

  bool is_bic_here(std::string_view token, std::size_t begin, std::size_t end) const {
    // A label right before it, with nothing but the usual words between, or right behind it.
    static constexpr std::array<std::string_view, 9> fillers{"code", "number", "no", "nr", "address", "is", "iban", "bank", "id"};
    auto rest = std::string_view(lower_).substr(0, begin);
    for (int words = 0; words < 4; ++words) {
      while (!rest.empty() && !is_alnum(rest.back())) rest.remove_suffix(1);
      auto length = std::size_t{0};
      while (length < rest.size() && is_alnum(rest[rest.size() - 1 - length])) ++length;
      const auto word = rest.substr(rest.size() - length);
      if (word == "bic" || word == "swift") return true;
      if (std::ranges::find(fillers, word) == fillers.end()) break;
      rest.remove_suffix(length);
    }
    auto next = std::string_view(lower_).substr(end, context_after);
    while (!next.empty() && !is_alnum(next.front()) && next.front() != '\n') next.remove_prefix(1);
    if (next.starts_with("bic") || next.starts_with("swift")) return true;
    // A label in the neighbourhood, and an account in the same country.
    if (std::ranges::find(countries_, token.substr(4, 2)) == countries_.end()) return false;
    const auto from = begin - std::min(begin, context_before);
    const auto context = std::string_view(lower_).substr(from, end + context_after - from);
    return has_word(context, "bic") || has_word(context, "swift");
  }

  using Run = std::pair<std::size_t, std::size_t>;

  const std::string_view origin_;
  std::string text_;
  std::string lower_;
  std::vector<Run> runs_;
  std::vector<std::string> countries_;  // of the IBANs
  std::vector<std::pair<std::size_t, PaymentInstrument>> found_;
};

}  // namespace

std::optional<PaymentInstrument> read_iban(std::string_view compact) {
  std::string iban;
  const bool is_lower = std::ranges::none_of(compact, is_upper);
  for (const char c : compact) {
    if (!is_alnum(c) || (!is_lower && is_alpha(c) && !is_upper(c))) return std::nullopt;
    iban += to_upper(c);
  }
  if (iban.size() < 4 || !is_digit(iban[2]) || !is_digit(iban[3])) return std::nullopt;
  const auto* country = iban_country(std::string_view(iban).substr(0, 2));
  if (!country || iban.size() != iban_length(*country)) return std::nullopt;
  const auto bban = std::string_view(iban).substr(4);
  if (!fits(bban, country->structure) || !check_digits_hold(iban)) return std::nullopt;
  return PaymentInstrument{
      .kind = "iban",
      .value = iban,
      .country = std::string(country->code),
      .bank = std::string(bban.substr(static_cast<std::size_t>(country->bank_at), static_cast<std::size_t>(country->bank_length)))};
}

bool is_us_routing(std::string_view digits) {
  if (digits.size() != 9 || !std::ranges::all_of(digits, is_digit)) return false;
  // Federal Reserve districts, thrift institutions (+20), electronic (+60), traveller's cheques.
  const int prefix = (digits[0] - '0') * 10 + (digits[1] - '0');
  if (!((prefix >= 1 && prefix <= 12) || (prefix >= 21 && prefix <= 32) || (prefix >= 61 && prefix <= 72) || prefix == 80)) return false;
  static constexpr std::array<int, 9> weights{3, 7, 1, 3, 7, 1, 3, 7, 1};
  int sum = 0;
  for (std::size_t i = 0; i < 9; ++i) sum += weights[i] * (digits[i] - '0');
  return sum % 10 == 0;
}

bool is_bic(std::string_view text) {
  if (text.size() != 8 && text.size() != 11) return false;
  if (!std::ranges::all_of(text.substr(0, 6), is_upper)) return false;
  if (!std::ranges::all_of(text.substr(6), [](char c) { return is_digit(c) || is_upper(c); })) return false;
  const auto country = text.substr(4, 2);
  for (std::size_t at = 0; at < country_codes.size(); at += 2)
    if (country_codes.substr(at, 2) == country) return true;
  return false;
}

void PaymentCollector::add_text(std::string_view text, std::string_view origin) {
  const auto has = [&](std::string_view word) { return find_ignoring_case(text, word) != text.npos; };
  if (text.find_first_of("0123456789") == text.npos && !has("bic") && !has("swift")) return;
  for (auto& instrument : Finder(cut_utf8(text, text_bytes_max), origin).find()) add(std::move(instrument));
}

// The same account once per origin; a mention that says the account wins over one that does not.
void PaymentCollector::add(PaymentInstrument instrument) {
  for (auto& known : found_) {
    if (std::tie(known.kind, known.value, known.origin) != std::tie(instrument.kind, instrument.value, instrument.origin)) continue;
    if (known.account.empty()) known.account = instrument.account;
    if (instrument.account.empty() || known.account == instrument.account) return;
  }
  if (found_.size() >= instruments_max_) {
    cut_ = true;
    return;
  }
  found_.push_back(std::move(instrument));
}

}  // namespace letterlock::mail
