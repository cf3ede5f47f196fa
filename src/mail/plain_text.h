#pragma once

// Text as word lists and scores compare it: lower case, no accents. Pure; any thread.

#include <string>
#include <string_view>

namespace letterlock::mail {

// One code point in lower case without accents and compatibility forms ("É", "ｅ" → "e"); 0: it leaves no trace (accents, zero-width).
char32_t fold_code_point(char32_t c);

// Valid UTF-8 by fold_code_point, with line ends and tabs as blanks. All other signs stay where they are.
std::string plain_text(std::string_view text);

}  // namespace letterlock::mail
