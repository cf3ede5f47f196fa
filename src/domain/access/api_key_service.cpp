#include "domain/access/api_key_service.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"

namespace letterlock {

using postgres::Row;
using postgres::Transaction;

namespace {

constexpr std::int64_t api_keys_max = 100;  // of one tenant

constexpr std::string_view key_columns =
    "k.api_key_id, k.name, k.role, array_to_string(k.scopes, E'\\x1f'), k.legacy, k.owner_kind, p.email, p.role, k.created_by, "
    "k.created_at, "
    "k.expires_at, k.last_used_at";
ApiKey key_of(const Row& row) {
  const auto role = role_from(row.text(2)).value_or(Role::viewer);
  return {.api_key_id = row.text(0),
          .name = row.text(1),
          .role = role,
          .effective_role = std::min(role, role_from(row.text(7)).value_or(role)),
          .scopes = split_scopes(row.text(3)),
          .legacy = row.boolean(4),
          .owner_kind = row.text(5),
          .owner_email = row.is_null(6) ? std::nullopt : std::optional(row.text(6)),
          .created_by = row.text(8),
          .created_at = row.time(9).value_or(TimePoint{}),
          .expires_at = row.time(10).value_or(TimePoint{}),
          .last_used_at = row.time(11)};
}

Result<void> check_scopes(const std::vector<std::string>& scopes) {
  std::string all;
  for (const auto scope : api_key_scopes) all += (all.empty() ? "" : ", ") + std::string(scope);
  if (scopes.empty()) return fail(ErrorKind::invalid, "scopes: name at least one of " + all);
  for (const auto& scope : scopes)
    if (!std::ranges::contains(api_key_scopes, scope)) return fail(ErrorKind::invalid, "scopes: one of them is unknown; there are " + all);
  if (std::set(scopes.begin(), scopes.end()).size() != scopes.size()) return fail(ErrorKind::invalid, "scopes names each scope once.");
  return {};
}

}  // namespace

Result<std::vector<ApiKey>> ApiKeyService::list(const TenantId& tenant) {
  return pool_.compute<std::vector<ApiKey>>(tenant.str(), [&](Transaction& transaction) -> Result<std::vector<ApiKey>> {
    const auto rows =
        TRY(transaction.run("SELECT " + std::string(key_columns) +
                                " FROM api_keys k LEFT JOIN people p ON p.tenant_id = k.tenant_id AND p.person_id = k.owner_id "
                                "WHERE k.tenant_id = $1::uuid ORDER BY k.name LIMIT 1000",
                            {tenant}));
    std::vector<ApiKey> keys;
    keys.reserve(rows.rows.size());
    for (const Row& row : rows.rows) keys.push_back(key_of(row));
    return keys;
  });
}

Result<CreatedApiKey> ApiKeyService::create(const Principal& by, const NewApiKey& key) {
  return issue(*by.tenant_id, {.person_id = by.person_id, .email = by.name}, key);
}

Result<CreatedApiKey> ApiKeyService::create_for(const TenantId& tenant, const std::string& owner_email, const NewApiKey& key) {
  if (owner_email.empty()) return issue(tenant, {}, key);
  const auto owner = TRY(pool_.compute<Owner>(tenant.str(), [&](Transaction& transaction) -> Result<Owner> {
    const auto rows =
        TRY(transaction.run("SELECT person_id, email FROM people WHERE tenant_id = $1::uuid AND email = lower($2)", {tenant, owner_email}));
    if (rows.empty()) return fail(ErrorKind::not_found, "nobody of the tenant has the address " + owner_email);
    return Owner{.person_id = PersonId(rows.front().text(0)), .email = rows.front().text(1)};
  }));
  return issue(tenant, owner, key);
}

Result<CreatedApiKey> ApiKeyService::issue(const TenantId& tenant, const Owner& owner, const NewApiKey& key) {
  const auto now = clock_.now();
  const auto latest = now + options_.life_max;
  const auto expires_at = key.expires_at.value_or(latest);
  if (key.name.empty() || key.name.size() > 200) return fail(ErrorKind::invalid, "API key's name: 1 to 200 characters");
  if (key.role == Role::operator_) return fail(ErrorKind::invalid, "an API key belongs to one tenant: it cannot be an operator");
  TRY(check_scopes(key.scopes));
  if (expires_at <= now) return fail(ErrorKind::invalid, "expires_at: an API key's end lies in the future");
  if (expires_at > latest)
    return fail(ErrorKind::invalid, "expires_at: an API key ends within " + std::to_string(options_.life_max.count()) +
                                        " days here (LETTERLOCK_API_KEY_DAYS_MAX)");
  const bool of_person = !owner.person_id.empty();
  const std::string secret = std::string(api_key_prefix) + new_secret_token();
  auto created = pool_.compute<ApiKey>(tenant.str(), [&](Transaction& transaction) -> Result<ApiKey> {
    if (of_person) {
      // Locked, so that the owner is not removed meanwhile; the role of now counts, not that of when the call began.
      const auto person = TRY(transaction.run("SELECT role FROM people WHERE tenant_id = $1::uuid AND person_id = $2::uuid FOR SHARE",
                                              {tenant, owner.person_id}));
      if (person.empty() || key.role > role_from(person.front().text(0)).value_or(Role::viewer))
        return fail(ErrorKind::forbidden, "An API key's role is not above its owner's.");
    }
    if (TRY(transaction.run("SELECT count(*) FROM api_keys WHERE tenant_id = $1::uuid", {tenant})).front().integer(0) >= api_keys_max)
      return fail(ErrorKind::conflict, "there are 100 API keys already: revoke one first");
    TRY(
        transaction.run("INSERT INTO api_keys (key_hash, tenant_id, name, role, scopes, created_at, expires_at, owner_id, owner_kind, "
                        "created_by) VALUES ($1, "
                        "$2::uuid, $3, $4, $5::text[], $6::timestamptz, $7::timestamptz, $8::uuid, $9, $10)",
                        {sha256_hex(secret), tenant, key.name, to_string(key.role), postgres::to_text_array(key.scopes), now, expires_at,
                         of_person ? postgres::Param(owner.person_id) : postgres::Param(std::nullopt),
                         of_person ? "person" : "installation", owner.email}));
    const auto rows =
        TRY(transaction.run("SELECT " + std::string(key_columns) +
                                " FROM api_keys k LEFT JOIN people p ON p.tenant_id = k.tenant_id AND p.person_id = k.owner_id "
                                "WHERE k.tenant_id = $1::uuid AND k.key_hash = $2",
                            {tenant, sha256_hex(secret)}));
    return key_of(rows.front());
  });
  if (created) return CreatedApiKey{.api_key = *std::move(created), .key = secret};
  if (created.error().code == "unique")
    return fail(Error{.kind = ErrorKind::conflict, .message = "the API key's name is taken: " + key.name, .code = "name_taken"});
  if (created.error().code == "foreign_key") return fail(ErrorKind::not_found, "tenant " + tenant.str() + " does not exist");
  return fail(std::move(created).error());
}

Result<void> ApiKeyService::revoke(const TenantId& tenant, const std::string& api_key_id) {
  const auto none = [&] { return fail(ErrorKind::not_found, "API key " + api_key_id + " does not exist"); };
  if (!is_uuid(api_key_id)) return none();
  return pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    const auto gone =
        TRY(transaction.run("DELETE FROM api_keys WHERE tenant_id = $1::uuid AND api_key_id = $2::uuid", {tenant, api_key_id}));
    if (gone.affected == 0) return none();
    return {};
  });
}

}  // namespace letterlock
