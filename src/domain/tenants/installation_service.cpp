#include "domain/tenants/installation_service.h"

#include <algorithm>

#include "base/page_cursor.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

Error no_tenant(const TenantId& tenant) { return {.kind = ErrorKind::not_found, .message = "tenant " + tenant.str() + " does not exist"}; }

constexpr std::string_view status_columns =
    "SELECT tenant_id, name, state, created_at, connections, connections_broken, mailboxes_total, mailboxes_failed, jobs_dead, "
    "last_sync_at, alerts_open FROM list_tenant_health($1::uuid)";

TenantStatus status_of(const Row& row) {
  return {.tenant_id = TenantId(row.text(0)),
          .name = row.text(1),
          .state = row.text(2),
          .created_at = row.time(3).value_or(TimePoint{}),
          .connections = row.integer(4),
          .connections_broken = row.integer(5),
          .mailboxes_total = row.integer(6),
          .mailboxes_failed = row.integer(7),
          .jobs_dead = row.integer(8),
          .last_sync_at = row.time(9),
          .alerts_open = row.integer(10)};
}

}  // namespace

Result<std::vector<TenantStatus>> InstallationService::tenants() {
  return pool_.compute<std::vector<TenantStatus>>("", [&](Transaction& transaction) -> Result<std::vector<TenantStatus>> {
    std::vector<TenantStatus> tenants;
    for (const Row& row : TRY(transaction.run(status_columns, {std::nullopt})).rows) tenants.push_back(status_of(row));
    return tenants;
  });
}

Result<TenantHealth> InstallationService::health(const TenantId& tenant) {
  if (!is_uuid(tenant.str())) return fail(no_tenant(tenant));
  TenantHealth health;
  TRY(pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    const auto rows = TRY(transaction.run(status_columns, {tenant}));
    if (rows.empty()) return fail(no_tenant(tenant));
    health.tenant = status_of(rows.front());
    const auto people =
        TRY(transaction.run("SELECT count(*), count(*) FILTER (WHERE role = 'owner') FROM people WHERE tenant_id = $1::uuid", {tenant}));
    health.people = people.front().integer(0);
    health.owners = people.front().integer(1);
    return {};
  }));
  health.coverage = TRY(mailboxes_.coverage(tenant));
  return health;
}

Result<void> InstallationService::change(const TenantId& tenant, const TenantChange& change) {
  if (!change.name && !change.state) return fail(ErrorKind::invalid, "Nothing to change: send a name or a state.");
  if (change.name && (change.name->empty() || change.name->size() > 200)) return fail(ErrorKind::invalid, "name: 1 to 200 bytes");
  if (change.state && *change.state != "active" && *change.state != "suspended")
    return fail(ErrorKind::invalid, "state: active or suspended");
  if (!is_uuid(tenant.str())) return fail(no_tenant(tenant));
  const auto now = clock_.now();
  auto changed = pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    const auto updated = TRY(transaction.run(
        "UPDATE tenants SET name = coalesce($2, name), state = coalesce($3, state) WHERE tenant_id = $1::uuid AND state <> 'deleted'",
        {tenant, change.name, change.state}));
    if (updated.affected == 0) return fail(no_tenant(tenant));
    if (!change.state) return {};
    const bool suspended = *change.state == "suspended";
    TRY(transaction.run("UPDATE connections SET suspended = $2::boolean WHERE tenant_id = $1::uuid", {tenant, suspended}));
    if (suspended)
      TRY(transaction.run("UPDATE jobs SET not_before = 'infinity' WHERE tenant_id = $1::uuid AND state = 'queued'", {tenant}));
    else
      TRY(
          transaction.run("UPDATE jobs SET not_before = $2::timestamptz, published_at = NULL WHERE tenant_id = $1::uuid AND state = "
                          "'queued' AND not_before = 'infinity'",
                          {tenant, now}));
    TRY(transaction.run("SELECT pg_notify('jobs', '')"));
    return {};
  });
  if (!changed && changed.error().code == "unique")
    return fail(Error{.kind = ErrorKind::conflict, .message = "the tenant's name is taken: " + *change.name, .code = "name_taken"});
  return changed;
}

