#include <zstd.h>

#include "adapters/duckdb/running_query.h"
#include "adapters/duckdb/statement_size.h"
#include "base/encoding.h"
#include "duckdb/common/arrow/arrow_converter.hpp"
#include "duckdb/common/arrow/arrow_format.hpp"
#include "duckdb/main/query_result_stream.hpp"

namespace letterlock::duckdb_adapter {
namespace {

constexpr duckdb::idx_t arrow_batch_rows = 16'384;

Error timed_out(std::chrono::milliseconds timeout) {
  return {.kind = ErrorKind::unavailable, .message = "query: not done after " + std::to_string(timeout.count()) + " ms", .code = "timeout"};
}

Error cancelled() { return {.kind = ErrorKind::unavailable, .message = "query: cancelled", .code = "cancelled"}; }

// What a reader holds and what the tenant's database closes when the tenant is forgotten, whichever comes first.
class StreamState final : public OpenStream {
 public:
  StreamState(std::shared_ptr<TenantDatabase> database, std::unique_ptr<duckdb::Connection> connection, std::string_view sql,
              std::chrono::milliseconds timeout)
      : database_(std::move(database)),
        connection_(std::move(connection)),
        timeout_(timeout),
        deadline_(*database_, *connection_, sha256_hex(sql), timeout) {}

  Result<void> start(std::string_view sql, const QueryOptions& options) {
    const std::lock_guard lock(mutex_);
    if (!database_) return fail(cancelled());  // the tenant was forgotten meanwhile
    auto submitted =
        submit_select(*database_, *connection_, sql, options, deadline_, duckdb::make_shared_ptr<duckdb::ArrowFormat>(arrow_batch_rows));
    deadline_.pause();
    if (cancelled_) return fail(cancelled());
    if (deadline_.passed()) return fail(timed_out(timeout_));
    rows_ = std::make_unique<duckdb::QueryResultStream<duckdb::ArrowFormat>>(TRY(std::move(submitted)));
    return {};
  }

  Result<void> schema(ArrowSchema* out) {
    const std::lock_guard lock(mutex_);
    if (!rows_) return fail(cancelled());
    try {
      duckdb::vector<std::string> names;
      for (const auto& name : rows_->GetNames()) names.push_back(name.GetIdentifierName());
      duckdb::ArrowConverter::ToArrowSchema(out, rows_->GetTypes(), names, rows_->GetClientProperties());
      return {};
    } catch (const std::exception& error) {
      return fail(to_error(error, "query"));
    }
  }

  Result<bool> next(ArrowArray* out) {
    const std::lock_guard lock(mutex_);
    if (cancelled_ || !rows_) return fail(cancelled());
    deadline_.resume();
    if (deadline_.passed()) return fail(timed_out(timeout_));
    try {
      auto batch = rows_->Fetch();
      deadline_.pause();
      if (rows_->HasError()) return fail(reason(to_error(rows_->GetErrorObject(), "query")));
      if (!batch || batch->arrow_array.length == 0) return false;
      *out = batch->arrow_array;
      batch->arrow_array.release = nullptr;  // the caller's now
      return true;
    } catch (const std::exception& error) {
      deadline_.pause();
      return fail(reason(to_error(error, "query")));
    }
  }

  void cancel() {
    cancelled_ = true;
    deadline_.expire();
  }

  void close() override {
    cancel();
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return;  // next() is about to notice; the caller asks again
    rows_.reset();
    connection_.reset();
    database_.reset();
  }

 private:
  Error reason(Error error) const {
    if (cancelled_) return cancelled();
    return deadline_.passed() ? timed_out(timeout_) : std::move(error);
  }

  std::mutex mutex_;  // everything but cancelled_ and deadline_
  std::atomic<bool> cancelled_ = false;
  std::shared_ptr<TenantDatabase> database_;
  std::unique_ptr<duckdb::Connection> connection_;
  const std::chrono::milliseconds timeout_;
  Deadline deadline_;
  std::unique_ptr<duckdb::QueryResultStream<duckdb::ArrowFormat>> rows_;
};

class Stream final : public QueryStream {
 public:
  explicit Stream(std::shared_ptr<StreamState> state) : state_(std::move(state)) {}
  Result<void> schema(ArrowSchema* out) override { return state_->schema(out); }
  Result<bool> next(ArrowArray* out) override { return state_->next(out); }
  void cancel() override { state_->cancel(); }

