#pragma once

// Private to this folder: every entry point that uses libsodium calls this first; it is cheap and thread-safe.

#include <sodium.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace letterlock::crypto {

inline void sodium_ready() {
  static const int state = sodium_init();
  CHECK(state >= 0);
}

inline const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
inline unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace letterlock::crypto
