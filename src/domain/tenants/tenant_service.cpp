#include "domain/tenants/tenant_service.h"

#include "domain/tenants/json_object.h"
#include "providers/factory.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::size_t data_key_bytes = 32;
constexpr std::size_t name_chars_max = 200;
constexpr std::size_t json_bytes_max = 64 * 1024;  // settings, secrets

Result<void> check_name(std::string_view what, const std::string& name) {
  if (name.empty() || name.size() > name_chars_max)
    return fail(ErrorKind::invalid, std::string(what) + ": 1 to " + std::to_string(name_chars_max) + " characters");
  return {};
}

// Says what is wrong, never what the text holds.
Result<void> check_object(std::string_view what, const std::string& json) {
  if (json.size() > json_bytes_max) return fail(ErrorKind::invalid, std::string(what) + ": longer than 64 KiB");
  if (!is_json_object(json)) return fail(ErrorKind::invalid, std::string(what) + ": not a JSON object");
  return {};
}

Result<void> check_interval(std::chrono::seconds interval) {
  if (interval < std::chrono::seconds(1) || interval > std::chrono::days(30))
    return fail(ErrorKind::invalid, "interval: 1 second to 30 days");
  return {};
}

template <class T>
Result<T> renamed(Result<T> result, const std::string& taken) {
  if (!result && result.error().code == "unique") return fail(Error{.kind = ErrorKind::conflict, .message = taken, .code = "name_taken"});
  return result;
}

Error no_connection(const ConnectionId& connection) {
  return {.kind = ErrorKind::not_found, .message = "connection " + connection.str() + " does not exist"};
}

// A row of a statement that starts with connection_columns.
const std::string connection_columns =
    "SELECT c.connection_id, c.name, c.provider, CASE WHEN c.paused THEN 'paused' ELSE c.state END, c.state_reason, c.last_sync_at, "
    "count(p.mailbox_id), count(*) FILTER (WHERE p.caught_up), coalesce(sum(p.messages_stored), 0), "
    "coalesce(sum(p.messages_set_aside), 0), c.interval_seconds, c.next_due_at, c.state_code, c.state_at FROM connections c LEFT JOIN "
    "mailbox_progress p USING "
    "(tenant_id, connection_id) "
    "WHERE c.tenant_id = $1::uuid ";

ConnectionStatus status_of(const Row& row) {
  return {.connection_id = ConnectionId(row.text(0)),
          .name = row.text(1),
          .provider = provider_kind_from(row.text(2)).value_or(ProviderKind::google),
          .state = row.text(3),
          .state_reason = row.text(4),
          .state_code = row.text(12),
          .state_at = row.time(13),
          .last_sync_at = row.time(5),
          .mailboxes_total = row.integer(6),
          .mailboxes_caught_up = row.integer(7),
          .messages_stored = row.integer(8),
          .messages_set_aside = row.integer(9),
          .interval = std::chrono::seconds(row.integer(10)),
          .next_due_at = row.time(11)};
}

Result<void> require_connection(Transaction& transaction, const TenantId& tenant, const ConnectionId& connection) {
  if (!is_uuid(connection.str())) return fail(no_connection(connection));
  const auto rows = TRY(
      transaction.run("SELECT 1 FROM connections WHERE tenant_id = $1::uuid AND connection_id = $2::uuid FOR SHARE", {tenant, connection}));
  if (rows.empty()) return fail(no_connection(connection));
  return {};
}

// What is added to settings that the operator gives; check_archive_paths() refuses it from anybody else.
std::string_view mark_of(ProviderKind provider, bool by_operator) {
  return by_operator && provider == ProviderKind::archive ? R"({"named_by_operator":true})" : "{}";
}

