#include "mail/plain_text.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include <array>

#include "base/result.h"
#include "mail/text.h"

namespace letterlock::mail {
namespace {

char32_t fold_by_icu(char32_t c) {
  static const UNormalizer2* const nfkd = [] {
    UErrorCode status = U_ZERO_ERROR;
    const auto* found = unorm2_getNFKDInstance(&status);
    CHECK(U_SUCCESS(status));
    return found;
  }();
  const auto point = static_cast<UChar32>(c);
  const auto category = u_charType(point);
  if (category == U_NON_SPACING_MARK || category == U_FORMAT_CHAR) return 0;
  std::array<UChar, 32> decomposed{};
  UErrorCode status = U_ZERO_ERROR;
  const auto length = unorm2_getDecomposition(nfkd, point, decomposed.data(), static_cast<int>(decomposed.size()), &status);
  UChar32 base = point;
  if (U_SUCCESS(status) && length > 0) U16_GET(decomposed.data(), 0, 0, length, base);
  return static_cast<char32_t>(u_tolower(base));
}

}  // namespace

char32_t fold_code_point(char32_t c) {
  static const auto latin = [] {
    std::array<char32_t, 0x250> table{};
    for (char32_t point = 0; point < table.size(); ++point) table[point] = fold_by_icu(point);
    return table;
  }();
  return c < latin.size() ? latin[c] : fold_by_icu(c);
}

std::string plain_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c == '\n' || c == '\r' || c == '\t' ? ' ' : to_lower(c);
      ++at;
    } else if (const auto folded = fold_code_point(next_code_point(text, at)); folded != 0) {
      append_code_point(out, folded);
    }
  }
  return out;
}

}  // namespace letterlock::mail
