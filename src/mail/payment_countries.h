#pragma once

// What the registries say about countries: IBAN structures (ISO 13616, SWIFT's registry) and codes (ISO 3166-1). Used by payment.cpp.

#include <array>
#include <string_view>

namespace letterlock::mail {

// `structure` is the registry's BBAN without "!": counts and kinds (n digits, a capitals, c both). The bank identifier is
// `bank_length` characters from `bank_at` of the BBAN.
struct IbanCountry {
  std::string_view code;
  std::string_view structure;
  int bank_at = 0;
  int bank_length = 4;
};

inline constexpr std::array iban_countries = std::to_array<IbanCountry>({
    {"AD", "8n12c"},
    {"AE", "19n", 0, 3},
    {"AL", "8n16c", 0, 3},
    {"AT", "16n", 0, 5},
    {"AZ", "4a20c"},
    {"BA", "16n", 0, 3},
    {"BE", "12n", 0, 3},
    {"BG", "4a6n8c"},
    {"BH", "4a14c"},
    {"BI", "23n", 0, 5},
    {"BR", "23n1a1c", 0, 8},
    {"BY", "4c4n16c"},
    {"CH", "5n12c", 0, 5},
    {"CR", "18n"},
    {"CY", "8n16c", 0, 3},
    {"CZ", "20n"},
    {"DE", "18n", 0, 8},
    {"DJ", "23n", 0, 5},
    {"DK", "14n"},
    {"DO", "4c20n"},
    {"EE", "16n", 0, 2},
    {"EG", "25n"},
    {"ES", "20n"},
    {"FI", "14n", 0, 3},
    {"FK", "2a12n", 0, 2},
    {"FO", "14n"},
    {"FR", "10n11c2n", 0, 5},
    {"GB", "4a14n"},
    {"GE", "2a16n", 0, 2},
    {"GI", "4a15c"},
    {"GL", "14n"},
    {"GR", "7n16c", 0, 3},
    {"GT", "24c"},
    {"HR", "17n", 0, 7},
    {"HU", "24n", 0, 3},
    {"IE", "4a14n"},
    {"IL", "19n", 0, 3},
    {"IQ", "4a15n"},
    {"IS", "22n"},
    {"IT", "1a10n12c", 1, 5},
    {"JO", "4a4n18c"},
    {"KW", "4a22c"},
    {"KZ", "3n13c", 0, 3},
    {"LB", "4n20c"},
    {"LC", "4a24c"},
    {"LI", "5n12c", 0, 5},
    {"LT", "16n", 0, 5},
    {"LU", "3n13c", 0, 3},
    {"LV", "4a13c"},
    {"LY", "21n", 0, 3},
    {"MC", "10n11c2n", 0, 5},
    {"MD", "20c", 0, 2},
    {"ME", "18n", 0, 3},
    {"MK", "3n10c2n", 0, 3},
    {"MN", "16n"},
    {"MR", "23n", 0, 5},
    {"MT", "4a5n18c"},
    {"MU", "4a19n3a", 0, 6},
    {"NI", "4a20n"},
    {"NL", "4a10n"},
    {"NO", "11n"},
    {"OM", "3n16c", 0, 3},
    {"PK", "4a16c"},
    {"PL", "24n", 0, 8},
    {"PS", "4a21c"},
    {"PT", "21n"},
    {"QA", "4a21c"},
    {"RO", "4a16c"},
    {"RS", "18n", 0, 3},
    {"RU", "14n15c", 0, 9},
    {"SA", "2n18c", 0, 2},
    {"SC", "4a20n3a", 0, 6},
    {"SD", "14n", 0, 2},
    {"SE", "20n", 0, 3},
    {"SI", "15n", 0, 5},
    {"SK", "20n"},
    {"SM", "1a10n12c", 1, 5},
    {"SO", "19n"},
    {"ST", "21n"},
    {"SV", "4a20n"},
    {"TL", "19n", 0, 3},
    {"TN", "20n", 0, 2},
    {"TR", "6n16c", 0, 5},
    {"UA", "6n19c", 0, 6},
    {"VA", "18n", 0, 3},
    {"VG", "4a16n"},
    {"XK", "16n", 0, 2},
    {"YE", "4a4n18c"},
});

// ISO 3166-1 alpha-2, and XK, which banks use for Kosovo; two letters each.
inline constexpr std::string_view country_codes =
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEH"
    "ERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLS"
    "LTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESG"
    "SHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW";

}  // namespace letterlock::mail
