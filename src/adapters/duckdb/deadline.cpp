#include "adapters/duckdb/running_query.h"

namespace letterlock::duckdb_adapter {
namespace {

constexpr std::chrono::hours life_max{1};

}  // namespace

Deadline::Deadline(duckdb::Connection& connection, std::chrono::milliseconds timeout)
    : context_(connection.context),
      life_end_(std::chrono::steady_clock::now() + life_max),
      left_(timeout),
      resumed_at_(std::chrono::steady_clock::now()),
      thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

Deadline::~Deadline() {
  thread_.request_stop();
  thread_.join();
}

void Deadline::pause() {
  const std::lock_guard lock(mutex_);
  if (!running_) return;
  left_ -= std::chrono::steady_clock::now() - resumed_at_;
  running_ = false;
  ++changes_;
  woken_.notify_all();
}

void Deadline::resume() {
  const std::lock_guard lock(mutex_);
  if (running_) return;
  resumed_at_ = std::chrono::steady_clock::now();
  running_ = true;
  ++changes_;
  woken_.notify_all();
}

void Deadline::run(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const SteadyTime end = running_ ? std::min(resumed_at_ + left_, life_end_) : life_end_;
    const bool changed = woken_.wait_until(lock, stop, end, [this, seen = changes_] { return changes_ != seen; });
    if (changed || stop.stop_requested()) continue;
    passed_ = true;
    if (const auto context = context_.lock()) context->Interrupt();
    return;
  }
}

}  // namespace letterlock::duckdb_adapter
