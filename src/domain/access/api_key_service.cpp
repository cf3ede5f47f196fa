#include "domain/access/api_key_service.h"

#include <algorithm>

namespace letterlock {

using postgres::Row;
using postgres::Transaction;

Result<std::vector<ApiKey>> ApiKeyService::list(const TenantId& tenant) {
  return pool_.compute<std::vector<ApiKey>>(tenant.str(), [&](Transaction& transaction) -> Result<std::vector<ApiKey>> {
    const auto rows = TRY(transaction.run(
        "SELECT api_key_id, name, role, array_to_string(scopes, E'\\x1f'), created_by, created_at, expires_at, last_used_at "
        "FROM api_keys WHERE tenant_id = $1::uuid ORDER BY name LIMIT 1000",
        {tenant}));
    std::vector<ApiKey> keys;
    for (const Row& row : rows.rows) {
      keys.push_back({.api_key_id = row.text(0),
                      .name = row.text(1),
                      .role = role_from(row.text(2)).value_or(Role::viewer),
                      .scopes = split_scopes(row.text(3)),
                      .created_by = row.text(4),
                      .created_at = row.time(5).value_or(TimePoint{}),
                      .expires_at = row.time(6),
                      .last_used_at = row.time(7)});
    }
    return keys;
  });
}

Result<CreatedApiKey> ApiKeyService::create(const Principal& by, const NewApiKey& key) {
  if (key.role > by.role) return fail(ErrorKind::forbidden, "An API key's role is not above your own.");
  for (const auto& scope : key.scopes)
    if (!std::ranges::contains(api_key_scopes, scope)) return fail(ErrorKind::invalid, "scopes: one of them is unknown");
  auto issued = TRY(access_.create_api_key(*by.tenant_id, key.name, key.role, key.scopes, key.expires_at, by.name));
  return CreatedApiKey{.api_key = {.api_key_id = std::move(issued.api_key_id),
                                   .name = key.name,
                                   .role = key.role,
                                   .scopes = key.scopes,
                                   .created_by = by.name,
                                   .created_at = issued.created_at,
                                   .expires_at = key.expires_at,
                                   .last_used_at = std::nullopt},
                       .key = std::move(issued.key)};
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
