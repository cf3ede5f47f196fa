#include "domain/tenants/mailbox_list.h"

#include "base/page_cursor.h"
#include "domain/tenants/storage_health.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

Mailbox mailbox_of(const Row& row) {
  return {.mailbox_id = MailboxId(row.text(0)),
          .connection_id = ConnectionId(row.text(1)),
          .address = row.text(2),
          .state = mailbox_state_from(row.text(3)).value_or(MailboxState::failed),
          .reason = row.text(4),
          .messages_stored = row.integer(5),
          .messages_set_aside = row.integer(6),
          .caught_up = row.boolean(7),
          .updated_at = row.time(8),
          .last_read_at = row.time(9)};
}

}  // namespace

Result<MailboxPage> MailboxList::list(const TenantId& tenant, const MailboxFilter& filter) {
  if (filter.limit < 1 || filter.limit > 1'000) return fail(ErrorKind::invalid, "limit: 1 to 1000");
  for (const auto& state : filter.states)
    if (!mailbox_state_from(state)) return fail(ErrorKind::invalid, "state: active, no_mailbox, suspended or failed");
  std::string sql =
      "SELECT mailbox_id, connection_id, address, state, reason, messages_stored, messages_set_aside, caught_up, updated_at, last_read_at "
      "FROM mailbox_progress WHERE tenant_id = $1::uuid";
  std::vector<postgres::Param> params{tenant};
  const auto add = [&](postgres::Param value) {
    params.push_back(std::move(value));
    return "$" + std::to_string(params.size());
  };
  if (filter.connection_id) {
    if (!is_uuid(filter.connection_id->str())) return fail(ErrorKind::not_found, "connection_id: there is no such connection");
    sql += " AND connection_id = " + add(*filter.connection_id) + "::uuid";
  }
  if (!filter.states.empty()) sql += " AND state = ANY(" + add(postgres::to_text_array(filter.states)) + "::text[])";
  if (filter.caught_up) sql += " AND caught_up = " + add(*filter.caught_up) + "::boolean";
  if (filter.search) sql += " AND strpos(lower(address), lower(" + add(*filter.search) + ")) > 0";
  if (filter.cursor) {
    const auto place = TRY(text_place_from(*filter.cursor));
    const auto address = add(place.text);
    sql += " AND (address, mailbox_id) > (" + address + ", " + add(place.id) + ")";
  }
  sql += " ORDER BY address, mailbox_id LIMIT " + add(filter.limit + 1) + "::int";
  return pool_.compute<MailboxPage>(tenant.str(), [&](Transaction& transaction) -> Result<MailboxPage> {
    if (filter.connection_id && TRY(transaction.run("SELECT 1 FROM connections WHERE tenant_id = $1::uuid AND connection_id = $2::uuid",
                                                    {tenant, *filter.connection_id}))
                                    .empty())
      return fail(ErrorKind::not_found, "connection " + filter.connection_id->str() + " does not exist");
    MailboxPage page;
    for (const Row& row : TRY(transaction.run(sql, params)).rows) page.mailboxes.push_back(mailbox_of(row));
    page.next_cursor = cut_page(page.mailboxes, filter.limit,
                                [](const Mailbox& last) { return TextPlace{.text = last.address, .id = last.mailbox_id.str()}; });
    return page;
  });
}

Result<Coverage> MailboxList::coverage(const TenantId& tenant) {
  return pool_.compute<Coverage>(tenant.str(), [&](Transaction& transaction) -> Result<Coverage> {
    Coverage coverage;
    const auto mailboxes = TRY(transaction.run(
        "SELECT count(*), count(*) FILTER (WHERE caught_up), count(*) FILTER (WHERE state = 'active' AND NOT caught_up), count(*) FILTER "
        "(WHERE state = 'no_mailbox'), count(*) FILTER (WHERE state = 'suspended'), count(*) FILTER (WHERE state = 'failed'), "
        "coalesce(sum(messages_stored), 0), coalesce(sum(messages_set_aside), 0) FROM mailbox_progress WHERE tenant_id = $1::uuid",
        {tenant}));
    const auto& row = mailboxes.front();
    coverage.mailboxes = {.total = row.integer(0),
                          .caught_up = row.integer(1),
                          .reading = row.integer(2),
                          .no_mailbox = row.integer(3),
                          .suspended = row.integer(4),
                          .failed = row.integer(5)};
    coverage.messages_stored = row.integer(6);
    coverage.messages_set_aside = row.integer(7);
    // A connection syncs while it never finished a sync, or one of its mailboxes is behind.
    const auto connections = TRY(transaction.run(
        "WITH c AS (SELECT last_sync_at, CASE WHEN paused THEN 'paused' WHEN state IN ('broken', 'stalled') THEN state WHEN state = 'new' "
        "OR EXISTS "
        "(SELECT FROM mailbox_progress m WHERE m.tenant_id = $1::uuid AND m.connection_id = connections.connection_id AND NOT m.caught_up "
        "AND m.state = 'active') THEN 'syncing' ELSE 'active' END AS state FROM connections WHERE tenant_id = $1::uuid) "
        "SELECT count(*), count(*) FILTER (WHERE state = 'active'), count(*) FILTER (WHERE state = 'syncing'), count(*) FILTER (WHERE "
        "state = 'broken'), count(*) FILTER (WHERE state = 'paused'), max(last_sync_at), count(*) FILTER (WHERE state = 'stalled') FROM c",
        {tenant}));
    const auto& counted = connections.front();
    coverage.connections = {.total = counted.integer(0),
                            .active = counted.integer(1),
                            .syncing = counted.integer(2),
                            .stalled = counted.integer(6),
                            .broken = counted.integer(3),
                            .paused = counted.integer(4)};
    coverage.last_sync_at = counted.time(5);
    const auto jobs = TRY(transaction.run(
        "SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'running'), count(*) FILTER (WHERE state = "
        "'dead') FROM jobs WHERE tenant_id = $1::uuid AND state IN ('queued', 'running', 'dead')",
        {tenant}));
    coverage.jobs = {.queued = jobs.front().integer(0), .running = jobs.front().integer(1), .dead = jobs.front().integer(2)};
    const auto lag = TRY(transaction.run(
        "SELECT greatest(newest_ingest_seq - ingest_seq, 0), behind_since, problem FROM watermarks WHERE tenant_id = $1::uuid", {tenant}));
    if (!lag.empty()) {
      coverage.analysis = {.rows_behind = lag.front().integer(0), .behind_since = lag.front().time(1), .problem = lag.front().text(2)};
      if (coverage.analysis.rows_behind == 0) coverage.analysis.behind_since.reset();
    }
    const auto storage = TRY(storage_health(transaction));
    coverage.storage_state = storage.state;
    coverage.storage_reported_at = storage.reported_at;
    coverage.is_covered = coverage.connections.total > 0 && coverage.connections.active == coverage.connections.total &&
                          coverage.mailboxes.reading == 0 && coverage.mailboxes.failed == 0 && storage.state != "disk_full" &&
                          storage.state != "unreadable";
    return coverage;
  });
}

}  // namespace letterlock