// The stored secret goes to no other server than the one that it was given to.
Result<void> check_same_servers(ProviderKind provider, const std::string& before, const std::string& after) {
  const auto old = servers_of(provider, before);
  const auto now = TRY(servers_of(provider, after));
  if (old && *old == now) return {};
  std::string names;
  for (std::size_t i = 0; i < now.size(); ++i)
    if (!old || (*old)[i] != now[i]) names += (names.empty() ? "" : ", ") + std::string(now[i].name);
  return fail(
      ErrorKind::invalid,
      "settings: " + names + ": the connection's secret was given to another server; for this one make a new connection with its secret");
}

}  // namespace

Result<TenantId> TenantService::create(const std::string& name) {
  TRY(check_name("tenant's name", name));
  const TenantId tenant(new_uuid());
  auto key = crypto::random_bytes(data_key_bytes);
  const auto wrapped = master_key_.wrap(key, "tenant:" + tenant.str());
  crypto::wipe(key);
  auto created = pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    TRY(transaction.run(
        "INSERT INTO tenants (tenant_id, name, data_key_wrapped, created_at) VALUES ($1::uuid, $2, $3::bytea, $4::timestamptz)",
        {tenant, name, postgres::to_bytea(wrapped), clock_.now()}));
    return {};
  });
  TRY(renamed(std::move(created), "the tenant's name is taken: " + name));
  return tenant;
}

Result<TenantId> TenantService::find(const std::string& name) {
  return pool_.compute<TenantId>("", [&](Transaction& transaction) -> Result<TenantId> {
    const auto rows = TRY(transaction.run("SELECT find_tenant($1)", {name}));
    if (rows.empty() || rows.front().is_null(0)) return fail(ErrorKind::not_found, "no tenant is named " + name);
    return TenantId(rows.front().text(0));
  });
}

Result<void> TenantService::remove(const TenantId& tenant) {
  return pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    // The row stays as a tombstone, so that nobody is given this id again; its name is free at once.
    const auto gone = TRY(
        transaction.run("UPDATE tenants SET state = 'deleted', data_key_wrapped = NULL, name = name || ' (deleted, ' || tenant_id || ')' "
                        "WHERE tenant_id = $1::uuid AND state <> 'deleted'",
                        {tenant}));
    if (gone.affected == 0) return fail(ErrorKind::not_found, "tenant " + tenant.str() + " does not exist");
    for (const char* table : {"jobs", "connections", "alerts", "invitations", "people", "api_keys", "watermarks", "rule_settings",
                              "rule_runs", "suppressions", "webhooks", "idempotency_keys"})
      TRY(transaction.run(std::string("DELETE FROM ") + table + " WHERE tenant_id = $1::uuid", {tenant}));
    return {};
  });
}

Result<void> TenantService::check_kept(ProviderKind provider, const std::string& settings_json, bool by_operator) const {
  TRY(check_servers(provider, settings_json, options_.private_addresses));
  return by_operator ? Result<void>{} : check_archive_paths(provider, settings_json, options_.archive_folders);
}

Result<ConnectionId> TenantService::create_connection(const TenantId& tenant, const NewConnection& connection) {
  TRY(check_name("connection's name", connection.name));
  TRY(check_object("settings", connection.settings_json));
  TRY(check_object("secret", connection.secret_json));
  TRY(check_interval(connection.interval));
  const ConnectionId id(new_uuid());
  const auto wrapped = master_key_.wrap(connection.secret_json, "connection:" + id.str());
  auto created = pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    // Checked as PostgreSQL keeps them: it may read a name that is spelt with escapes otherwise than we do.
    const auto kept = TRY(transaction.run(
        "INSERT INTO connections (connection_id, tenant_id, name, provider, settings, secret_wrapped, trusted_authserv_ids, "
        "interval_seconds, next_due_at, created_at) VALUES ($1::uuid, $2::uuid, $3, $4, $5::jsonb || $10::jsonb, $6::bytea, $7::text[], "
        "$8::int, $9::timestamptz, $9::timestamptz) RETURNING settings",
        {id, tenant, connection.name, to_string(connection.provider), connection.settings_json, postgres::to_bytea(wrapped),
         postgres::to_text_array(connection.trusted_authserv_ids), static_cast<std::int64_t>(connection.interval.count()), clock_.now(),
         mark_of(connection.provider, connection.by_operator)}));
    return check_kept(connection.provider, kept.front().text(0), connection.by_operator);
  });
  if (!created && created.error().code == "foreign_key") return fail(ErrorKind::not_found, "tenant " + tenant.str() + " does not exist");
  TRY(renamed(std::move(created), "the connection's name is taken: " + connection.name));
  return id;
}

