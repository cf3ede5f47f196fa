#include "domain/access/access_service.h"

#include <algorithm>

#include "base/encoding.h"
#include "model/enum_names.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::size_t token_bytes = 32;
constexpr std::size_t password_bytes_min = 12;
constexpr std::size_t password_bytes_max = 1024;  // what Argon2id is given to work on
constexpr std::size_t email_bytes_max = 320;

// Argon2id with the same limits as hash_password(), of no password: verifying it takes as long as a real one takes.
constexpr std::string_view nobodys_hash =
    "$argon2id$v=19$m=262144,t=3,p=1$bm9ib2R5bm9ib2R5bm9ibw$bm9ib2R5bm9ib2R5bm9ib2R5bm9ib2R5bm9ib2R5bm8";

constexpr EnumNames<Role, 5> role_names{
    {{Role::viewer, "viewer"}, {Role::analyst, "analyst"}, {Role::admin, "admin"}, {Role::owner, "owner"}, {Role::operator_, "operator"}}};

Result<Role> role_of(const std::string& name) {
  const auto role = role_from(name);
  if (!role) return fail(ErrorKind::internal, "people: unknown role " + name);
  return *role;
}

std::optional<TenantId> tenant_of(const Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return TenantId(row.text(column));
}

Error suspended() {
  return {
      .kind = ErrorKind::forbidden, .message = "Your company is suspended in this installation. Ask whoever runs it.", .code = "suspended"};
}

Error wrong_sign_in() { return {.kind = ErrorKind::unauthenticated, .message = "The e-mail address or the password is wrong."}; }

}  // namespace

std::string_view to_string(Role role) { return name_in(role_names, role); }
std::optional<Role> role_from(std::string_view name) { return value_in(role_names, name); }

std::vector<std::string> split_scopes(const std::string& joined) {
  std::vector<std::string> scopes;
  for (std::size_t from = 0; from < joined.size();) {
    const auto end = std::min(joined.find('\x1f', from), joined.size());
    scopes.push_back(joined.substr(from, end - from));
    from = end + 1;
  }
  return scopes;
}

std::string new_secret_token() { return to_base64url(crypto::random_bytes(token_bytes)); }

Result<void> check_email(const std::string& email) {
  const auto at = email.find('@');
  const bool odd = std::ranges::any_of(email, [](unsigned char c) { return c <= ' ' || c == 0x7f; });
  if (email.size() > email_bytes_max || at == 0 || at == std::string::npos || at + 1 == email.size() || odd)
    return fail(ErrorKind::invalid, "email: not an e-mail address of at most 320 bytes");
  return {};
}

Result<void> check_new_password(const std::string& password) {
  if (password.size() < password_bytes_min || password.size() > password_bytes_max)
    return fail(ErrorKind::invalid, "password: 12 to 1024 bytes");
  return {};
}

Result<std::unique_ptr<std::counting_semaphore<>, AccessService::EndTurn>> AccessService::take_hash_turn() {
  if (!hash_turns_.try_acquire_for(options_.hash_wait_max))
    return fail(Error{.kind = ErrorKind::throttled,
                      .message = "Too many people sign in at this moment. Wait, then try again.",
                      .retry_after = std::max(options_.hash_wait_max, std::chrono::seconds(1))});
  return std::unique_ptr<std::counting_semaphore<>, EndTurn>(&hash_turns_);
}

Result<std::string> AccessService::hash_password(const std::string& password) {
  const auto turn = TRY(take_hash_turn());
  return crypto::hash_password(password);
}

