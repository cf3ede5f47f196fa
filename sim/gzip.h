#pragma once

#include <string>
#include <string_view>

namespace letterlock::sim {

// The bytes as one gzip member (RFC 1952), at zlib's own level. Empty where zlib refuses.
std::string gzip(std::string_view bytes);

}  // namespace letterlock::sim
