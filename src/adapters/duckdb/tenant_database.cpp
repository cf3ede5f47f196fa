#include "adapters/duckdb/tenant_database.h"

#include <filesystem>
#include <utility>

#include "base/encoding.h"

namespace letterlock::duckdb_adapter {
namespace {

ErrorKind kind_of(duckdb::ExceptionType type) {
  using duckdb::ExceptionType;
  switch (type) {
    case ExceptionType::PARSER:
    case ExceptionType::SYNTAX:
    case ExceptionType::BINDER:
    case ExceptionType::CATALOG:
    case ExceptionType::CONVERSION:
    case ExceptionType::OUT_OF_RANGE:
    case ExceptionType::DECIMAL:
    case ExceptionType::DIVIDE_BY_ZERO:
    case ExceptionType::MISMATCH_TYPE:
    case ExceptionType::INVALID_TYPE:
    case ExceptionType::INVALID_INPUT:
    case ExceptionType::PARAMETER_NOT_RESOLVED:
    case ExceptionType::PARAMETER_NOT_ALLOWED:
    case ExceptionType::NOT_IMPLEMENTED:
    case ExceptionType::OUT_OF_MEMORY:
      return ErrorKind::invalid;
    case ExceptionType::PERMISSION:
      return ErrorKind::forbidden;
    case ExceptionType::CONSTRAINT:
    case ExceptionType::TRANSACTION:
      return ErrorKind::conflict;
    case ExceptionType::IO:
    case ExceptionType::INTERRUPT:
      return ErrorKind::unavailable;
    default:
      return ErrorKind::internal;
  }
}

// Replace what looks like an absolute path; users learn nothing from it, and tenants nothing of each other.
std::string without_paths(std::string text) {
  for (std::size_t at = 0; (at = text.find('/', at)) != std::string::npos;) {
    const bool begins = at == 0 || text[at - 1] == '"' || text[at - 1] == '\'' || text[at - 1] == ' ' || text[at - 1] == '(';
    const auto end = text.find_first_of("\"' )\n", at);
    const auto length = (end == std::string::npos ? text.size() : end) - at;
    if (begins && length > 1 && text.substr(at + 1, length - 1).contains('/')) {
      const auto slash = text.rfind('/', at + length - 1);
      text.replace(at, slash + 1 - at, "…/");
    }
    ++at;
  }
  return text;
}

std::string sql_literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

}  // namespace

Error to_error(const duckdb::ErrorData& error, std::string_view action) {
  Error made{.kind = kind_of(error.Type()), .message = std::string(action) + ": " + without_paths(error.RawMessage())};
  if (error.Type() == duckdb::ExceptionType::INTERRUPT) made.code = "cancelled";
  return made;
}

Error to_error(const std::exception& error, std::string_view action) { return to_error(duckdb::ErrorData(error), action); }

Result<std::unique_ptr<duckdb::QueryResult>> run(duckdb::Connection& connection, const std::string& sql, std::string_view action) {
  auto result = connection.Query(sql);
  if (result->HasError()) return fail(to_error(result->GetErrorObject(), action));
  return std::unique_ptr<duckdb::QueryResult>(result.release());
}

Result<std::unique_ptr<duckdb::QueryResult>> run(duckdb::Connection& connection, const std::string& sql,
                                                 duckdb::vector<duckdb::Value> values, std::string_view action) {
  auto statement = connection.Prepare(sql);
  if (statement->HasError()) return fail(to_error(statement->GetErrorObject(), action));
  auto result = statement->Execute(values);
  if (result->HasError()) return fail(to_error(result->GetErrorObject(), action));
  return std::unique_ptr<duckdb::QueryResult>(result.release());
}

duckdb::Value to_duckdb(TimePoint time) { return duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(to_unix_micros(time))); }

duckdb::Value to_duckdb(const std::vector<std::string>& texts) {
  duckdb::vector<duckdb::Value> values;
  for (const auto& text : texts) values.emplace_back(text);
  return duckdb::Value::LIST(duckdb::LogicalType::VARCHAR, std::move(values));
}