 private:
  std::shared_ptr<StreamState> state_;
};

}  // namespace

Result<duckdb::unique_ptr<duckdb::QueryResult>> submit_select(TenantDatabase& database, duckdb::Connection& connection,
                                                              std::string_view sql, const QueryOptions& options, const Deadline& deadline,
                                                              duckdb::shared_ptr<duckdb::ResultFormat> format) {
  const std::string sql_text(sql);
  const std::string& digest = deadline.sql_sha256();
  const bool is_known = database.is_known_select(digest);
  if (!is_known) TRY(check_text_size(sql_text));
  auto statements = connection.ExtractStatements(sql_text);
  if (statements.size() != 1)
    return fail(ErrorKind::invalid, "query: one statement is run at a time, not " + std::to_string(statements.size()));
  duckdb::identifier_map_t<duckdb::BoundParameterData> values;
  for (const auto& [name, value] : options.parameters)
    if (statements[0]->named_param_map.contains(duckdb::Identifier(name)))
      values.emplace(duckdb::Identifier(name), duckdb::BoundParameterData(to_duckdb(value)));
  for (const auto& [name, index] : statements[0]->named_param_map)
    if (!values.contains(name)) return fail(ErrorKind::invalid, "query: the parameter $" + name.GetIdentifierName() + " has no value");
  if (!is_known) {
    TRY(check_allowed(connection, *statements[0], values));
    database.add_known_select(digest);
  }

  if (deadline.passed()) throw duckdb::InterruptException();  // while it was planned

  duckdb::QueryParameters parameters;
  if (format) parameters.format = std::move(format);
  auto result = connection.Submit(std::move(statements[0]), values, parameters);
  if (result->HasError()) return fail(to_error(result->GetErrorObject(), "query"));
  return result;
}

Result<QueryResult> run_query(TenantDatabase& database, std::string_view sql, const QueryOptions& options) {
  try {
    const auto connection = database.connect();
    const Deadline deadline(database, *connection, sha256_hex(sql), options.timeout);
    const auto reason = [&](Error error) { return deadline.passed() ? timed_out(options.timeout) : std::move(error); };
    try {
      auto submitted = submit_select(database, *connection, sql, options, deadline, nullptr);
      if (!submitted || deadline.passed()) return fail(reason(submitted ? Error{} : submitted.error()));
      duckdb::QueryResultStream<> rows(std::move(*submitted));
      QueryResult result;
      for (duckdb::idx_t i = 0; i < rows.ColumnCount(); ++i)
        result.columns.push_back({.name = rows.ColumnName(i).GetIdentifierName(), .type = rows.GetTypes()[i].ToString()});
      while (true) {
        const auto chunk = rows.Fetch();
        if (rows.HasError()) return fail(reason(to_error(rows.GetErrorObject(), "query")));
        if (!chunk || chunk->size() == 0) return result;
        if (static_cast<std::int64_t>(result.rows.size() + chunk->size()) > options.rows_max)
          return fail(
              Error{.kind = ErrorKind::invalid,
                    .message = "the query returns more than " + std::to_string(options.rows_max) + " rows; narrow it or raise the limit",
                    .code = "too_many_rows"});
        for (duckdb::idx_t row = 0; row < chunk->size(); ++row) {
          auto& cells = result.rows.emplace_back();
          cells.reserve(chunk->ColumnCount());
          for (duckdb::idx_t column = 0; column < chunk->ColumnCount(); ++column)
            cells.push_back(from_duckdb(chunk->GetValue(column, row)));
        }
      }
    } catch (const std::exception& error) {
      return fail(reason(to_error(error, "query")));
    }
  } catch (const std::exception& error) {
    return fail(to_error(error, "query"));
  }
}

Result<std::unique_ptr<QueryStream>> start_stream(std::shared_ptr<TenantDatabase> database, std::string_view sql,
                                                  const QueryOptions& options) {
  try {
    auto connection = database->connect();
    TenantDatabase& borrowed = *database;
    const auto state = std::make_shared<StreamState>(std::move(database), std::move(connection), sql, options.timeout);
    borrowed.add_stream(state);
    TRY(state->start(sql, options));
    return std::make_unique<Stream>(state);
  } catch (const std::exception& error) {
    return fail(to_error(error, "query"));
  }
}

Result<RawMessage> read_raw(TenantDatabase& database, const MailboxId& mailbox, const ProviderMessageId& message) {
  try {
    const auto connection = database.connect();
    const auto rows =
        TRY(run(*connection,
                "SELECT format, bytes FROM email_raw WHERE ingest_seq = (SELECT ingest_seq FROM message_keys WHERE message_key = '" +
                    message_key(mailbox.str(), message.str()) + "'::UUID) ORDER BY chunk",
                "reading a message's bytes"));
    RawMessage raw;
    bool found = false;
    for (auto chunk = rows->Fetch(); chunk; chunk = rows->Fetch()) {
      for (duckdb::idx_t row = 0; row < chunk->size(); ++row) {
        found = true;
        raw.format = chunk->GetValue(0, row).GetValue<std::string>();
        const auto value = chunk->GetValue(1, row);
        const std::string& bytes = duckdb::StringValue::Get(value);
        const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
        if (size > (1 << 20)) return fail(ErrorKind::internal, "reading a message's bytes: a damaged chunk");
        const std::size_t at = raw.bytes.size();
        raw.bytes.resize(at + size);
        if (ZSTD_decompress(raw.bytes.data() + at, size, bytes.data(), bytes.size()) != size)
          return fail(ErrorKind::internal, "reading a message's bytes: a damaged chunk");
      }
    }
    if (!found) return fail(ErrorKind::not_found, "there is no such message");
    return raw;
  } catch (const std::exception& error) {
    return fail(to_error(error, "reading a message's bytes"));
  }
}

}  // namespace letterlock::duckdb_adapter
