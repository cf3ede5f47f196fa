#pragma once

// The functions that a reader's statement may call. Internal to this adapter.

#include <span>
#include <string_view>

namespace letterlock::duckdb_adapter {

// Scalar functions, aggregates, window functions and macros, operators among them, in the order of their bytes.
std::span<const std::string_view> allowed_functions();
// Case does not count.
bool is_allowed_function(std::string_view name);

}  // namespace letterlock::duckdb_adapter
