#include <zstd.h>

#include <algorithm>

#include "adapters/duckdb/running_query.h"
#include "duckdb/common/arrow/arrow_converter.hpp"
#include "duckdb/common/arrow/arrow_format.hpp"
#include "duckdb/main/query_result_stream.hpp"

namespace letterlock::duckdb_adapter {
namespace {

constexpr duckdb::idx_t arrow_batch_rows = 16'384;

Error timed_out(std::chrono::milliseconds timeout) {
  return {.kind = ErrorKind::unavailable, .message = "query: not done after " + std::to_string(timeout.count()) + " ms", .code = "timeout"};
}

class Stream final : public QueryStream {
 public:
  Stream(std::shared_ptr<TenantDatabase> database, std::unique_ptr<duckdb::Connection> connection, std::chrono::milliseconds timeout)
      : database_(std::move(database)), connection_(std::move(connection)), timeout_(timeout), deadline_(*connection_, timeout) {}

  void open(duckdb::unique_ptr<duckdb::QueryResult> result) {
    rows_ = std::make_unique<duckdb::QueryResultStream<duckdb::ArrowFormat>>(std::move(result));
  }

  Result<void> schema(ArrowSchema* out) override {
    try {
      duckdb::vector<std::string> names;
      for (const auto& name : rows_->GetNames()) names.push_back(name.GetIdentifierName());
      duckdb::ArrowConverter::ToArrowSchema(out, rows_->GetTypes(), names, rows_->GetClientProperties());
      return {};
    } catch (const std::exception& error) {
      return fail(to_error(error, "query"));
    }
  }

  Result<bool> next(ArrowArray* out) override {
    try {
      auto batch = rows_->Fetch();
      if (rows_->HasError()) return fail(deadline_.passed() ? timed_out(timeout_) : to_error(rows_->GetErrorObject(), "query"));
      if (!batch || batch->arrow_array.length == 0) return false;
      *out = batch->arrow_array;
      batch->arrow_array.release = nullptr;  // the caller's now
      return true;
    } catch (const std::exception& error) {
      return fail(deadline_.passed() ? timed_out(timeout_) : to_error(error, "query"));
    }
  }

  void cancel() override { connection_->Interrupt(); }

