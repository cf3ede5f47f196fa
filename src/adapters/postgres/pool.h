#pragma once

// PostgreSQL through a bounded pool of connections. No exception and no libpqxx type leaves this folder: parameters and
// cells are text in PostgreSQL's own notation (cast in the SQL: $1::uuid). Any thread; one transaction per thread and call.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"

namespace letterlock::postgres {

// One parameter: text, or SQL NULL.
class Param {
 public:
  Param(std::nullopt_t) {}
  Param(std::string value) : value_(std::move(value)) {}
  Param(std::string_view value) : value_(std::string(value)) {}
  Param(const char* value) : value_(value) {}
  Param(std::optional<std::string> value) : value_(std::move(value)) {}
  Param(bool value) : value_(value ? "t" : "f") {}
  Param(int value) : value_(std::to_string(value)) {}
  Param(std::int64_t value) : value_(std::to_string(value)) {}
  Param(double value);
  Param(TimePoint value) : value_(to_rfc3339(value)) {}
  Param(std::optional<TimePoint> value) {
    if (value) value_ = to_rfc3339(*value);
  }
  template <class Tag>
  Param(const Id<Tag>& id) : value_(id.str()) {}
  const std::optional<std::string>& value() const { return value_; }

 private:
  std::optional<std::string> value_;
};

std::string to_bytea(std::string_view bytes);  // "\x…"
std::string from_bytea(std::string_view text);
std::string to_text_array(const std::vector<std::string>& values);  // for $1::text[]

// One row of a result; columns by position. A NULL read as anything but optional is the type's empty value.
class Row {
 public:
  explicit Row(std::vector<std::optional<std::string>> cells) : cells_(std::move(cells)) {}
  std::size_t size() const { return cells_.size(); }
  bool is_null(std::size_t column) const { return !cells_.at(column).has_value(); }
  std::string text(std::size_t column) const { return cells_.at(column).value_or(std::string()); }
  std::int64_t integer(std::size_t column) const;
  double number(std::size_t column) const;
  bool boolean(std::size_t column) const { return text(column) == "t"; }
  std::optional<TimePoint> time(std::size_t column) const;  // of a timestamptz
  std::string bytes(std::size_t column) const { return from_bytea(text(column)); }

 private:
  std::vector<std::optional<std::string>> cells_;
};

struct Rows {
  std::vector<Row> rows;
  std::int64_t affected = 0;
  bool empty() const { return rows.empty(); }
  const Row& front() const { return rows.front(); }
};

// Owned by Pool::transact for the time of one call.
class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual Result<Rows> run(std::string_view sql, const std::vector<Param>& params = {}) = 0;
  // Several statements without parameters, as a migration file holds them.
  virtual Result<void> run_script(std::string_view sql) = 0;
};

struct PoolOptions {
  std::string url;
  std::string role;  // SET ROLE on every connection; empty: none
  std::size_t connections_max = 8;
  std::chrono::milliseconds wait_max{5'000};        // for a free connection; longer: unavailable
  std::chrono::milliseconds statement_max{30'000};  // 0: no limit
  int tries_max = 4;                                // of a transaction that met a serialization failure or a deadlock
};

class Pool {
 public:
  explicit Pool(PoolOptions options);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Run the body in one transaction that sees this tenant's rows (empty: no tenant's). An error of the body rolls back.
  // The body can run several times (serialization failure, deadlock): it must not keep what an earlier run left.
  Result<void> transact(std::string_view tenant, const std::function<Result<void>(Transaction&)>& body);
  // Likewise, with a value.
  template <class T>
  Result<T> compute(std::string_view tenant, const std::function<Result<T>(Transaction&)>& body) {
    std::optional<T> value;
    TRY(transact(tenant, [&](Transaction& transaction) -> Result<void> {
      value = TRY(body(transaction));
      return {};
    }));
    return *std::move(value);
  }
  // One statement by itself, which sees no tenant's rows: one round trip. It can run twice, as a connection may die with its answer.
  Result<Rows> ask(std::string_view sql, const std::vector<Param>& params = {});
  Result<void> check();  // SELECT 1

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace letterlock::postgres
