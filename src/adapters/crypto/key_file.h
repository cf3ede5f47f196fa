#pragma once

// Private to this folder: keys in files, as hex digits and a newline.

#include <string>
#include <string_view>

#include "base/result.h"

namespace letterlock::crypto {

// Read a file of exactly bytes * 2 hex digits (white space at the end is allowed). Errors name the file, never its content.
Result<std::string> read_key_file(const std::string& file, std::size_t bytes);
// Create the file with this mode; conflict if it exists.
Result<void> create_key_file(const std::string& file, std::string_view key, int mode);

}  // namespace letterlock::crypto