duckdb::Value to_duckdb(const Value& value) {
  return std::visit(
      []<class T>(const T& typed) -> duckdb::Value {
        if constexpr (std::same_as<T, std::monostate>)
          return duckdb::Value();
        else if constexpr (std::same_as<T, bool>)
          return duckdb::Value::BOOLEAN(typed);
        else if constexpr (std::same_as<T, std::int64_t>)
          return duckdb::Value::BIGINT(typed);
        else if constexpr (std::same_as<T, double>)
          return duckdb::Value::DOUBLE(typed);
        else if constexpr (std::same_as<T, TimePoint>)
          return to_duckdb(typed);
        else
          return duckdb::Value(typed);
      },
      value);
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    connection_.Rollback();
  } catch (const std::exception&) {  // NOLINT: a failed transaction is rolled back already
  }
}

void Transaction::commit() {
  open_ = false;
  connection_.Commit();
}

std::unique_ptr<duckdb::Connection> TenantDatabase::connect() {
  auto connection = std::make_unique<duckdb::Connection>(*database_);
  const auto used = connection->Query("USE tenant");
  if (used->HasError()) used->GetErrorObject().Throw();
  return connection;
}

Result<std::shared_ptr<TenantDatabase>> TenantDatabase::open(InstanceOptions options, TimePoint now) {
  const std::string name = std::filesystem::path(options.file).filename().string();
  const std::string action = "opening " + name;
  auto opened = std::make_shared<TenantDatabase>();
  try {
    duckdb::DBConfig config;
    config.SetOptionByName("threads", duckdb::Value::BIGINT(options.threads));
    config.SetOptionByName("memory_limit", duckdb::Value(std::to_string(options.memory_bytes_max / (1 << 20)) + "MiB"));
    opened->database_ = std::make_unique<duckdb::DuckDB>(nullptr, &config);
    register_functions(*opened->database_->instance);
    duckdb::Connection connection(*opened->database_);
    TRY(run(connection, "LOAD httpfs", action));  // brings the OpenSSL that writing encrypted files needs
    std::string key = to_base64(options.key);
    std::string attach =
        "ATTACH " + sql_literal(options.file) + " AS tenant (ENCRYPTION_KEY " + sql_literal(key) + ", ENCRYPTION_CIPHER 'GCM')";
    const auto attached = connection.Query(attach);
    for (std::string* secret : {&key, &attach, &options.key}) std::fill(secret->begin(), secret->end(), '\0');
    if (attached->HasError()) {
      const std::string text = attached->GetErrorObject().RawMessage();
      if (text.contains("encryption key") || text.contains("not encrypted"))
        return fail(Error{
            .kind = ErrorKind::forbidden,
            .message =
                action + ": the tenant's data key does not fit this file; remedy: restore the master key or the file that belong together",
            .code = "wrong_key"});
      if (text.contains("lock")) {
        const auto pid = text.find("PID ");
        return fail(ErrorKind::unavailable, action + ": another process has it open" +
                                                (pid == std::string::npos ? "" : " (" + text.substr(pid, text.find(')', pid) - pid) + ")") +
                                                "; remedy: one `storage` per folder");
      }
      return fail(to_error(attached->GetErrorObject(), action));
    }
    TRY(run(connection, "USE tenant", action));
    TRY(migrate(connection, options.migrations_folder, now));
    TRY(run(connection,
            "SET GLOBAL TimeZone = 'UTC'; SET GLOBAL temp_file_encryption = true; SET GLOBAL temp_directory = " +
                sql_literal(options.file + ".tmp") + "; SET GLOBAL enable_external_access = false; SET GLOBAL lock_configuration = true",
            action));
    opened->writer_ = opened->connect();
    opened->used_at = now;
    return opened;
  } catch (const std::exception& error) {
    return fail(to_error(error, action));
  }
}

}  // namespace letterlock::duckdb_adapter
