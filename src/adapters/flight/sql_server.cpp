#include "adapters/flight/sql_server.h"

#include <arrow/util/align_util.h>

#include <algorithm>

#include "adapters/flight/arrow_result.h"
#include "adapters/flight/flight_access.h"
#include "adapters/flight/flight_status.h"
#include "base/encoding.h"

namespace letterlock::flight {

namespace fl = arrow::flight;
namespace sql = arrow::flight::sql;

SqlServer::SqlServer(DuckDBRepository& repository, Clock& clock, Watchdog& watchdog, const FlightServerOptions& options)
    : repository_(repository), clock_(clock), watchdog_(watchdog), options_(options), places_(options.statements_max) {
  // Clients ask for these as a login probe; without any registered the answer is an error.
  RegisterSqlInfo(sql::SqlInfoOptions::FLIGHT_SQL_SERVER_NAME, sql::SqlInfoResult(std::string("Letterlock storage")));
  RegisterSqlInfo(sql::SqlInfoOptions::FLIGHT_SQL_SERVER_READ_ONLY, sql::SqlInfoResult(true));
}

void SqlServer::sweep() {
  std::vector<Statement> closed;
  const std::lock_guard lock(mutex_);  // let go before `closed` is
  const TimePoint now = clock_.now();
  for (auto entry = statements_.begin(); entry != statements_.end();) {
    Statement& statement = entry->second;
    if (statement.used_at + options_.statement_life <= now || (!statement.prepared && statement.used_at + options_.ticket_life <= now)) {
      closed.push_back(take(entry++));
    } else {
      if (statement.started && statement.used_at + options_.ticket_life <= now)
        closed.push_back({.started = std::exchange(statement.started, nullptr)});
      ++entry;
    }
  }
}

SqlServer::Statement SqlServer::take(Statements::iterator entry) {
  Statement taken = std::move(entry->second);
  statements_.erase(entry);
  return taken;
}

std::string SqlServer::keep(Statement statement) {
  const std::lock_guard lock(mutex_);
  statement.used_at = clock_.now();
  std::string handle = to_hex(crypto::random_bytes(16));
  statements_.emplace(handle, std::move(statement));
  return handle;
}

arrow::Status SqlServer::with(const TenantId& tenant, const std::string& handle,
                              const std::function<Statement(Statements::iterator)>& use) {
  sweep();
  Statement closed;
  const std::lock_guard lock(mutex_);  // let go before `closed` is
  const auto found = statements_.find(handle);
  if (found == statements_.end() || found->second.tenant != tenant)
    return to_status({.kind = ErrorKind::not_found, .message = "no such statement; it was closed, or waited longer than its life"});
  found->second.used_at = clock_.now();
  closed = use(found);
  return arrow::Status::OK();
}

arrow::Result<std::unique_ptr<QueryReader>> SqlServer::start(const Caller& caller, const std::string& text,
                                                             std::vector<std::pair<std::string, Value>> parameters) {
  sweep();
  auto place = FLIGHT_TRY(places_.take(caller));
  auto stream =
      FLIGHT_TRY(repository_.open_stream(caller.tenant, text, {.parameters = std::move(parameters), .timeout = options_.query_timeout}));
  return QueryReader::open(std::move(stream), std::move(place));
}

arrow::Result<std::unique_ptr<fl::FlightInfo>> SqlServer::info_of(const arrow::Schema& schema, const fl::FlightDescriptor& descriptor,
                                                                  std::string ticket) const {
  fl::FlightEndpoint endpoint;
  endpoint.ticket.ticket = std::move(ticket);
  ARROW_ASSIGN_OR_RAISE(auto info, fl::FlightInfo::Make(schema, descriptor, {endpoint}, -1, -1));
  return std::make_unique<fl::FlightInfo>(std::move(info));
}

arrow::Result<std::unique_ptr<fl::FlightDataStream>> SqlServer::serve(const fl::ServerCallContext& context,
                                                                      std::unique_ptr<QueryReader> reader) {
  reader->serve(context, watchdog_);
  return std::make_unique<fl::RecordBatchStream>(std::shared_ptr<arrow::RecordBatchReader>(std::move(reader)));
}

arrow::Result<std::unique_ptr<fl::FlightInfo>> SqlServer::GetFlightInfoStatement(const fl::ServerCallContext& context,
                                                                                 const sql::StatementQuery& command,
                                                                                 const fl::FlightDescriptor& descriptor) {
  const Caller caller = FLIGHT_TRY(caller_for(context, Operation::read));
  ARROW_ASSIGN_OR_RAISE(auto reader, start(caller, command.query, {}));
  const auto schema = reader->schema();
  const std::string handle = keep({.tenant = caller.tenant, .sql = command.query, .started = std::move(reader)});
  ARROW_ASSIGN_OR_RAISE(std::string ticket, sql::CreateStatementQueryTicket(handle));
  return info_of(*schema, descriptor, std::move(ticket));
}

arrow::Result<std::unique_ptr<fl::FlightDataStream>> SqlServer::DoGetStatement(const fl::ServerCallContext& context,
                                                                               const sql::StatementQueryTicket& command) {
  const TenantId tenant = FLIGHT_TRY(tenant_for(context, Operation::read));
  std::unique_ptr<QueryReader> reader;
  ARROW_RETURN_NOT_OK(with(tenant, command.statement_handle, [&](auto found) {
    reader = std::move(found->second.started);
    return found->second.prepared ? Statement{} : take(found);
  }));
  if (!reader) return to_status({.kind = ErrorKind::not_found, .message = "this ticket was used already"});
  return serve(context, std::move(reader));
}

arrow::Result<sql::ActionCreatePreparedStatementResult> SqlServer::CreatePreparedStatement(
    const fl::ServerCallContext& context, const sql::ActionCreatePreparedStatementRequest& request) {
  const Caller caller = FLIGHT_TRY(caller_for(context, Operation::read));
  sweep();
  auto place = FLIGHT_TRY(places_.take(caller));
  sql::ActionCreatePreparedStatementResult result;
  result.prepared_statement_handle = keep({.tenant = caller.tenant, .place = std::move(place), .sql = request.query, .prepared = true});
  return result;
}

arrow::Status SqlServer::ClosePreparedStatement(const fl::ServerCallContext& context,
                                                const sql::ActionClosePreparedStatementRequest& request) {
  const TenantId tenant = FLIGHT_TRY(tenant_for(context, Operation::read));
  return with(tenant, request.prepared_statement_handle, [&](auto found) { return take(found); });
}

arrow::Status SqlServer::DoPutPreparedStatementQuery(const fl::ServerCallContext& context, const sql::PreparedStatementQuery& command,
                                                     fl::FlightMessageReader* reader, fl::FlightMetadataWriter*) {
  const TenantId tenant = FLIGHT_TRY(tenant_for(context, Operation::read));
  ARROW_ASSIGN_OR_RAISE(const auto chunk, reader->Next());
  if (!chunk.data) return arrow::Status::Invalid("no row of parameters was sent");
  ARROW_ASSIGN_OR_RAISE(const auto row,
                        arrow::util::EnsureAlignment(chunk.data, arrow::util::kValueAlignment, arrow::default_memory_pool()));
  ARROW_ASSIGN_OR_RAISE(auto parameters, parameters_of(*row));
  return with(tenant, command.prepared_statement_handle, [&](auto found) {
    found->second.parameters = std::move(parameters);
    return Statement{};
  });
}

arrow::Result<std::unique_ptr<fl::FlightInfo>> SqlServer::GetFlightInfoPreparedStatement(const fl::ServerCallContext& context,
                                                                                         const sql::PreparedStatementQuery& command,
                                                                                         const fl::FlightDescriptor& descriptor) {
  const Caller caller = FLIGHT_TRY(caller_for(context, Operation::read));
  const TenantId& tenant = caller.tenant;
  std::string text;
  std::vector<std::pair<std::string, Value>> parameters;
  ARROW_RETURN_NOT_OK(with(tenant, command.prepared_statement_handle, [&](auto found) {
    text = found->second.sql;
    parameters = found->second.parameters;
    return Statement{};
  }));
  ARROW_ASSIGN_OR_RAISE(auto reader, start(caller, text, std::move(parameters)));
  const auto schema = reader->schema();
  ARROW_RETURN_NOT_OK(with(tenant, command.prepared_statement_handle,
                           [&](auto found) { return Statement{.started = std::exchange(found->second.started, std::move(reader))}; }));
  return info_of(*schema, descriptor, descriptor.cmd);  // the command itself is the ticket of a prepared statement
}

arrow::Result<std::unique_ptr<fl::FlightDataStream>> SqlServer::DoGetPreparedStatement(const fl::ServerCallContext& context,
                                                                                       const sql::PreparedStatementQuery& command) {
  const TenantId tenant = FLIGHT_TRY(tenant_for(context, Operation::read));
  std::unique_ptr<QueryReader> reader;
  ARROW_RETURN_NOT_OK(with(tenant, command.prepared_statement_handle, [&](auto found) {
    reader = std::move(found->second.started);
    return Statement{};
  }));
  if (!reader)
    return to_status({.kind = ErrorKind::not_found, .message = "this statement was not executed, or its result was read already"});
  return serve(context, std::move(reader));
}

void SqlServer::clear() {
  Statements closed;
  const std::lock_guard lock(mutex_);  // let go before `closed` is
  closed.swap(statements_);
}

}  // namespace letterlock::flight
