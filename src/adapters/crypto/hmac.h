#pragma once

#include <string>
#include <string_view>

namespace letterlock::crypto {

// HMAC-SHA256 (RFC 2104) as 64 lower-case hex digits.
std::string hmac_sha256_hex(std::string_view key, std::string_view text);

}  // namespace letterlock::crypto
