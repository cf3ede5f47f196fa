#include "domain/access/access_service.h"

#include <algorithm>

#include "base/encoding.h"
#include "model/enum_names.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::chrono::hours session_valid{12};
constexpr std::size_t token_bytes = 32;
constexpr std::size_t password_bytes_min = 12;
constexpr std::size_t password_bytes_max = 1024;  // what Argon2id is given to work on
constexpr std::size_t email_bytes_max = 320;
constexpr std::string_view api_key_prefix = "ll_";

// Argon2id with the same limits as hash_password(), of no password: verifying it takes as long as a real one takes.
constexpr std::string_view nobodys_hash =
    "$argon2id$v=19$m=262144,t=3,p=1$bm9ib2R5bm9ib2R5bm9ibw$bm9ib2R5bm9ib2R5bm9ib2R5bm9ib2R5bm9ib2R5bm8";

constexpr EnumNames<Role, 5> role_names{
    {{Role::viewer, "viewer"}, {Role::analyst, "analyst"}, {Role::admin, "admin"}, {Role::owner, "owner"}, {Role::operator_, "operator"}}};

// The least role that may; operators run the installation and read no tenant's mail.
constexpr Role needed_for(Action action) {
  switch (action) {
    case Action::read_alerts:
    case Action::read_connections:
      return Role::viewer;
    case Action::read_message:
    case Action::change_alert:
      return Role::analyst;
    case Action::change_connections:
      return Role::admin;
    case Action::manage_people:
    case Action::export_data:
      return Role::owner;
    case Action::manage_tenants:
      return Role::operator_;
  }
  return Role::operator_;
}

std::string new_token() { return to_base64url(crypto::random_bytes(token_bytes)); }

Result<Role> role_of(const std::string& name) {
  const auto role = role_from(name);
  if (!role) return fail(ErrorKind::internal, "people: unknown role " + name);
  return *role;
}

std::optional<TenantId> tenant_of(const Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return TenantId(row.text(column));
}

Error wrong_sign_in() { return {.kind = ErrorKind::unauthenticated, .message = "The e-mail address or the password is wrong."}; }

}  // namespace

std::string_view to_string(Role role) { return name_in(role_names, role); }
std::optional<Role> role_from(std::string_view name) { return value_in(role_names, name); }

Result<void> authorize(const Principal& principal, Action action) {
  const Role needed = needed_for(action);
  const bool may = needed == Role::operator_ || principal.role == Role::operator_ ? principal.role == needed : principal.role >= needed;
  if (may) return {};
  return fail(ErrorKind::forbidden,
              "This needs the role " + std::string(to_string(needed)) + "; you are " + std::string(to_string(principal.role)) + ".");
}

Result<PersonId> AccessService::create_person(const NewPerson& person) {
  const auto at = person.email.find('@');
  if (person.email.size() > email_bytes_max || at == 0 || at == std::string::npos || at + 1 == person.email.size())
    return fail(ErrorKind::invalid, "email: not an e-mail address");
  if (person.password.size() < password_bytes_min || person.password.size() > password_bytes_max)
    return fail(ErrorKind::invalid, "password: 12 to 1024 bytes");
  if ((person.role == Role::operator_) == person.tenant_id.has_value())
    return fail(ErrorKind::invalid, "every role but operator belongs to one tenant");
  const PersonId id(new_uuid());
  const auto hash = person.interactive_hash ? crypto::hash_password_interactive(person.password) : crypto::hash_password(person.password);
  const auto created = pool_.transact(person.tenant_id.value_or(TenantId()).str(), [&](Transaction& transaction) -> Result<void> {
    if (!person.tenant_id)
      TRY(transaction.run("SELECT add_operator($1::uuid, $2, $3)", {id, person.email, hash}));
    else
      TRY(
          transaction.run("INSERT INTO people (person_id, tenant_id, email, password_hash, role, created_at) VALUES ($1::uuid, "
                          "$2::uuid, lower($3), $4, $5, $6::timestamptz)",
                          {id, *person.tenant_id, person.email, hash, to_string(person.role), clock_.now()}));
    return {};
  });
  if (created) return id;
  if (created.error().code == "unique")
    return fail(Error{.kind = ErrorKind::conflict, .message = "somebody has this e-mail address already", .code = "email_taken"});
  if (created.error().code == "foreign_key") return fail(ErrorKind::not_found, "tenant " + person.tenant_id->str() + " does not exist");
  return fail(created.error());
}

Result<Session> AccessService::sign_in(const std::string& email, const std::string& password) {
  if (email.empty() || email.size() > email_bytes_max || password.size() > password_bytes_max) return fail(wrong_sign_in());
  const auto now = clock_.now();
  // Committed before the password is looked at: tries made at the same time all count.
  std::string hash(nobodys_hash);
  PersonId person;
  Principal principal;
  TRY(pool_.transact("", [&](Transaction& transaction) -> Result<void> {
    const auto locked = TRY(transaction.run("SELECT begin_sign_in($1, $2::timestamptz)", {email, now}));
    if (const auto until = locked.front().time(0))
      return fail(Error{.kind = ErrorKind::throttled,
                        .message = "Too many wrong passwords for this address. Wait, then try again.",
                        .retry_after = std::chrono::ceil<std::chrono::seconds>(*until - now)});
    person = {};
    const auto rows =
        TRY(transaction.run("SELECT person_id, tenant_id, tenant_name, email, password_hash, role FROM find_person($1)", {email}));
    if (rows.empty()) return {};
    const auto& row = rows.front();
    person = PersonId(row.text(0));
    principal = {.person_id = person,
                 .name = row.text(3),
                 .tenant_id = tenant_of(row, 1),
                 .tenant_name = row.text(2),
                 .role = TRY(role_of(row.text(5)))};
    hash = row.text(4);
    return {};
  }));
  if (!crypto::verify_password(hash, password) || person.empty()) return fail(wrong_sign_in());

  Session session{.token = new_token(), .principal = principal};
  session.principal.csrf_token = new_token();
  session.principal.expires_at = now + session_valid;
  TRY(pool_.transact("", [&](Transaction& transaction) -> Result<void> {
    TRY(transaction.run("SELECT forgive_sign_in($1)", {email}));
    TRY(transaction.run("SELECT add_session($1, $2::uuid, $3, $4::timestamptz, $5::timestamptz)",
                        {sha256_hex(session.token), person, session.principal.csrf_token, now, session.principal.expires_at}));
    return {};
  }));
  return session;
}

