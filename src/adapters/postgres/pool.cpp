#include "adapters/postgres/pool.h"

#include <charconv>
#include <condition_variable>
#include <format>
#include <mutex>
#include <pqxx/pqxx>
#include <unordered_map>

#include "adapters/postgres/error_map.h"
#include "base/encoding.h"

namespace letterlock::postgres {

Param::Param(double value) : value_(std::format("{}", value)) {}

std::string to_bytea(std::string_view bytes) { return "\\x" + to_hex(bytes); }

std::string from_bytea(std::string_view text) {
  if (!text.starts_with("\\x")) return {};
  return from_hex(text.substr(2)).value_or(std::string());
}

std::string to_text_array(const std::vector<std::string>& values) {
  std::string text = "{";
  for (const auto& value : values) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

std::int64_t Row::integer(std::size_t column) const {
  const auto cell = text(column);
  std::int64_t value = 0;
  std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return value;
}

double Row::number(std::size_t column) const {
  const auto cell = text(column);
  double value = 0;
  std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return value;
}

// Connections speak ISO in UTC: "2026-11-23 21:11:20.5+00".
std::optional<TimePoint> Row::time(std::size_t column) const {
  auto cell = text(column);
  if (cell.size() < 19) return std::nullopt;
  cell[10] = 'T';
  if (cell.ends_with("+00")) cell += ":00";
  return from_rfc3339(cell);
}

namespace {

constexpr std::size_t statements_max = 256;  // prepared on one connection; beyond, any one makes room

// A connection with its prepared statements: each is understood once, and planned once where PostgreSQL finds that one plan serves all
// parameters as well. One thread at a time.
class Connection {
 public:
  explicit Connection(const std::string& url) : link(url) {}

  // The name that a statement is prepared under.
  const std::string& prepared(const std::string& sql) {
    if (const auto known = names_.find(sql); known != names_.end()) return known->second;
    if (names_.size() >= statements_max) {
      link.unprepare(names_.begin()->second);
      names_.erase(names_.begin());
    }
    auto name = std::format("s{}", ++last_);
    link.prepare(name, sql);
    return names_.emplace(sql, std::move(name)).first->second;
  }

  pqxx::connection link;

 private:
  std::unordered_map<std::string, std::string> names_;  // by text
  std::uint64_t last_ = 0;
};

class PqxxTransaction final : public Transaction {
 public:
  PqxxTransaction(Connection& connection, pqxx::nontransaction& work) : connection_(connection), work_(work) {}

  // In one round trip, which pqxx::work takes two for.
  void begin(std::string_view tenant) {
    work_.exec("BEGIN; SELECT set_config('app.tenant_id', " + connection_.link.quote(tenant) + ", true)");
  }
  void commit() { work_.exec("COMMIT"); }
  void roll_back() { work_.exec("ROLLBACK"); }

  Result<Rows> run(std::string_view sql, const std::vector<Param>& params) override {
    try {
      pqxx::params bound;
      for (const auto& param : params) bound.append(param.value());
      const auto result = work_.exec(pqxx::prepped{connection_.prepared(std::string(sql))}, bound);
      Rows rows;
      rows.affected = static_cast<std::int64_t>(result.affected_rows());
      for (int r = 0; r < static_cast<int>(result.size()); ++r) {
        std::vector<std::optional<std::string>> cells;
        for (int c = 0; c < static_cast<int>(result.columns()); ++c) {
          const auto field = result[r][c];
          cells.push_back(field.is_null() ? std::nullopt : std::optional<std::string>(field.view()));
        }
        rows.rows.emplace_back(std::move(cells));
      }
      return rows;
    } catch (...) {
      return std::unexpected(error_of_current_exception());
    }
  }

  Result<void> run_script(std::string_view sql) override {
    try {
      work_.exec(std::string(sql));
      return {};
    } catch (...) {
      return std::unexpected(error_of_current_exception());
    }
  }

 private:
  Connection& connection_;
  pqxx::nontransaction& work_;
};

}  // namespace

struct Pool::Impl {
  explicit Impl(PoolOptions given) : options(std::move(given)) {}

  // Waits for a free place; nullopt when none came in time. The connection inside can be null: it is made by the caller.
  std::optional<std::unique_ptr<Connection>> take() {
    std::unique_lock lock(mutex);
    if (!changed.wait_for(lock, options.wait_max, [&] { return !idle.empty() || out < options.connections_max; })) return std::nullopt;
    ++out;
    std::unique_ptr<Connection> connection;
    if (!idle.empty()) {
      connection = std::move(idle.back());
      idle.pop_back();
    }
    return connection;
  }

  void give(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex);
    --out;
    if (connection) idle.push_back(std::move(connection));
    changed.notify_one();
  }

  std::unique_ptr<Connection> connect() const {
    auto connection = std::make_unique<Connection>(options.url);
    pqxx::nontransaction setup(connection->link);
    setup.exec(std::format("SET TIME ZONE 'UTC'; SET DateStyle TO ISO; SET statement_timeout TO {}", options.statement_max.count()));
    if (!options.role.empty()) setup.exec("SET ROLE " + setup.quote_name(options.role));
    return connection;
  }

  // Work on a free connection; `began` is set once it may not run again on another one.
  Result<void> run(const std::function<Result<void>(PqxxTransaction&, bool& began)>& work);

  const PoolOptions options;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::unique_ptr<Connection>> idle;
  std::size_t out = 0;
};

Pool::Pool(PoolOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Pool::~Pool() = default;

Result<void> Pool::Impl::run(const std::function<Result<void>(PqxxTransaction&, bool& began)>& work) {
  auto place = take();
  if (!place) return fail(ErrorKind::unavailable, "PostgreSQL: no free connection in the pool in time");
  auto connection = *std::move(place);
  Result<void> result;
  bool reconnected = false;
  for (int tries = 1;; ++tries) {
    bool began = false;
    const bool reused = connection != nullptr;
    result = {};
    try {
      if (!connection) connection = connect();
      pqxx::nontransaction statements(connection->link);
      PqxxTransaction transaction(*connection, statements);
      result = work(transaction, began);
      if (!result && began) transaction.roll_back();
    } catch (...) {
      // What failed here is a begin, a commit or a roll-back: whether a transaction is open is not known.
      if (result) result = std::unexpected(error_of_current_exception());
      connection.reset();
    }
    if (connection && !connection->link.is_open()) connection.reset();
    if (result) break;
    // A connection that died while idle is replaced once: nothing of the body has run on it.
    if (!began && reused && !connection && !reconnected) {
      reconnected = true;
      continue;
    }
    const bool stale = result.error().code == "stale_statement";
    if (stale) connection.reset();
    const bool again = stale || result.error().code == "serialization";
    if (!again || tries >= options.tries_max) break;
  }
  give(std::move(connection));
  return result;
}

Result<void> Pool::transact(std::string_view tenant, const std::function<Result<void>(Transaction&)>& body) {
  return impl_->run([&](PqxxTransaction& transaction, bool& began) -> Result<void> {
    transaction.begin(tenant);
    began = true;
    TRY(body(transaction));
    transaction.commit();
    return {};
  });
}

Result<Rows> Pool::ask(std::string_view sql, const std::vector<Param>& params) {
  Rows rows;
  TRY(impl_->run([&](PqxxTransaction& transaction, bool&) -> Result<void> {
    rows = TRY(transaction.run(sql, params));
    return {};
  }));
  return rows;
}

Result<void> Pool::check() {
  TRY(ask("SELECT 1"));
  return {};
}

}  // namespace letterlock::postgres
