#include "adapters/duckdb/tenant_database.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "adapters/duckdb/disk_space.h"
#include "adapters/duckdb/function_guard.h"
#include "adapters/duckdb/instance_memory.h"
#include "adapters/duckdb/private_files.h"
#include "base/encoding.h"
#include "base/log.h"
#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/main/client_data.hpp"

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
      return ErrorKind::invalid;
    case ExceptionType::PERMISSION:
      return ErrorKind::forbidden;
    // Not conflict, which says that somebody else was faster: one writer at a time, so it is a commit that failed.
    case ExceptionType::TRANSACTION:
    case ExceptionType::IO:
    case ExceptionType::OUT_OF_MEMORY:
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

// What is wrong with the disk or the file. DuckDB wraps the cause in errors of other types ("Failed to commit: …", "Checkpoint failed …")
// and then tells it in words alone. nullopt: something else is wrong.
std::optional<Error> file_fault(const duckdb::ErrorData& error, std::string_view action) {
  using duckdb::ExceptionType;
  const auto type = error.Type();
  const std::string& text = error.RawMessage();
  const auto says = [&](auto... parts) { return (text.contains(parts) || ...); };
  const bool is_file = type == ExceptionType::IO || type == ExceptionType::TRANSACTION || type == ExceptionType::FATAL;
  if (is_file && says(std::strerror(ENOSPC), std::strerror(EDQUOT)))
    return Error{.kind = ErrorKind::unavailable,
                 .message = std::string(action) + ": " + std::string(disk_full_sentence),
                 .code = std::string(disk_full_code)};
  const bool is_unsealed = says("Computed AES tag differs");
  if (type == ExceptionType::DATA_CORRUPTION || is_unsealed ||
      (is_file && says("is not a valid DuckDB database file", "Corrupt database file", "Could not read enough bytes from file")))
    return Error{.kind = ErrorKind::internal,
                 .message = std::string(action) + ": the mail store's file is damaged: " +
                            (is_unsealed ? std::string("a block's authentication tag does not match") : without_paths(text)),
                 .code = std::string(damaged_file_code)};
  if (type == ExceptionType::IO)
    return Error{
        .kind = ErrorKind::unavailable, .message = std::string(action) + ": " + without_paths(text), .code = std::string(io_error_code)};
  return std::nullopt;
}

constexpr std::size_t data_key_bytes = 32;
constexpr std::size_t known_selects_max = 256;  // then they are learned anew
// It walks the whole plan for each projection, which a run of all rules over little mail spends much of its time on
// (./dev bench rules prints what the newest 1,000 cost); over much mail the plan is no better for it.
constexpr const char* disabled_optimizers = "projection_pullup";

std::string sql_literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

}  // namespace

Error to_error(const duckdb::ErrorData& error, std::string_view action) {
  if (auto fault = file_fault(error, action)) return std::move(*fault);
  Error made{.kind = kind_of(error.Type()), .message = std::string(action) + ": " + without_paths(error.RawMessage())};
  if (error.Type() == duckdb::ExceptionType::INTERRUPT) made.code = "cancelled";
  if (error.Type() == duckdb::ExceptionType::OUT_OF_MEMORY) {
    made.code = "out_of_memory";
    made.message = made.message.substr(0, made.message.find("\n\nPossible solutions"));  // settings that nobody can change here
    if (error.RawMessage().starts_with(guard_mark)) {
      made.kind = ErrorKind::invalid;
      made.code = "too_large";
    }
  }
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
  return run(*connection.Prepare(sql), std::move(values), action);
}

Result<std::unique_ptr<duckdb::QueryResult>> run(duckdb::PreparedStatement& statement, duckdb::vector<duckdb::Value> values,
                                                 std::string_view action) {
  if (statement.HasError()) return fail(to_error(statement.GetErrorObject(), action));
  auto result = statement.Execute(values);
  if (result->HasError()) return fail(to_error(result->GetErrorObject(), action));
  return std::unique_ptr<duckdb::QueryResult>(result.release());
}

