#include "adapters/duckdb/instance_memory.h"

#include <atomic>
#include <string>

namespace letterlock::duckdb_adapter {
namespace {

class Account final : public duckdb::PrivateAllocatorData {
 public:
  explicit Account(std::int64_t bytes_max) : bytes_max_(bytes_max) {}

  void take(std::int64_t bytes) {
    if (bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= bytes_max_) return;
    give_back(bytes);
    throw duckdb::OutOfMemoryException("the tenant's statements need more than " + std::to_string(bytes_max_ >> 20) + " MiB");
  }
  void give_back(std::int64_t bytes) { bytes_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  const std::int64_t bytes_max_;
  std::atomic<std::int64_t> bytes_ = 0;
};

Account& account_of(duckdb::PrivateAllocatorData* data) { return static_cast<Account&>(*data); }

duckdb::data_ptr_t allocate(duckdb::PrivateAllocatorData* data, duckdb::idx_t size) {
  account_of(data).take(static_cast<std::int64_t>(size));
  return duckdb::Allocator::DefaultAllocate(nullptr, size);
}

void release(duckdb::PrivateAllocatorData* data, duckdb::data_ptr_t pointer, duckdb::idx_t size) {
  duckdb::Allocator::DefaultFree(nullptr, pointer, size);
  account_of(data).give_back(static_cast<std::int64_t>(size));
}

duckdb::data_ptr_t reallocate(duckdb::PrivateAllocatorData* data, duckdb::data_ptr_t pointer, duckdb::idx_t old_size, duckdb::idx_t size) {
  if (size > old_size)
    account_of(data).take(static_cast<std::int64_t>(size - old_size));
  else
    account_of(data).give_back(static_cast<std::int64_t>(old_size - size));
  return duckdb::Allocator::DefaultReallocate(nullptr, pointer, old_size, size);
}

}  // namespace

duckdb::unique_ptr<duckdb::Allocator> bounded_allocator(std::int64_t bytes_max) {
  return duckdb::make_uniq<duckdb::Allocator>(allocate, release, reallocate, duckdb::make_uniq<Account>(bytes_max));
}

}  // namespace letterlock::duckdb_adapter
