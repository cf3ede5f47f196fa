#pragma once

// The Flight SQL part of the endpoint: statements and prepared statements, read-only. Internal to this adapter.

#include <arrow/flight/sql/server.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "adapters/flight/flight_server.h"
#include "adapters/flight/query_reader.h"
#include "model/ids.h"

namespace letterlock::flight {

class SqlServer final : public arrow::flight::sql::FlightSqlServerBase {
 public:
  SqlServer(DuckDBRepository& repository, Clock& clock, Watchdog& watchdog, const FlightServerOptions& options);

  arrow::Result<std::unique_ptr<arrow::flight::FlightInfo>> GetFlightInfoStatement(
      const arrow::flight::ServerCallContext& context, const arrow::flight::sql::StatementQuery& command,
      const arrow::flight::FlightDescriptor& descriptor) override;
  arrow::Result<std::unique_ptr<arrow::flight::FlightDataStream>> DoGetStatement(
      const arrow::flight::ServerCallContext& context, const arrow::flight::sql::StatementQueryTicket& command) override;
  arrow::Result<arrow::flight::sql::ActionCreatePreparedStatementResult> CreatePreparedStatement(
      const arrow::flight::ServerCallContext& context, const arrow::flight::sql::ActionCreatePreparedStatementRequest& request) override;
  arrow::Status ClosePreparedStatement(const arrow::flight::ServerCallContext& context,
                                       const arrow::flight::sql::ActionClosePreparedStatementRequest& request) override;
  arrow::Status DoPutPreparedStatementQuery(const arrow::flight::ServerCallContext& context,
                                            const arrow::flight::sql::PreparedStatementQuery& command,
                                            arrow::flight::FlightMessageReader* reader,
                                            arrow::flight::FlightMetadataWriter* writer) override;
  arrow::Result<std::unique_ptr<arrow::flight::FlightInfo>> GetFlightInfoPreparedStatement(
      const arrow::flight::ServerCallContext& context, const arrow::flight::sql::PreparedStatementQuery& command,
      const arrow::flight::FlightDescriptor& descriptor) override;
  arrow::Result<std::unique_ptr<arrow::flight::FlightDataStream>> DoGetPreparedStatement(
      const arrow::flight::ServerCallContext& context, const arrow::flight::sql::PreparedStatementQuery& command) override;

  // Close what waited longer than its life; somebody calls this every so often.
  void sweep();
  // Drop everything that waits (the server stops).
  void clear();

 private:
  // What lives between two calls: a prepared statement with its parameters, and a started query that waits for DoGet.
  struct Statement {
    TenantId tenant;
    std::shared_ptr<StatementPlaces::Place> place;  // of a prepared one; a started query holds its own
    std::string sql;
    bool prepared = false;  // stays after DoGet
    std::vector<std::pair<std::string, Value>> parameters;
    std::unique_ptr<QueryReader> started;
    TimePoint used_at;
  };
  using Statements = std::map<std::string, Statement>;  // by handle

  std::string keep(Statement statement);
  // Takes its place before anything is planned.
  arrow::Result<std::unique_ptr<QueryReader>> start(const Caller& caller, const std::string& sql,
                                                    std::vector<std::pair<std::string, Value>> parameters);
  // Call use(entry) under the lock, which returns what to close once it is let go; not_found for another tenant's handle as for none.
  arrow::Status with(const TenantId& tenant, const std::string& handle, const std::function<Statement(Statements::iterator)>& use);
  Statement take(Statements::iterator entry);
  arrow::Result<std::unique_ptr<arrow::flight::FlightInfo>> info_of(const arrow::Schema& schema,
                                                                    const arrow::flight::FlightDescriptor& descriptor,
                                                                    std::string ticket) const;
  arrow::Result<std::unique_ptr<arrow::flight::FlightDataStream>> serve(const arrow::flight::ServerCallContext& context,
                                                                        std::unique_ptr<QueryReader> reader);

  DuckDBRepository& repository_;
  Clock& clock_;
  Watchdog& watchdog_;
  const FlightServerOptions& options_;
  StatementPlaces places_;
  std::mutex mutex_;
  Statements statements_;  // what leaves it is closed without the lock: closing a query waits for its engine
};

}  // namespace letterlock::flight
