#pragma once

// What a file is by its first bytes. Pure; any thread.

#include <string_view>

namespace letterlock::mail {

constexpr std::size_t sniff_bytes_max = 4096;

// A media type for the first bytes of a file (at most sniff_bytes_max are looked at), or empty.
std::string_view sniff_type(std::string_view head);

}  // namespace letterlock::mail
