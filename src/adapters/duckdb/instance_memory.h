#pragma once

// The memory of one DuckDB instance, all of it. Internal to this adapter.

#include <duckdb.hpp>

#include <cstdint>

namespace letterlock::duckdb_adapter {

// An allocator that refuses what would make more than bytes_max in all: DuckDB's own limit (memory_limit) counts blocks and the
// states of operators alone, not the texts and lists that functions make. Refused is OutOfMemoryException, as of memory_limit. Any thread.
duckdb::unique_ptr<duckdb::Allocator> bounded_allocator(std::int64_t bytes_max);

}  // namespace letterlock::duckdb_adapter
