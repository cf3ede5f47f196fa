#include "adapters/flight/query_reader.h"

#include <arrow/c/bridge.h>
#include <arrow/util/byte_size.h>

#include <algorithm>
#include <utility>

#include "adapters/flight/append_codec.h"
#include "adapters/flight/flight_status.h"

namespace letterlock::flight {

Watchdog::Watchdog(std::chrono::milliseconds poll, Metrics& metrics)
    : metrics_(metrics), thread_([this, poll](std::stop_token stop) { run(std::move(stop), poll); }) {}

Watchdog::~Watchdog() {
  thread_.request_stop();
  thread_.join();
}

std::unique_ptr<Watchdog::Guard> Watchdog::watch(const arrow::flight::ServerCallContext& context, QueryStream& stream) {
  const std::lock_guard lock(mutex_);
  watched_.push_front({.context = &context, .stream = &stream});
  count_running();
  changed_.notify_all();
  return std::make_unique<Guard>(*this, watched_.begin());
}

Watchdog::Guard::~Guard() {
  const std::lock_guard lock(dog_.mutex_);
  dog_.watched_.erase(entry_);
  dog_.count_running();
}

void Watchdog::count_running() {
  metrics_.gauge("letterlock_flight_queries_running", "Queries whose rows are being sent", {}, static_cast<double>(watched_.size()));
}

void Watchdog::cancel_all() {
  const std::lock_guard lock(mutex_);
  for (const Watched& call : watched_) call.stream->cancel();
}

void Watchdog::run(std::stop_token stop, std::chrono::milliseconds poll) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    changed_.wait(lock, stop, [&] { return !watched_.empty(); });
    for (Watched& call : watched_) {
      if (!call.context->is_cancelled()) continue;
      call.stream->cancel();
      if (!std::exchange(call.abandoned, true))
        metrics_.count("letterlock_flight_queries_abandoned_total", "Queries stopped because their client was gone");
    }
    changed_.wait_for(lock, stop, poll, [] { return false; });
  }
}

arrow::Result<std::unique_ptr<QueryReader>> QueryReader::open(std::unique_ptr<QueryStream> stream,
                                                              std::shared_ptr<StatementPlaces::Place> place) {
  ArrowSchema exported{};
  FLIGHT_TRY(stream->schema(&exported));
  ARROW_ASSIGN_OR_RAISE(auto schema, arrow::ImportSchema(&exported));
  return std::make_unique<QueryReader>(std::move(stream), std::move(schema), std::move(place));
}

arrow::Status QueryReader::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  batch->reset();
  while (!rest_ || rest_->num_rows() == 0) {
    ArrowArray exported{};
    const bool more = FLIGHT_TRY(stream_->next(&exported));
    if (!more) return arrow::Status::OK();
    ARROW_ASSIGN_OR_RAISE(rest_, arrow::ImportRecordBatch(&exported, schema_));
  }
  // Halve until it fits; a batch's bytes are counted over its slice, not over its buffers.
  std::int64_t rows = rest_->num_rows();
  while (rows > 1) {
    ARROW_ASSIGN_OR_RAISE(const std::int64_t bytes, arrow::util::ReferencedBufferSize(*rest_->Slice(0, rows)));
    if (bytes <= batch_bytes_max) break;
    rows = std::max<std::int64_t>(1, rows / (bytes / batch_bytes_max + 1));
  }
  *batch = rest_->Slice(0, rows);
  rest_ = rest_->Slice(rows);
  return arrow::Status::OK();
}

}  // namespace letterlock::flight