Result<Principal> AccessService::session(const std::string& token) {
  return pool_.compute<Principal>("", [&](Transaction& transaction) -> Result<Principal> {
    const auto rows = TRY(transaction.run(
        "SELECT person_id, tenant_id, tenant_name, email, role, csrf_token, expires_at FROM find_session($1)", {sha256_hex(token)}));
    if (rows.empty() || rows.front().time(6).value_or(TimePoint{}) <= clock_.now())
      return fail(ErrorKind::unauthenticated, "The session has ended. Sign in again.");
    const auto& row = rows.front();
    return Principal{.person_id = PersonId(row.text(0)),
                     .name = row.text(3),
                     .tenant_id = tenant_of(row, 1),
                     .tenant_name = row.text(2),
                     .role = TRY(role_of(row.text(4))),
                     .csrf_token = row.text(5),
                     .expires_at = row.time(6)};
  });
}

Result<void> AccessService::sign_out(const std::string& token) {
  return pool_.transact("", [&](Transaction& transaction) -> Result<void> {
    TRY(transaction.run("SELECT end_session($1)", {sha256_hex(token)}));
    return {};
  });
}

Result<std::string> AccessService::create_api_key(const TenantId& tenant, const std::string& name, Role role,
                                                  const std::vector<std::string>& scopes, std::optional<TimePoint> expires_at) {
  if (name.empty() || name.size() > 200) return fail(ErrorKind::invalid, "API key's name: 1 to 200 characters");
  if (role == Role::operator_) return fail(ErrorKind::invalid, "an API key belongs to one tenant: it cannot be an operator");
  if (expires_at && *expires_at <= clock_.now()) return fail(ErrorKind::invalid, "an API key's end lies in the future");
  const std::string key = std::string(api_key_prefix) + new_token();
  const auto created = pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    TRY(
        transaction.run("INSERT INTO api_keys (key_hash, tenant_id, name, role, scopes, created_at, expires_at) VALUES ($1, $2::uuid, $3, "
                        "$4, $5::text[], $6::timestamptz, $7::timestamptz)",
                        {sha256_hex(key), tenant, name, to_string(role), postgres::to_text_array(scopes), clock_.now(), expires_at}));
    return {};
  });
  if (created) return key;
  if (created.error().code == "unique")
    return fail(Error{.kind = ErrorKind::conflict, .message = "the API key's name is taken: " + name, .code = "name_taken"});
  if (created.error().code == "foreign_key") return fail(ErrorKind::not_found, "tenant " + tenant.str() + " does not exist");
  return fail(created.error());
}

Result<Principal> AccessService::api_key(const std::string& key) {
  if (!key.starts_with(api_key_prefix)) return fail(ErrorKind::unauthenticated, "This is no API key.");
  return pool_.compute<Principal>("", [&](Transaction& transaction) -> Result<Principal> {
    const auto rows = TRY(
        transaction.run("SELECT tenant_id, tenant_name, name, role, expires_at, array_to_string(scopes, E'\\x1f') FROM find_api_key($1)",
                        {sha256_hex(key)}));
    if (rows.empty()) return fail(ErrorKind::unauthenticated, "The API key is unknown.");
    const auto& row = rows.front();
    const auto expires_at = row.time(4);
    if (expires_at && *expires_at <= clock_.now()) return fail(ErrorKind::unauthenticated, "The API key has expired.");
    Principal principal{.name = row.text(2),
                        .tenant_id = tenant_of(row, 0),
                        .tenant_name = row.text(1),
                        .role = TRY(role_of(row.text(3))),
                        .by_api_key = true,
                        .expires_at = expires_at};
    const auto scopes = row.text(5);
    for (std::size_t from = 0; from < scopes.size();) {
      const auto end = std::min(scopes.find('\x1f', from), scopes.size());
      principal.scopes.push_back(scopes.substr(from, end - from));
      from = end + 1;
    }
    return principal;
  });
}

Result<void> AccessService::audit(const Principal& principal, std::string_view action, std::string_view object) {
  return pool_.transact(principal.tenant_id.value_or(TenantId()).str(), [&](Transaction& transaction) -> Result<void> {
    if (!principal.tenant_id)
      TRY(transaction.run("SELECT add_operator_audit($1, $2, $3, $4::timestamptz)", {principal.name, action, object, clock_.now()}));
    else
      TRY(transaction.run("INSERT INTO audit_log (tenant_id, actor, action, object, at) VALUES ($1::uuid, $2, $3, $4, $5::timestamptz)",
                          {*principal.tenant_id, principal.name, action, object, clock_.now()}));
    return {};
  });
}

}  // namespace letterlock
