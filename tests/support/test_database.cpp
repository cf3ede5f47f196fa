#include "tests/support/test_database.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "adapters/postgres/databases.h"
#include "adapters/postgres/migrations.h"
#include "base/id.h"

namespace letterlock::testing {

TestDatabase::TestDatabase() {
  const char* given = std::getenv("LETTERLOCK_TEST_DATABASE_URL");
  if (!given || !*given) {
    ADD_FAILURE() << "LETTERLOCK_TEST_DATABASE_URL is not set: run through ./dev test";
    return;
  }
  admin_url_ = given;
  name_ = "letterlock_test_" + new_uuid();
  url_ = postgres::url_of_database(admin_url_, name_);
  if (const auto created = postgres::create_database(admin_url_, name_); !created) {
    ADD_FAILURE() << created.error().message;
    return;
  }
  if (const auto migrated = postgres::migrate(url_, LETTERLOCK_SOURCE_DIR "/migrations/control"); !migrated) {
    ADD_FAILURE() << migrated.error().message;
    return;
  }
  pool_ = std::make_unique<postgres::Pool>(postgres::PoolOptions{.url = url_, .connections_max = 2});
}

TestDatabase::~TestDatabase() {
  pool_.reset();
  if (name_.empty()) return;
  if (const auto dropped = postgres::drop_database(admin_url_, name_); !dropped) ADD_FAILURE() << dropped.error().message;
}

std::vector<TestDatabase::Cells> TestDatabase::sql(const std::string& text) {
  if (!pool_) return {};
  const auto rows = pool_->compute<postgres::Rows>("", [&](postgres::Transaction& transaction) { return transaction.run(text); });
  if (!rows) {
    ADD_FAILURE() << text << ": " << rows.error().message;
    return {};
  }
  std::vector<Cells> cells;
  for (const auto& row : rows->rows) {
    auto& line = cells.emplace_back();
    for (std::size_t column = 0; column < row.size(); ++column)
      line.push_back(row.is_null(column) ? std::nullopt : std::optional(row.text(column)));
  }
  return cells;
}

std::string TestDatabase::cell(const std::string& text) {
  const auto rows = sql(text);
  if (rows.size() != 1 || rows[0].size() != 1) return "(" + std::to_string(rows.size()) + " rows)";
  return rows[0][0].value_or("NULL");
}

}  // namespace letterlock::testing