Result<Installation> InstallationService::installation() {
  return pool_.compute<Installation>("", [&](Transaction& transaction) -> Result<Installation> {
    Installation installation;
    const auto counted = TRY(transaction.run("SELECT tenants, suspended FROM count_tenants()"));
    installation.tenants = counted.front().integer(0);
    installation.tenants_suspended = counted.front().integer(1);
    const auto rows = TRY(transaction.run(
        "SELECT kind, queued, waiting, running, dead, done_last_hour, oldest_queued_at FROM count_installation_jobs($1::timestamptz)",
        {clock_.now()}));
    for (const Row& row : rows.rows)
      installation.queues.push_back({.kind = job_kind_from(row.text(0)).value_or(JobKind::ingestion),
                                     .queued = row.integer(1),
                                     .waiting = row.integer(2),
                                     .running = row.integer(3),
                                     .dead = row.integer(4),
                                     .done_last_hour = row.integer(5),
                                     .oldest_queued_at = row.time(6)});
    const auto lag = TRY(transaction.run("SELECT tenants_behind, rows_behind, behind_since FROM analysis_lag()"));
    installation.tenants_behind = lag.front().integer(0);
    installation.rows_behind = lag.front().integer(1);
    installation.analysis_behind_since = lag.front().time(2);
    installation.storage = TRY(storage_health(transaction));
    return installation;
  });
}

Result<InstallationJobPage> InstallationService::jobs(const InstallationJobFilter& filter) {
  std::optional<std::string> state, tenant;
  if (filter.state) state = to_string(*filter.state);
  if (filter.tenant_id) {
    if (!is_uuid(filter.tenant_id->str())) return fail(ErrorKind::invalid, "tenant_id: not an id");
    tenant = filter.tenant_id->str();
  }
  const auto before = TRY(page_start(filter.cursor));
  return pool_.compute<InstallationJobPage>("", [&](Transaction& transaction) -> Result<InstallationJobPage> {
    const auto rows = TRY(
        transaction.run("SELECT job_id, tenant_id, tenant_name, connection_id, kind, state, attempt, reason, created_at, finished_at FROM "
                        "list_installation_jobs($1, $2::uuid, $3::timestamptz, $4::uuid, $5::int)",
                        {state, tenant, before.at, before.id, filter.limit + 1}));
    InstallationJobPage page;
    for (const Row& row : rows.rows) {
      page.jobs.push_back({.job_id = JobId(row.text(0)),
                           .tenant_id = TenantId(row.text(1)),
                           .tenant_name = row.text(2),
                           .kind = job_kind_from(row.text(4)).value_or(JobKind::ingestion),
                           .state = job_state_from(row.text(5)).value_or(JobState::dead),
                           .attempt = static_cast<int>(row.integer(6)),
                           .reason = row.text(7),
                           .created_at = row.time(8).value_or(TimePoint{}),
                           .finished_at = row.time(9)});
      if (!row.is_null(3)) page.jobs.back().connection_id = ConnectionId(row.text(3));
    }
    page.next_cursor = cut_page(page.jobs, filter.limit,
                                [](const InstallationJob& last) { return PagePlace{.at = last.created_at, .id = last.job_id.str()}; });
    return page;
  });
}

Result<TenantId> InstallationService::tenant_of(const JobId& job) {
  const auto none = [&] { return fail(ErrorKind::not_found, "job " + job.str() + " does not exist"); };
  if (!is_uuid(job.str())) return none();
  return pool_.compute<TenantId>("", [&](Transaction& transaction) -> Result<TenantId> {
    const auto rows = TRY(transaction.run("SELECT tenant_of_job($1::uuid)", {job}));
    if (rows.front().is_null(0)) return none();
    return TenantId(rows.front().text(0));
  });
}

}  // namespace letterlock
