#pragma once

// What differs between the countries that people write from: names, forms of dates and amounts, the words around a text
// and around a quotation. Fixed tables; any thread.

#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "sim/random.h"

namespace letterlock::sim {

enum class Language { english, german, french, spanish };
inline constexpr Language languages[] = {Language::english, Language::german, Language::french, Language::spanish};

struct Locale {
  Language language = Language::english;
  const char* country = "GB";  // ISO 3166-1 alpha-2
  const char* currency = "GBP";
  int utc_offset_minutes = 0;  // all year: nobody here looks at summer time
  const char* company_suffix = "Ltd";
  std::span<const char* const> given_names, family_names;
};

inline constexpr std::size_t locale_count = 6;  // GB, US, DE, FR, ES, AT
const Locale& locale(std::size_t index);
const Locale& locale_of(Language language);  // the first with it

std::string day_name(Language language, Random& random);               // Monday to Friday
std::string written_date(const Locale& locale, TimePoint time);        // 26/11/2026, 11/26/2026, 26.11.2026
std::string written_amount(const Locale& locale, std::int64_t cents);  // GBP 1,234.50; 1.234,50 EUR
std::string greeting(Language language, std::string_view given, std::string_view family, Random& random);
std::string sign_off(Language language, Random& random);
// "On Thu, 26 Nov 2026 at 10:12, A B <a@b> wrote:"
std::string attribution(const Locale& locale, std::string_view name, std::string_view address, TimePoint time);
std::string_view reply_prefix(Language language);  // "Re: ", "AW: "

// Lower-case letters and digits of a name, for an address or a domain: "Étienne" is "etienne", "Müller" "mueller".
std::string ascii_name(std::string_view name);

}  // namespace letterlock::sim