Result<void> TenantService::change_connection(const TenantId& tenant, const ConnectionId& connection, const ConnectionChange& change) {
  if (!is_uuid(connection.str())) return fail(no_connection(connection));
  if (change.name) TRY(check_name("connection's name", *change.name));
  if (change.settings_json) TRY(check_object("settings", *change.settings_json));
  if (change.interval) TRY(check_interval(*change.interval));
  std::optional<std::string> secret, authserv_ids, interval, paused;
  if (change.secret_json) {
    TRY(check_object("secret", *change.secret_json));
    secret = postgres::to_bytea(master_key_.wrap(*change.secret_json, "connection:" + connection.str()));
  }
  if (change.trusted_authserv_ids) authserv_ids = postgres::to_text_array(*change.trusted_authserv_ids);
  if (change.interval) interval = std::to_string(change.interval->count());
  if (change.paused) paused = *change.paused ? "t" : "f";
  auto changed = pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    const auto before =
        TRY(transaction.run("SELECT provider, settings FROM connections WHERE tenant_id = $1::uuid AND connection_id = $2::uuid FOR UPDATE",
                            {tenant, connection}));
    if (before.empty()) return fail(no_connection(connection));
    const auto provider = provider_kind_from(before.front().text(0)).value_or(ProviderKind::google);
    // Whoever mends settings or secret wants to know soon whether that helped: due at once.
    const auto after = TRY(transaction.run(
        "UPDATE connections SET name = coalesce($3, name), settings = coalesce($4::jsonb || $10::jsonb, settings), secret_wrapped = "
        "coalesce($5::bytea, "
        "secret_wrapped), trusted_authserv_ids = coalesce($6::text[], trusted_authserv_ids), interval_seconds = coalesce($7::int, "
        "interval_seconds), paused = coalesce($8::boolean, paused), next_due_at = CASE WHEN $4 IS NULL AND $5 IS NULL AND $8 IS DISTINCT "
        "FROM 'f' THEN next_due_at ELSE $9::timestamptz END WHERE tenant_id = $1::uuid AND connection_id = $2::uuid RETURNING settings",
        {tenant, connection, change.name, change.settings_json, secret, authserv_ids, interval, paused, clock_.now(),
         mark_of(provider, change.by_operator)}));
    if (!change.settings_json) return {};
    const auto settings = after.front().text(0);
    if (!change.secret_json) TRY(check_same_servers(provider, before.front().text(1), settings));
    return check_kept(provider, settings, change.by_operator);
  });
  return renamed(std::move(changed), "the connection's name is taken: " + change.name.value_or(""));
}

Result<std::vector<ConnectionStatus>> TenantService::connections(const TenantId& tenant) {
  return pool_.compute<std::vector<ConnectionStatus>>(tenant.str(), [&](Transaction& transaction) -> Result<std::vector<ConnectionStatus>> {
    const auto rows = TRY(transaction.run(connection_columns + "GROUP BY c.connection_id ORDER BY c.name", {tenant}));
    std::vector<ConnectionStatus> connections;
    for (const Row& row : rows.rows) connections.push_back(status_of(row));
    return connections;
  });
}

