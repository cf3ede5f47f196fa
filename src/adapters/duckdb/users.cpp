#include <map>
#include <set>

#include "adapters/duckdb/tenant_database.h"

namespace letterlock::duckdb_adapter {
namespace {

template <class T>
duckdb::Value nullable(const std::optional<T>& value) {
  if constexpr (std::same_as<T, TimePoint>)
    return value ? to_duckdb(*value) : duckdb::Value();
  else
    return value ? duckdb::Value(*value) : duckdb::Value();
}

std::optional<std::string> text_at(const duckdb::DataChunk& chunk, duckdb::idx_t column, duckdb::idx_t row) {
  const auto value = chunk.GetValue(column, row);
  return value.IsNull() ? std::nullopt : std::optional(value.GetValue<std::string>());
}

std::optional<TimePoint> time_at(const duckdb::DataChunk& chunk, duckdb::idx_t column, duckdb::idx_t row) {
  const auto value = chunk.GetValue(column, row);
  return value.IsNull() ? std::nullopt : std::optional(from_unix_micros(value.GetValue<std::int64_t>()));
}

Result<void> stage_users(duckdb::Connection& connection, std::span<const User> users, const std::set<std::string>& vips) {
  TRY(run(connection,
          "CREATE OR REPLACE TEMP TABLE stage_users AS SELECT * EXCLUDE (first_seen_at, updated_at, connection_id) FROM users LIMIT 0",
          "users"));
  std::map<std::string, const User*> last;
  for (const User& user : users) last[user.user_id.str()] = &user;
  duckdb::Appender stage(connection, duckdb::Identifier("temp"), duckdb::Identifier("main"), duckdb::Identifier("stage_users"));
  for (const auto& [id, user] : last) {
    stage.BeginRow();
    stage.Append<duckdb::Value>(duckdb::Value(id));
    stage.Append<duckdb::Value>(duckdb::Value(user->primary_email));
    stage.Append<duckdb::Value>(to_duckdb(user->aliases));
    for (const auto* text : {&user->display_name, &user->given_name, &user->family_name, &user->job_title, &user->department})
      stage.Append<duckdb::Value>(nullable(*text));
    stage.Append<bool>(user->is_admin);
    stage.Append<bool>(vips.contains(id));
    stage.Append<duckdb::Value>(duckdb::Value(std::string(to_string(user->mailbox_state))));
    stage.Append<duckdb::Value>(nullable(user->mailbox_state_reason));
    for (const auto* time : {&user->created_at, &user->last_login_at, &user->deleted_at}) stage.Append<duckdb::Value>(nullable(*time));
    stage.EndRow();
  }
  stage.Close();
  return {};
}

}  // namespace

Result<void> apply_users(TenantDatabase& database, std::span<const User> users, const UserListing& listing, const TenantFacts& facts,
                         TimePoint at) {
  TRY(check_texts(users, facts));
  const std::lock_guard lock(database.write_mutex);
  duckdb::Connection& connection = database.writer();
  const duckdb::Value connection_id(listing.connection_id.str());
  try {
    Transaction transaction(connection);
    TRY(stage_users(connection, users, {facts.vip_user_ids.begin(), facts.vip_user_ids.end()}));
    TRY(run(connection,
            "UPDATE users AS u SET (primary_email, aliases, display_name, given_name, family_name, job_title, department, is_admin, "
            "mailbox_state, mailbox_state_reason, created_at, last_login_at, deleted_at, updated_at, connection_id) = (s.primary_email, "
            "s.aliases, "
            "s.display_name, s.given_name, s.family_name, s.job_title, s.department, s.is_admin, s.mailbox_state, s.mailbox_state_reason, "
            "s.created_at, s.last_login_at, s.deleted_at, $1, $2) "
            "FROM stage_users AS s WHERE u.user_id = s.user_id",
            {to_duckdb(at), connection_id}, "users"));
    TRY(run(connection, "INSERT INTO users SELECT s.*, $1, $1, $2 FROM stage_users AS s ANTI JOIN users AS u USING (user_id)",
            {to_duckdb(at), connection_id}, "users"));
    if (listing.complete)
      TRY(run(connection,
              "UPDATE users SET deleted_at = $1, updated_at = $1 WHERE deleted_at IS NULL AND connection_id IN ($2, '') AND "
              "user_id NOT IN (SELECT user_id FROM stage_users)",
              {to_duckdb(at), connection_id}, "users"));
    // Facts are replaced whole, those of users that were not listed too. Rows that stay are not touched: DuckDB refuses a
    // key that was deleted and inserted in one transaction.
    TRY(run(connection, "UPDATE users SET is_vip = NOT is_vip WHERE is_vip <> list_contains($1, user_id)", {to_duckdb(facts.vip_user_ids)},
            "users"));
    TRY(run(connection, "DELETE FROM tenant_domains WHERE NOT list_contains($1, domain)", {to_duckdb(facts.domains)}, "users"));
    TRY(run(connection, "INSERT INTO tenant_domains SELECT DISTINCT unnest($1) ON CONFLICT DO NOTHING", {to_duckdb(facts.domains)},
            "users"));
    transaction.commit();
    return {};
  } catch (const std::exception& error) {
    return fail(to_error(error, "users"));
  }
}

Result<std::vector<User>> read_users(TenantDatabase& database) {
  try {
    const auto connection = database.connect();
    const auto rows = TRY(run(
        *connection,
        "SELECT user_id, primary_email, aliases, display_name, given_name, family_name, job_title, department, is_admin, mailbox_state, "
        "mailbox_state_reason, epoch_us(created_at), epoch_us(last_login_at), epoch_us(deleted_at), connection_id FROM users ORDER BY "
        "user_id",
        "users"));
    std::vector<User> users;
    for (auto chunk = rows->Fetch(); chunk; chunk = rows->Fetch()) {
      for (duckdb::idx_t row = 0; row < chunk->size(); ++row) {
        User& user = users.emplace_back();
        user.user_id = UserId(*text_at(*chunk, 0, row));
        user.primary_email = *text_at(*chunk, 1, row);
        for (const auto& alias : duckdb::ListValue::GetChildren(chunk->GetValue(2, row)))
          user.aliases.push_back(alias.GetValue<std::string>());
        user.display_name = text_at(*chunk, 3, row);
        user.given_name = text_at(*chunk, 4, row);
        user.family_name = text_at(*chunk, 5, row);
        user.job_title = text_at(*chunk, 6, row);
        user.department = text_at(*chunk, 7, row);
        user.is_admin = chunk->GetValue(8, row).GetValue<bool>();
        const auto state = mailbox_state_from(*text_at(*chunk, 9, row));
        if (!state) return fail(ErrorKind::internal, "users: unknown mailbox_state " + *text_at(*chunk, 9, row));
        user.mailbox_state = *state;
        user.mailbox_state_reason = text_at(*chunk, 10, row);
        user.created_at = time_at(*chunk, 11, row);
        user.last_login_at = time_at(*chunk, 12, row);
        user.deleted_at = time_at(*chunk, 13, row);
        user.connection_id = ConnectionId(text_at(*chunk, 14, row).value_or(""));
      }
    }
    return users;
  } catch (const std::exception& error) {
    return fail(to_error(error, "users"));
  }
}

}  // namespace letterlock::duckdb_adapter