std::int64_t single_number(duckdb::QueryResult& rows) {
  const auto chunk = rows.Fetch();
  return chunk && chunk->size() > 0 ? chunk->GetValue(0, 0).GetValue<std::int64_t>() : 0;
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

Result<FileLock> FileLock::take(const std::string& path, std::string_view action) {
  FileLock lock;
  lock.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock.descriptor_ < 0) {
    const bool is_full = errno == ENOSPC || errno == EDQUOT;
    return fail(Error{.kind = ErrorKind::unavailable,
                      .message = std::string(action) + ": its lock file: " + std::strerror(errno),
                      .code = std::string(is_full ? disk_full_code : io_error_code)});
  }
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    char pid[16] = {};
    const bool known = ::pread(lock.descriptor_, pid, sizeof(pid) - 1, 0) > 0;
    return fail(ErrorKind::unavailable, std::string(action) + ": it is open already" + (known ? " (PID " + std::string(pid) + ")" : "") +
                                            "; remedy: one `storage` per folder");
  }
  // For whoever is refused. On a full disk it cannot be written, and the file must open all the same.
  const std::string pid = std::to_string(::getpid());
  [[maybe_unused]] const bool is_told = ::ftruncate(lock.descriptor_, 0) == 0 && ::pwrite(lock.descriptor_, pid.data(), pid.size(), 0) >= 0;
  return lock;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::unique_ptr<duckdb::Connection> TenantDatabase::connect() {
  if (stopping_) throw duckdb::InterruptException();
  auto connection = std::make_unique<duckdb::Connection>(*database_);
  {
    const std::lock_guard lock(readers_mutex_);
    std::erase_if(connections_, [](const auto& context) { return context.expired(); });
    connections_.emplace_back(connection->context);
  }
  // As USE would, without parsing and planning a statement for each connection.
  connection->context->RunFunctionInTransaction([&] {
    duckdb::ClientData::Get(*connection->context)
        .catalog_search_path->Set({duckdb::Identifier("tenant"), duckdb::Identifier("main")}, duckdb::CatalogSetPathType::SET_SCHEMA);
  });
  return connection;
}

bool TenantDatabase::is_known_select(std::string_view sql_sha256) {
  const std::lock_guard lock(readers_mutex_);
  return known_selects_.contains(sql_sha256);
}

void TenantDatabase::add_known_select(std::string_view sql_sha256) {
  const std::lock_guard lock(readers_mutex_);
  if (known_selects_.size() >= known_selects_max) known_selects_.clear();
  known_selects_.emplace(sql_sha256);
}

void TenantDatabase::add_stream(std::weak_ptr<OpenStream> stream) {
  const std::lock_guard lock(readers_mutex_);
  std::erase_if(streams_, [](const auto& known) { return known.expired(); });
  streams_.push_back(std::move(stream));
}

void TenantDatabase::stop_reading() {
  stopping_ = true;
  // A stream that this call is the last to hold lets go of its database, and so of these lists, after the lock.
  std::vector<std::shared_ptr<OpenStream>> streams;
  {
    const std::lock_guard lock(readers_mutex_);
    for (const auto& known : connections_)
      if (const auto context = known.lock()) context->Interrupt();
    for (const auto& known : streams_)
      if (auto stream = known.lock()) streams.push_back(std::move(stream));
  }
  for (const auto& stream : streams) stream->close();
}

duckdb::PreparedStatement& TenantDatabase::prepared(const std::string& sql) {
  auto& statement = prepared_[sql];
  if (!statement || statement->HasError()) statement = writer_->Prepare(sql);
  return *statement;
}

TenantDatabase::~TenantDatabase() {
  if (!database_) return;
  std::error_code none;
  const auto log_bytes = std::filesystem::file_size(file_ + ".wal", none);
  if (none || log_bytes == 0) return;
  // A checkpoint writes about as much as the log holds before it gives anything back, and one that fails keeps what it wrote.
  const auto disk = measure_disk(std::filesystem::path(file_).parent_path(), 0);
  if (disk && disk->free_bytes < 2 * static_cast<std::int64_t>(log_bytes))
    database_->instance->config.options.checkpoint_on_shutdown = false;
}