Result<ConnectionStatus> TenantService::connection(const TenantId& tenant, const ConnectionId& connection) {
  if (!is_uuid(connection.str())) return fail(no_connection(connection));
  return pool_.compute<ConnectionStatus>(tenant.str(), [&](Transaction& transaction) -> Result<ConnectionStatus> {
    const auto rows =
        TRY(transaction.run(connection_columns + "AND c.connection_id = $2::uuid GROUP BY c.connection_id", {tenant, connection}));
    if (rows.empty()) return fail(no_connection(connection));
    return status_of(rows.front());
  });
}

Result<Connection> TenantService::with_secret(const TenantId& tenant, const ConnectionId& connection) {
  if (!is_uuid(connection.str())) return fail(no_connection(connection));
  return pool_.compute<Connection>(tenant.str(), [&](Transaction& transaction) -> Result<Connection> {
    const auto rows = TRY(
        transaction.run("SELECT name, provider, settings, secret_wrapped FROM connections WHERE tenant_id = $1::uuid AND connection_id = "
                        "$2::uuid",
                        {tenant, connection}));
    if (rows.empty()) return fail(no_connection(connection));
    const auto& row = rows.front();
    return Connection{.connection_id = connection,
                      .tenant_id = tenant,
                      .provider = provider_kind_from(row.text(1)).value_or(ProviderKind::google),
                      .name = row.text(0),
                      .settings_json = row.text(2),
                      .secret_json = TRY(master_key_.unwrap(row.bytes(3), "connection:" + connection.str())),
                      .trusted_authserv_ids = {}};
  });
}

Result<std::string> TenantService::settings(const TenantId& tenant, const ConnectionId& connection) {
  if (!is_uuid(connection.str())) return fail(no_connection(connection));
  return pool_.compute<std::string>(tenant.str(), [&](Transaction& transaction) -> Result<std::string> {
    const auto rows = TRY(
        transaction.run("SELECT settings FROM connections WHERE tenant_id = $1::uuid AND connection_id = $2::uuid", {tenant, connection}));
    if (rows.empty()) return fail(no_connection(connection));
    return rows.front().text(0);
  });
}

Result<void> TenantService::remove_connection(const TenantId& tenant, const ConnectionId& connection) {
  if (!is_uuid(connection.str())) return fail(no_connection(connection));
  return pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    const auto gone =
        TRY(transaction.run("DELETE FROM connections WHERE tenant_id = $1::uuid AND connection_id = $2::uuid", {tenant, connection}));
    if (gone.affected == 0) return fail(no_connection(connection));
    return {};
  });
}

Result<JobId> TenantService::sync_now(const TenantId& tenant, const ConnectionId& connection) {
  return pool_.compute<JobId>(tenant.str(), [&](Transaction& transaction) -> Result<JobId> {
    TRY(require_connection(transaction, tenant, connection));
    // Another try where the active job ended between the two statements.
    for (int tries = 0; tries < 3; ++tries) {
      const auto inserted = TRY(
          transaction.run("INSERT INTO jobs (job_id, tenant_id, connection_id, kind, not_before, created_at) VALUES ($1::uuid, $2::uuid, "
                          "$3::uuid, 'ingestion', $4::timestamptz, $4::timestamptz) ON CONFLICT DO NOTHING RETURNING job_id",
                          {new_uuid(), tenant, connection, clock_.now()}));
      if (!inserted.empty()) {
        TRY(transaction.run("SELECT pg_notify('jobs', '')"));
        return JobId(inserted.front().text(0));
      }
      const auto active =
          TRY(transaction.run("SELECT job_id FROM jobs WHERE tenant_id = $1::uuid AND connection_id = $2::uuid AND kind = 'ingestion' AND "
                              "state IN ('queued', 'running')",
                              {tenant, connection}));
      if (!active.empty()) return JobId(active.front().text(0));
    }
    return fail(ErrorKind::conflict, "connection " + connection.str() + ": its jobs change too fast, try again");
  });
}

}  // namespace letterlock
