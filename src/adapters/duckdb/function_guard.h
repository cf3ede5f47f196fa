#pragma once

// Bounds what one call of a scalar function may take in and make, since no call can be interrupted. Internal to this adapter.

#include <cstdint>

namespace duckdb {
class DatabaseInstance;
}

namespace letterlock::duckdb_adapter {

// Of one row's arguments together, and of the answer that they can lead to; a list counts 16 bytes an element besides its texts.
inline constexpr std::int64_t value_bytes_max = 16 << 20;
// The product of both lengths of an edit distance (levenshtein and its kin), which takes a step for each pair of characters.
inline constexpr std::int64_t edit_distance_steps_max = 1 << 20;
// Bytes of the text times steps of the pattern (its length, repetitions written out). Where all matches are looked for, each may
// look at all that follows: the text's bytes squared, unless the pattern is one character or class, such as [^a-z]+.
// Of LIKE, ILIKE and GLOB with a wildcard before the pattern's end, the product of both lengths, unless LIKE prepared its pattern: a
// constant without "_" and ESCAPE. Of json_contains, the product of both lengths and of the levels of what is looked for.
inline constexpr std::int64_t pattern_steps_max = 1 << 28;
// Levels of either JSON of json_contains, which takes some of the thread's stack for each.
inline constexpr std::int64_t json_depth_max = 1'000;

// Put the bounds around every scalar function that takes or gives texts, lists or structs. A call over its bound throws an
// OutOfMemoryException whose message begins with guard_mark: the one kind of error that DuckDB takes from any function.
// A call with much to do is cut into parts of some rows, and the interrupt looked at before each.
void guard_functions(duckdb::DatabaseInstance& database);
inline constexpr const char* guard_mark = "too much for one call: ";

}  // namespace letterlock::duckdb_adapter
