#pragma once

#include <string>

namespace letterlock::sim {

// Write a file for its owner alone, beside it and then renamed, so that a reader never sees half of it.
bool write_private_file(const std::string& file, const std::string& text);

}  // namespace letterlock::sim
