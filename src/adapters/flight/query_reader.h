#pragma once

// A running query as an Arrow stream: batches as DuckDB makes them, cut to at most batch_bytes_max, with errors mapped
// and the query stopped when the client is gone. Internal to this adapter.

#include <arrow/api.h>
#include <arrow/flight/server.h>

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "adapters/duckdb/duckdb_repository.h"
#include "adapters/duckdb/query_stream.h"
#include "adapters/flight/statement_places.h"
#include "base/clock.h"
#include "base/metrics.h"

namespace letterlock::flight {

// Looks at every running call every so often and cancels the queries of those whose client went away: DuckDB computing
// does not notice by itself. One thread; owned by the server.
class Watchdog {
 public:
  Watchdog(std::chrono::milliseconds poll, Metrics& metrics);
  ~Watchdog();

  struct Watched {
    const arrow::flight::ServerCallContext* context;
    QueryStream* stream;
    bool abandoned = false;
  };

  // Keep an eye on a call until the returned guard goes.
  class Guard {
   public:
    Guard(Watchdog& dog, std::list<Watched>::iterator entry) : dog_(dog), entry_(entry) {}
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Watchdog& dog_;
    std::list<Watched>::iterator entry_;
  };
  std::unique_ptr<Guard> watch(const arrow::flight::ServerCallContext& context, QueryStream& stream);
  void cancel_all();

 private:
  void run(std::stop_token stop, std::chrono::milliseconds poll);
  void count_running();  // under the mutex

  Metrics& metrics_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::list<Watched> watched_;
  std::jthread thread_;
};

class QueryReader final : public arrow::RecordBatchReader {
 public:
  QueryReader(std::unique_ptr<QueryStream> stream, std::shared_ptr<arrow::Schema> schema, std::shared_ptr<StatementPlaces::Place> place)
      : place_(std::move(place)), stream_(std::move(stream)), schema_(std::move(schema)) {}

  // Stops the engine first: closing a result waits for its workers, and they compute on without being told.
  ~QueryReader() override { stream_->cancel(); }

  // Take the schema from the stream. The place is held until the engine has let go of the statement.
  static arrow::Result<std::unique_ptr<QueryReader>> open(std::unique_ptr<QueryStream> stream,
                                                          std::shared_ptr<StatementPlaces::Place> place);
  // The call that reads from now on.
  void serve(const arrow::flight::ServerCallContext& context, Watchdog& dog) { guard_ = dog.watch(context, *stream_); }

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;

 private:
  std::shared_ptr<StatementPlaces::Place> place_;  // goes last
  std::unique_ptr<QueryStream> stream_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<Watchdog::Guard> guard_;  // goes before the stream it watches
  std::shared_ptr<arrow::RecordBatch> rest_;
};

}  // namespace letterlock::flight