bool TenantDatabase::is_usable() {
  try {
    const auto answer = connect()->Query("SELECT count(*) FROM schema_migrations");
    return !answer->HasError() || answer->GetErrorObject().Type() == duckdb::ExceptionType::INTERRUPT;
  } catch (const duckdb::InterruptException&) {
    return true;  // being forgotten: whoever forgets it closes it
  } catch (const std::exception&) {
    return false;
  }
}

Result<std::shared_ptr<TenantDatabase>> TenantDatabase::open(InstanceOptions options, TimePoint now) {
  const std::string name = std::filesystem::path(options.file).filename().string();
  const std::string action = "opening " + name;
  if (options.key.size() != data_key_bytes)
    return fail(ErrorKind::invalid, action + ": the tenant's data key has " + std::to_string(options.key.size()) + " bytes, it must have " +
                                        std::to_string(data_key_bytes));
  auto opened = std::make_shared<TenantDatabase>();
  opened->tenant_ = options.tenant;
  opened->overdue_ = std::move(options.overdue);
  opened->file_lock_ = TRY(FileLock::take(options.file + ".lock", action));
  opened->file_ = options.file;
  for (const char* suffix : {"", ".wal"}) {
    if (const auto made = make_private(options.file + suffix); !made)
      LOG(warn, "a tenant's file is open to other users", {{"file", name + suffix}, {"reason", made.error().message}});
  }
  try {
    duckdb::DBConfig config;
    config.file_system = make_private_file_system();
    config.SetOptionByName("threads", duckdb::Value::BIGINT(options.threads));
    config.SetOptionByName("checkpoint_threshold", duckdb::Value(std::to_string(options.log_bytes_max) + "B"));
    config.SetOptionByName("disabled_optimizers", duckdb::Value(disabled_optimizers));
    config.SetOptionByName("memory_limit", duckdb::Value(std::to_string(options.memory_bytes_max / (1 << 20)) + "MiB"));
    config.allocator = bounded_allocator(options.memory_bytes_max + options.memory_bytes_max / 2);
    opened->database_ = std::make_unique<duckdb::DuckDB>(nullptr, &config);
    register_functions(*opened->database_->instance);
    guard_functions(*opened->database_->instance);
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
      if (text.contains("Could not set lock")) {
        const auto pid = text.find("PID ");
        return fail(ErrorKind::unavailable, action + ": another process has it open" +
                                                (pid == std::string::npos ? "" : " (" + text.substr(pid, text.find(')', pid) - pid) + ")") +
                                                "; remedy: one `storage` per folder");
      }
      auto error = to_error(attached->GetErrorObject(), action);
      // What DuckDB cannot make sense of while it reads its own file is the file's fault, in whatever words.
      if (error.kind == ErrorKind::internal && error.code.empty()) error.code = damaged_file_code;
      return fail(std::move(error));
    }
    TRY(run(connection, "USE tenant", action));
    // Before the migrations: what one of them spills must be encrypted too, and beside the tenant's file.
    TRY(run(connection,
            "SET GLOBAL TimeZone = 'UTC'; SET GLOBAL temp_file_encryption = true; SET GLOBAL temp_directory = " +
                sql_literal(options.file + ".tmp") + "; SET GLOBAL max_temp_directory_size = '" +
                std::to_string(options.spill_bytes_max / (1 << 20)) + "MiB'",
            action));
    TRY(migrate(connection, options.migrations_folder, now));
    TRY(run(connection, "SET GLOBAL enable_external_access = false; SET GLOBAL lock_configuration = true", action));
    opened->writer_ = std::make_unique<duckdb::Connection>(*opened->database_);
    TRY(run(*opened->writer_, "USE tenant", action));
    opened->used_at = now;
    return opened;
  } catch (const std::exception& error) {
    return fail(to_error(error, action));
  }
}

}  // namespace letterlock::duckdb_adapter
