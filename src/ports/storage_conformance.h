#pragma once

// What every implementation of ports/storage.h must do. An implementation's test file instantiates the suite:
//   INSTANTIATE_TEST_SUITE_P(Name, StorageConformance, testing::Values(StorageFactory{[] { … }}));

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "ports/storage.h"

namespace letterlock {

// An empty storage for one tenant; everything goes with it.
class StorageUnderTest {
 public:
  virtual ~StorageUnderTest() = default;
  virtual Storage& storage() = 0;
  virtual TenantId tenant() const = 0;
};

struct StorageFactory {
  std::function<std::unique_ptr<StorageUnderTest>()> make;
};

class StorageConformance : public testing::TestWithParam<StorageFactory> {
 protected:
  void SetUp() override { under_test_ = GetParam().make(); }
  void TearDown() override { under_test_.reset(); }

  Storage& storage() { return under_test_->storage(); }
  TenantId tenant() const { return under_test_->tenant(); }

  // One cell, as text, of a query that returns one row.
  std::string text(std::string_view sql);
  std::int64_t number(std::string_view sql);
  AppendResult must_append(const Append& append);

 private:
  std::unique_ptr<StorageUnderTest> under_test_;
};

}  // namespace letterlock