Result<PersonId> AccessService::create_person(const NewPerson& person) {
  TRY(check_email(person.email));
  TRY(check_new_password(person.password));
  if ((person.role == Role::operator_) == person.tenant_id.has_value())
    return fail(ErrorKind::invalid, "every role but operator belongs to one tenant");
  const PersonId id(new_uuid());
  const auto hash = person.interactive_hash ? crypto::hash_password_interactive(person.password) : TRY(hash_password(person.password));
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

// Whether the password is the address's; fills in whose it is. Counted as failed until it is forgiven.
Result<void> AccessService::check_password(const std::string& email, const std::string& password, Principal& principal) {
  if (email.empty() || email.size() > email_bytes_max || email.contains('\0') || password.size() > password_bytes_max)
    return fail(wrong_sign_in());
  const auto turn = TRY(take_hash_turn());  // before the try is counted: waiting in vain is no wrong password
  const auto now = clock_.now();
  // Committed before the password is looked at: tries made at the same time all count.
  std::string hash(nobodys_hash);
  bool is_suspended = false;
  TRY(pool_.transact("", [&](Transaction& transaction) -> Result<void> {
    const auto locked = TRY(transaction.run("SELECT begin_sign_in($1, $2::timestamptz)", {email, now}));
    if (const auto until = locked.front().time(0))
      return fail(Error{.kind = ErrorKind::throttled,
                        .message = "Too many wrong passwords for this address. Wait, then try again.",
                        .retry_after = std::chrono::ceil<std::chrono::seconds>(*until - now)});
    principal = {};
    const auto rows = TRY(transaction.run(
        "SELECT person_id, tenant_id, tenant_name, email, password_hash, role, suspended FROM person_by_address($1)", {email}));
    if (rows.empty()) return {};
    const auto& row = rows.front();
    principal = {.person_id = PersonId(row.text(0)),
                 .name = row.text(3),
                 .tenant_id = tenant_of(row, 1),
                 .tenant_name = row.text(2),
                 .role = TRY(role_of(row.text(5)))};
    hash = row.text(4);
    is_suspended = row.boolean(6);
    return {};
  }));
  if (!crypto::verify_password(hash, password) || principal.person_id.empty()) return fail(wrong_sign_in());
  TRY(pool_.transact("", [&](Transaction& transaction) -> Result<void> {
    TRY(transaction.run("SELECT forgive_sign_in($1)", {email}));
    return {};
  }));
  if (is_suspended) return fail(suspended());
  return {};
}

Result<Session> AccessService::sign_in(const std::string& email, const std::string& password) {
  Principal principal;
  TRY(check_password(email, password, principal));
  return open_session(std::move(principal));
}

Result<Session> AccessService::open_session(Principal principal) {
  const auto now = clock_.now();
  Session session{.token = new_secret_token(), .principal = std::move(principal)};
  session.principal.csrf_token = new_secret_token();
  session.principal.expires_at = now + session_valid;
  TRY(pool_.transact("", [&](Transaction& transaction) -> Result<void> {
    TRY(transaction.run(
        "SELECT add_session($1, $2::uuid, $3, $4::timestamptz, $5::timestamptz)",
        {sha256_hex(session.token), session.principal.person_id, session.principal.csrf_token, now, session.principal.expires_at}));
    TRY(transaction.run("SELECT note_sign_in($1::uuid, $2::timestamptz)", {session.principal.person_id, now}));
    return {};
  }));
  return session;
}

Result<Principal> AccessService::session(const std::string& token) {
  const auto rows = TRY(pool_.ask(
      "SELECT session_id, person_id, tenant_id, tenant_name, email, role, csrf_token, expires_at, suspended FROM session_by_token($1)",
      {sha256_hex(token)}));
  if (rows.empty() || rows.front().time(7).value_or(TimePoint{}) <= clock_.now())
    return fail(ErrorKind::unauthenticated, "The session has ended. Sign in again.");
  const auto& row = rows.front();
  if (row.boolean(8)) return fail(suspended());
  return Principal{.person_id = PersonId(row.text(1)),
                   .session_id = row.text(0),
                   .name = row.text(4),
                   .tenant_id = tenant_of(row, 2),
                   .tenant_name = row.text(3),
                   .role = TRY(role_of(row.text(5))),
                   .csrf_token = row.text(6),
                   .expires_at = row.time(7)};
}

Result<std::vector<SessionSummary>> AccessService::sessions(const Principal& principal) {
  return pool_.compute<std::vector<SessionSummary>>("", [&](Transaction& transaction) -> Result<std::vector<SessionSummary>> {
    std::vector<SessionSummary> sessions;
    const auto rows =
        TRY(transaction.run("SELECT session_id, created_at, expires_at FROM sessions_of($1::uuid) WHERE expires_at > $2::timestamptz",
                            {principal.person_id, clock_.now()}));
    for (const Row& row : rows.rows)
      sessions.push_back({.session_id = row.text(0),
                          .created_at = row.time(1).value_or(TimePoint{}),
                          .expires_at = row.time(2).value_or(TimePoint{}),
                          .is_this = row.text(0) == principal.session_id});
    return sessions;
  });
}

Result<void> AccessService::end_session(const Principal& principal, const std::string& session_id) {
  const auto none = [&] { return fail(ErrorKind::not_found, "session " + session_id + " does not exist"); };
  if (!is_uuid(session_id)) return none();
  return pool_.transact("", [&](Transaction& transaction) -> Result<void> {
    const auto ended = TRY(transaction.run("SELECT end_session_of($1::uuid, $2::uuid)", {principal.person_id, session_id}));
    if (!ended.front().boolean(0)) return none();
    return {};
  });
}

Result<void> AccessService::change_password(const Principal& principal, const std::string& password, const std::string& new_password) {
  TRY(check_new_password(new_password));
  Principal proved;
  if (auto checked = check_password(principal.name, password, proved); !checked) {
    if (checked.error().kind != ErrorKind::unauthenticated) return checked;
    return fail(ErrorKind::invalid, "password: it is not the one of now");
  }
  const auto hash = TRY(hash_password(new_password));
  return pool_.transact("", [&](Transaction& transaction) -> Result<void> {
    TRY(transaction.run("SELECT set_password($1::uuid, $2, $3::uuid)", {principal.person_id, hash, principal.session_id}));
    return {};
  });
}

Result<void> AccessService::sign_out(const std::string& token) {
  return pool_.transact("", [&](Transaction& transaction) -> Result<void> {
    TRY(transaction.run("SELECT end_session($1)", {sha256_hex(token)}));
    return {};
  });
}

Result<Principal> AccessService::api_key(const std::string& key) {
  if (!key.starts_with(api_key_prefix)) return fail(ErrorKind::unauthenticated, "This is no API key.");
  const auto rows = TRY(
      pool_.ask("SELECT tenant_id, tenant_name, name, role, expires_at, scopes, api_key_id, suspended, owner_removed FROM use_api_key($1, "
                "$2::timestamptz)",
                {sha256_hex(key), clock_.now()}));
  if (rows.empty()) return fail(ErrorKind::unauthenticated, "The API key is unknown.");
  const auto& row = rows.front();
  if (row.boolean(8)) return fail(ErrorKind::unauthenticated, "The API key has ended: its owner was removed.");
  const auto expires_at = row.time(4);
  if (expires_at && *expires_at <= clock_.now()) return fail(ErrorKind::unauthenticated, "The API key has expired.");
  if (row.boolean(7)) return fail(suspended());
  Principal principal{.api_key_id = row.text(6),
                      .name = row.text(2),
                      .tenant_id = tenant_of(row, 0),
                      .tenant_name = row.text(1),
                      .role = TRY(role_of(row.text(3))),
                      .by_api_key = true,
                      .expires_at = expires_at};
  principal.scopes = split_scopes(row.text(5));
  return principal;
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
