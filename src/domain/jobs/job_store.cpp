#include "domain/jobs/job_store.h"

#include "adapters/postgres/session.h"

namespace letterlock {
namespace {

constexpr std::int64_t leader_lock = 0x6c6574746572;  // "letter": one leader per database

// Columns of every statement below that returns jobs.
const std::string job_columns = "job_id, tenant_id, coalesce(connection_id::text, ''), kind, attempt";

Result<JobMessage> message_of(const postgres::Row& row) {
  const auto kind = job_kind_from(row.text(3));
  if (!kind) return fail(ErrorKind::internal, "jobs: unknown kind " + row.text(3));
  return JobMessage{.job_id = JobId(row.text(0)),
                    .tenant_id = TenantId(row.text(1)),
                    .connection_id = ConnectionId(row.text(2)),
                    .kind = *kind,
                    .attempt = static_cast<int>(row.integer(4))};
}

Result<std::vector<JobMessage>> messages_of(const postgres::Rows& rows) {
  std::vector<JobMessage> messages;
  for (const postgres::Row& row : rows.rows) messages.push_back(TRY(message_of(row)));
  return messages;
}

}  // namespace

Result<int> JobStore::insert_due(int limit) {
  return pool_.compute<int>("", [&](postgres::Transaction& transaction) -> Result<int> {
    // Due rows are locked, those that another scheduler holds are passed over. next_due_at counts from now, so that an
    // installation that was down does not work through every turn it missed.
    const auto inserted = TRY(transaction.run(
        "WITH due AS (SELECT connection_id, tenant_id FROM connections c WHERE NOT paused AND NOT suspended AND next_due_at <= "
        "$1::timestamptz AND NOT "
        "EXISTS "
        "  (SELECT FROM jobs j WHERE j.connection_id = c.connection_id AND j.kind = 'ingestion' AND j.state IN ('queued', 'running')) "
        "  ORDER BY next_due_at LIMIT $2::int FOR UPDATE SKIP LOCKED), "
        "turned AS (UPDATE connections c SET next_due_at = $1::timestamptz + make_interval(secs => interval_seconds * (1 + 0.1 * "
        "random())) "
        "  FROM due WHERE c.connection_id = due.connection_id RETURNING c.connection_id, c.tenant_id) "
        "INSERT INTO jobs (job_id, tenant_id, connection_id, kind, not_before, created_at) "
        "SELECT gen_random_uuid(), tenant_id, connection_id, 'ingestion', $1::timestamptz, $1::timestamptz FROM turned "
        "ON CONFLICT DO NOTHING RETURNING job_id",
        {clock_.now(), limit}));
    return static_cast<int>(inserted.rows.size());
  });
}

Result<std::vector<JobMessage>> JobStore::unpublished(int limit, std::chrono::seconds republish_after) {
  return pool_.compute<std::vector<JobMessage>>("", [&](postgres::Transaction& transaction) -> Result<std::vector<JobMessage>> {
    return messages_of(
        TRY(transaction.run("SELECT " + job_columns +
                                " FROM jobs WHERE state = 'queued' AND not_before <= $1::timestamptz AND "
                                "(published_at IS NULL OR published_at < $2::timestamptz) ORDER BY not_before, created_at LIMIT $3::int",
                            {clock_.now(), clock_.now() - republish_after, limit})));
  });
}

Result<void> JobStore::mark_confirmed(const std::vector<JobMessage>& messages) {
  if (messages.empty()) return {};
  std::vector<std::string> ids;
  for (const JobMessage& message : messages) ids.push_back(message.job_id.str());
  return pool_.transact("", [&](postgres::Transaction& transaction) -> Result<void> {
    // A job that was claimed, finished or queued again meanwhile is left alone.
    std::string attempts = "{";
    for (const JobMessage& message : messages) attempts += (attempts.size() > 1 ? "," : "") + std::to_string(message.attempt);
    attempts += "}";
    TRY(
        transaction.run("UPDATE jobs SET published_at = $1::timestamptz FROM unnest($2::uuid[], $3::int[]) AS confirmed (id, attempt) "
                        "WHERE job_id = confirmed.id AND jobs.attempt = confirmed.attempt AND state = 'queued'",
                        {clock_.now(), postgres::to_text_array(ids), attempts}));
    return {};
  });
}

Result<ReapedJobs> JobStore::reap() {
  return pool_.compute<ReapedJobs>("", [&](postgres::Transaction& transaction) -> Result<ReapedJobs> {
    ReapedJobs reaped;
    const auto dead = TRY(transaction.run(
        "UPDATE jobs SET state = 'dead', finished_at = $1::timestamptz, lease_id = NULL, lease_expires_at = NULL, "
        "reason = 'the worker ' || lease_worker || ' fell silent ' || attempt || ' times; the last lease ended at ' || lease_expires_at "
        "WHERE state = 'running' AND lease_expires_at < $1::timestamptz AND attempt >= attempts_max RETURNING job_id",
        {clock_.now()}));
    reaped.dead = static_cast<int>(dead.rows.size());
    // An analysis that would go back beside a queued one, or beside another that goes back now, is done by that one: the
    // watermark has not moved.
    TRY(
        transaction.run("UPDATE jobs SET state = 'done', finished_at = $1::timestamptz, lease_id = NULL, lease_expires_at = NULL, "
                        "reason = 'its lease ran out; a queued analysis of the same tenant takes over' "
                        "WHERE state = 'running' AND kind = 'analysis' AND lease_expires_at < $1::timestamptz AND EXISTS "
                        "(SELECT FROM jobs q WHERE q.tenant_id = jobs.tenant_id AND q.kind = 'analysis' AND (q.state = 'queued' "
                        "OR (q.state = 'running' AND q.lease_expires_at < $1::timestamptz AND q.job_id < jobs.job_id)))",
                        {clock_.now()}));
    const auto again = TRY(transaction.run(
        "UPDATE jobs SET state = 'queued', attempt = attempt + 1, published_at = NULL, not_before = $1::timestamptz, lease_id = NULL, "
        "lease_expires_at = NULL, reason = 'the worker ' || lease_worker || ' fell silent' "
        "WHERE state = 'running' AND lease_expires_at < $1::timestamptz RETURNING job_id",
        {clock_.now()}));
    reaped.queued_again = static_cast<int>(again.rows.size());
    TRY(transaction.run("SELECT settle_held_jobs($1::timestamptz)", {clock_.now()}));
    return reaped;
  });
}

Result<std::vector<DeadJob>> JobStore::dead_where(const std::string& condition, int limit) {
  return pool_.compute<std::vector<DeadJob>>("", [&](postgres::Transaction& transaction) -> Result<std::vector<DeadJob>> {
    const auto rows = TRY(transaction.run(
        "SELECT " + job_columns + ", reason, finished_at FROM jobs WHERE " + condition + " ORDER BY finished_at LIMIT $1::int", {limit}));
    std::vector<DeadJob> dead;
    for (const postgres::Row& row : rows.rows)
      dead.push_back({.message = TRY(message_of(row)), .reason = row.text(5), .finished_at = row.time(6).value_or(TimePoint{})});
    return dead;
  });
}

Result<std::vector<DeadJob>> JobStore::dead(int limit) { return dead_where("state = 'dead'", limit); }

Result<std::vector<DeadJob>> JobStore::dead_untold(int limit) { return dead_where("state = 'dead' AND dead_letter_at IS NULL", limit); }

Result<void> JobStore::mark_told(const JobId& job) {
  return pool_.transact("", [&](postgres::Transaction& transaction) -> Result<void> {
    TRY(transaction.run("UPDATE jobs SET dead_letter_at = $2::timestamptz WHERE job_id = $1::uuid AND state = 'dead'",
                        {job, clock_.now()}));
    return {};
  });
}

Result<JobMessage> JobStore::replay(const JobId& job) {
  return pool_.compute<JobMessage>("", [&](postgres::Transaction& transaction) -> Result<JobMessage> {
    const auto replayed =
        TRY(transaction.run("UPDATE jobs SET state = 'queued', attempt = 1, published_at = NULL, not_before = $2::timestamptz, "
                            "finished_at = NULL, dead_letter_at = NULL WHERE job_id = $1::uuid AND state = 'dead' RETURNING " +
                                job_columns,
                            {job, clock_.now()}));
    if (replayed.empty()) return fail(ErrorKind::conflict, "job " + job.str() + " is not dead, or does not exist");
    return message_of(replayed.front());
  });
}

Result<std::int64_t> JobStore::sweep() {
  return pool_.compute<std::int64_t>("", [&](postgres::Transaction& transaction) -> Result<std::int64_t> {
    return TRY(transaction.run("SELECT sweep($1::timestamptz)", {clock_.now()})).front().integer(0);
  });
}

Result<JobStore::Swept> JobStore::sweep_old(const KeptFor& kept, int most) {
  return pool_.compute<Swept>("", [&](postgres::Transaction& transaction) -> Result<Swept> {
    const auto rows =
        TRY(transaction.run("SELECT jobs_swept, audit_swept, sessions_swept FROM sweep_kept($1::timestamptz, make_interval(days => "
                            "$2::int), make_interval(days "
                            "=> $3::int), $4::int)",
                            {clock_.now(), static_cast<int>(kept.jobs.count()), static_cast<int>(kept.audit.count()), most}));
    return Swept{.jobs = rows.front().integer(0), .audit = rows.front().integer(1), .sessions = rows.front().integer(2)};
  });
}

Result<InstallationLag> JobStore::analysis_lag() {
  return pool_.compute<InstallationLag>("", [&](postgres::Transaction& transaction) -> Result<InstallationLag> {
    const auto rows = TRY(transaction.run("SELECT tenants_behind, rows_behind, behind_since FROM analysis_lag()"));
    const auto& row = rows.front();
    return InstallationLag{.tenants_behind = row.integer(0), .rows_behind = row.integer(1), .behind_since = row.time(2)};
  });
}

struct Leader::Impl {
  std::string url;
  std::unique_ptr<postgres::Session> session;
  bool leads = false;
};

Leader::Leader(std::string url) : impl_(std::make_unique<Impl>()) { impl_->url = std::move(url); }
Leader::~Leader() = default;

Result<bool> Leader::hold() {
  if (!impl_->session) {
    impl_->session = TRY(postgres::Session::connect(impl_->url));
    TRY(impl_->session->listen("jobs"));
  }
  // A lost connection lost the lock too: start anew the next time.
  const auto held = [&]() -> Result<bool> {
    if (impl_->leads) {
      TRY(impl_->session->check());
      return true;
    }
    return impl_->session->try_lock(leader_lock);
  }();
  impl_->leads = held && *held;
  if (!held) impl_->session.reset();
  return held;
}

void Leader::release() {
  impl_->leads = false;
  impl_->session.reset();
}

bool Leader::wait(std::chrono::milliseconds timeout) {
  if (!impl_->session) return false;
  const auto woken = impl_->session->wait(timeout);
  if (!woken) release();
  return woken && *woken;
}

}  // namespace letterlock
