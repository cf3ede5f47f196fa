#pragma once

// An empty, migrated control database of a test's own, in the cluster that LETTERLOCK_TEST_DATABASE_URL names; dropped with
// the object. Where it cannot be made, the test fails and says why. Owned by the test; any thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/pool.h"

namespace letterlock::testing {

class TestDatabase {
 public:
  using Cells = std::vector<std::optional<std::string>>;

  TestDatabase();
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  bool ok() const { return pool_ != nullptr; }  // false: the test has failed already
  const std::string& url() const { return url_; }

  // As superuser, past row-level security: every row's cells as text. An error fails the test.
  std::vector<Cells> sql(const std::string& text);
  // The only cell of the only row; "(N rows)" where it is not one.
  std::string cell(const std::string& text);

 private:
  std::string admin_url_, name_, url_;
  std::unique_ptr<postgres::Pool> pool_;
};

}  // namespace letterlock::testing
