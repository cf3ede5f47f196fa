#include "adapters/duckdb/running_query.h"

namespace letterlock::duckdb_adapter {
namespace {

constexpr std::chrono::hours life_max{1};
constexpr std::chrono::seconds interrupted_again_after{1};

}  // namespace

Deadline::Deadline(const TenantDatabase& database, duckdb::Connection& connection, std::string sql_sha256,
                   std::chrono::milliseconds timeout)
    : tenant_(database.tenant()),
      sql_sha256_(std::move(sql_sha256)),
      overdue_(database.overdue()),
      context_(connection.context),
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

void Deadline::expire() {
  const std::lock_guard lock(mutex_);
  if (!passed_) pass(std::chrono::steady_clock::now());
  ++changes_;
  woken_.notify_all();
}

void Deadline::pass(SteadyTime now) {
  passed_ = true;
  passed_at_ = now;
  if (const auto context = context_.lock()) context->Interrupt();
}

void Deadline::run(std::stop_token stop) {
  bool is_overdue = false;
  std::unique_lock lock(mutex_);
  const auto late = [&] { return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - passed_at_); };
  while (!stop.stop_requested()) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (!passed_ && now >= (running_ ? std::min(resumed_at_ + left_, life_end_) : life_end_)) pass(now);
    if (passed_ && running_) {
      if (const auto context = context_.lock()) context->Interrupt();
      if (!is_overdue && late() >= overdue_->after()) {
        is_overdue = true;
        overdue_->add(tenant_, sql_sha256_);
      }
    } else if (is_overdue) {
      is_overdue = false;
      overdue_->remove(tenant_, sql_sha256_, late());
    }
    SteadyTime next = running_ ? std::min(resumed_at_ + left_, life_end_) : life_end_;
    if (passed_) next = running_ ? now + interrupted_again_after : SteadyTime::max();
    if (passed_ && running_ && !is_overdue) next = std::min(next, passed_at_ + overdue_->after());
    woken_.wait_until(lock, stop, next, [this, seen = changes_] { return changes_ != seen; });
  }
  if (is_overdue) overdue_->remove(tenant_, sql_sha256_, late());
}

}  // namespace letterlock::duckdb_adapter