 private:
  std::shared_ptr<TenantDatabase> database_;
  std::unique_ptr<duckdb::Connection> connection_;
  std::chrono::milliseconds timeout_;
  Deadline deadline_;
  std::unique_ptr<duckdb::QueryResultStream<duckdb::ArrowFormat>> rows_;
};

}  // namespace

Deadline::Deadline(duckdb::Connection& connection, std::chrono::milliseconds timeout)
    : thread_([this, &connection, timeout](std::stop_token stop) {
        std::unique_lock lock(mutex_);
        woken_.wait_for(lock, stop, timeout, [] { return false; });
        if (stop.stop_requested()) return;
        passed_ = true;
        connection.Interrupt();
      }) {}

Deadline::~Deadline() {
  thread_.request_stop();
  thread_.join();
}

Result<duckdb::unique_ptr<duckdb::QueryResult>> submit_select(duckdb::Connection& connection, std::string_view sql,
                                                              const QueryOptions& options,
                                                              duckdb::shared_ptr<duckdb::ResultFormat> format) {
  auto statements = connection.ExtractStatements(std::string(sql));
  if (statements.size() != 1)
    return fail(ErrorKind::invalid, "query: one statement is run at a time, not " + std::to_string(statements.size()));
  const auto type = statements[0]->type;
  if (type != duckdb::StatementType::SELECT_STATEMENT && type != duckdb::StatementType::EXPLAIN_STATEMENT)
    return fail(ErrorKind::forbidden, "query: only SELECT may be run here");
  // What it may do is decided on the prepared statement, never on its text.
  const auto prepared = connection.Prepare(statements[0]->Copy());
  if (prepared->HasError()) return fail(to_error(prepared->GetErrorObject(), "query"));
  const auto& properties = prepared->GetStatementProperties();
  if (!properties.IsReadOnly() || !properties.modified_databases.empty())
    return fail(ErrorKind::forbidden, "query: only reading is allowed here");

  duckdb::identifier_map_t<duckdb::BoundParameterData> values;
  for (const auto& [name, value] : options.parameters)
    if (prepared->GetNamedParameterMap().contains(duckdb::Identifier(name)))
      values.emplace(duckdb::Identifier(name), duckdb::BoundParameterData(to_duckdb(value)));
  duckdb::QueryParameters parameters;
  if (format) parameters.format = std::move(format);
  auto result = connection.Submit(std::move(statements[0]), values, parameters);
  if (result->HasError()) return fail(to_error(result->GetErrorObject(), "query"));
  return result;
}

Result<QueryResult> run_query(TenantDatabase& database, std::string_view sql, const QueryOptions& options) {
  try {
    const auto connection = database.connect();
    const Deadline deadline(*connection, options.timeout);
    const auto failed = [&](const duckdb::ErrorData& error) {
      return fail(deadline.passed() ? timed_out(options.timeout) : to_error(error, "query"));
    };
    auto submitted = submit_select(*connection, sql, options, nullptr);
    if (!submitted) return fail(deadline.passed() ? timed_out(options.timeout) : submitted.error());
    duckdb::QueryResultStream<> rows(std::move(*submitted));
    QueryResult result;
    for (duckdb::idx_t i = 0; i < rows.ColumnCount(); ++i)
      result.columns.push_back({.name = rows.ColumnName(i).GetIdentifierName(), .type = rows.GetTypes()[i].ToString()});
    while (true) {
      const auto chunk = rows.Fetch();
      if (rows.HasError()) return failed(rows.GetErrorObject());
      if (!chunk || chunk->size() == 0) return result;
      if (static_cast<std::int64_t>(result.rows.size() + chunk->size()) > options.rows_max)
        return fail(
            Error{.kind = ErrorKind::invalid,
                  .message = "the query returns more than " + std::to_string(options.rows_max) + " rows; narrow it or raise the limit",
                  .code = "too_many_rows"});
      for (duckdb::idx_t row = 0; row < chunk->size(); ++row) {
        auto& cells = result.rows.emplace_back();
        cells.reserve(chunk->ColumnCount());
        for (duckdb::idx_t column = 0; column < chunk->ColumnCount(); ++column) cells.push_back(from_duckdb(chunk->GetValue(column, row)));
      }
    }
  } catch (const std::exception& error) {
    const auto made = to_error(error, "query");
    return fail(made.code == "cancelled" ? timed_out(options.timeout) : made);
  }
}

Result<std::unique_ptr<QueryStream>> start_stream(std::shared_ptr<TenantDatabase> database, std::string_view sql,
                                                  const QueryOptions& options) {
  try {
    auto connection = database->connect();
    duckdb::Connection& borrowed = *connection;
    auto stream = std::make_unique<Stream>(std::move(database), std::move(connection), options.timeout);
    stream->open(TRY(submit_select(borrowed, sql, options, duckdb::make_shared_ptr<duckdb::ArrowFormat>(arrow_batch_rows))));
    return stream;
  } catch (const std::exception& error) {
    return fail(to_error(error, "query"));
  }
}

Result<RawMessage> read_raw(TenantDatabase& database, const MailboxId& mailbox, const ProviderMessageId& message) {
  try {
    const auto connection = database.connect();
    const auto rows =
        TRY(run(*connection,
                "SELECT format, bytes FROM email_raw WHERE ingest_seq = (SELECT ingest_seq FROM email_keys WHERE mailbox_id = $1 AND "
                "provider_message_id = $2) ORDER BY chunk",
                {duckdb::Value(mailbox.str()), duckdb::Value(message.str())}, "reading a message's bytes"));
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
