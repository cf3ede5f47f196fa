#pragma once

// A part's bytes to clean UTF-8. Pure; any thread.

#include <string>
#include <string_view>

namespace letterlock::mail {

// Convert from the declared charset. Without one (or with one that is unknown: `unknown` is set) bytes that are valid UTF-8
// stay, others are read as windows-1252. Never fails; what cannot be read becomes U+FFFD.
std::string to_utf8(std::string_view bytes, std::string_view charset, bool* unknown = nullptr);

}  // namespace letterlock::mail
