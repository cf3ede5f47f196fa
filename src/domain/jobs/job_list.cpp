#include "domain/jobs/job_list.h"

#include "base/page_cursor.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::string_view columns =
    "SELECT job_id, connection_id, kind, state, attempt, attempts_max, reason, CASE WHEN state = 'queued' THEN not_before END, created_at, "
    "started_at, finished_at, counters->>'messages_stored', counters->>'messages_removed', counters->>'messages_set_aside', "
    "counters->>'users_seen' FROM jobs WHERE tenant_id = $1::uuid";

JobStatus job_of(const Row& row) {
  JobStatus job{.job_id = JobId(row.text(0)),
                .kind = job_kind_from(row.text(2)).value_or(JobKind::ingestion),
                .state = job_state_from(row.text(3)).value_or(JobState::dead),
                .attempt = static_cast<int>(row.integer(4)),
                .attempts_max = static_cast<int>(row.integer(5)),
                .reason = row.text(6),
                .not_before = row.time(7),
                .created_at = row.time(8).value_or(TimePoint{}),
                .started_at = row.time(9),
                .finished_at = row.time(10)};
  if (!row.is_null(1)) job.connection_id = ConnectionId(row.text(1));
  if (!row.is_null(11))
    job.progress = JobProgress{.messages_stored = row.integer(11),
                               .messages_removed = row.integer(12),
                               .messages_set_aside = row.integer(13),
                               .users_seen = row.integer(14)};
  return job;
}

Error no_job(const JobId& job) { return {.kind = ErrorKind::not_found, .message = "job " + job.str() + " does not exist"}; }

}  // namespace

Result<JobPage> JobList::list(const TenantId& tenant, const JobFilter& filter) {
  if (filter.limit < 1 || filter.limit > 1'000) return fail(ErrorKind::invalid, "limit: 1 to 1000");
  std::string sql(columns);
  std::vector<postgres::Param> params{tenant};
  const auto add = [&](postgres::Param value) {
    params.push_back(std::move(value));
    return "$" + std::to_string(params.size());
  };
  if (filter.state) sql += " AND state = " + add(to_string(*filter.state));
  if (filter.kind) sql += " AND kind = " + add(to_string(*filter.kind));
  if (filter.connection_id) {
    if (!is_uuid(filter.connection_id->str())) return fail(ErrorKind::invalid, "connection_id: not an id");
    sql += " AND connection_id = " + add(*filter.connection_id) + "::uuid";
  }
  if (filter.cursor) {
    const auto place = TRY(page_place_from(*filter.cursor));
    const auto time = add(place.at);
    sql += " AND (created_at, job_id) < (" + time + "::timestamptz, " + add(place.id) + "::uuid)";
  }
  sql += " ORDER BY created_at DESC, job_id DESC LIMIT " + add(filter.limit + 1) + "::int";
  return pool_.compute<JobPage>(tenant.str(), [&](Transaction& transaction) -> Result<JobPage> {
    JobPage page;
    for (const Row& row : TRY(transaction.run(sql, params)).rows) page.jobs.push_back(job_of(row));
    page.next_cursor =
        cut_page(page.jobs, filter.limit, [](const JobStatus& last) { return PagePlace{.at = last.created_at, .id = last.job_id.str()}; });
    return page;
  });
}

Result<JobStatus> JobList::get(const TenantId& tenant, const JobId& job) {
  if (!is_uuid(job.str())) return fail(no_job(job));
  return pool_.compute<JobStatus>(tenant.str(), [&](Transaction& transaction) -> Result<JobStatus> {
    const auto rows = TRY(transaction.run(std::string(columns) + " AND job_id = $2::uuid", {tenant, job}));
    if (rows.empty()) return fail(no_job(job));
    return job_of(rows.front());
  });
}

Result<std::vector<JobStatus>> JobList::active(const TenantId& tenant) {
  return pool_.compute<std::vector<JobStatus>>(tenant.str(), [&](Transaction& transaction) -> Result<std::vector<JobStatus>> {
    std::vector<JobStatus> jobs;
    const auto rows =
        TRY(transaction.run(std::string(columns) + " AND state IN ('queued', 'running') AND connection_id IS NOT NULL", {tenant}));
    for (const Row& row : rows.rows) jobs.push_back(job_of(row));
    return jobs;
  });
}

Result<void> JobList::replay(const TenantId& tenant, const JobId& job) {
  TRY(get(tenant, job));
  auto replayed = pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    const auto changed = TRY(
        transaction.run("UPDATE jobs SET state = 'queued', attempt = 1, published_at = NULL, not_before = $3::timestamptz, finished_at = "
                        "NULL, dead_letter_at = NULL WHERE tenant_id = $1::uuid AND job_id = $2::uuid AND state = 'dead'",
                        {tenant, job, clock_.now()}));
    if (changed.affected == 0) return fail(ErrorKind::conflict, "job " + job.str() + " is not dead");
    TRY(transaction.run("SELECT pg_notify('jobs', '')"));
    return {};
  });
  if (!replayed && replayed.error().code == "unique")
    return fail(ErrorKind::conflict, "another job of its connection, or of its kind, is active: that one does the work");
  return replayed;
}

}  // namespace letterlock
