#pragma once

// How large a reader's statement may be. Planning cannot be interrupted, and for some short texts it would take for ever: so the text
// is looked at before it is parsed, and the tree before it is bound. Internal to this adapter.

#include <cstdint>
#include <string>

#include "base/result.h"

namespace duckdb {
class QueryNode;
}

namespace letterlock::duckdb_adapter {

inline constexpr std::size_t statement_bytes_max = 256 << 10;
inline constexpr int statement_brackets_max = 100;  // open at once
inline constexpr int statement_dots_max = 20;       // names joined by dots
inline constexpr int statement_depth_max = 200;     // nodes from the root to a leaf
inline constexpr int statement_lambdas_max = 5;     // within one another
inline constexpr int statement_selects_max = 1'000;
inline constexpr int statement_windows_max = 200;
inline constexpr int joined_tables_max = 32;  // of one FROM
inline constexpr int grouping_sets_max = 64;  // of one GROUP BY
// Nodes once everything is written out that binding writes out: aliases, *, CTEs that are NOT MATERIALIZED.
inline constexpr std::int64_t statement_nodes_max = 200'000;
// Columns of one SELECT, and the fields that structs within structs come to.
inline constexpr std::int64_t select_columns_max = 10'000;

// invalid, code "too_large", naming the limit.
Result<void> check_text_size(const std::string& sql);
Result<void> check_tree_size(const duckdb::QueryNode& node);

}  // namespace letterlock::duckdb_adapter
