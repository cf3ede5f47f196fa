#include "domain/access/password_reset_service.h"

#include "base/encoding.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::chrono::hours link_valid{1};
constexpr std::size_t token_bytes_max = 200;

Error no_link() { return {.kind = ErrorKind::not_found, .message = "This link is unknown, over or used already. Ask for a new one."}; }

}  // namespace

Result<PasswordReset> PasswordResetService::make(const Principal& by, const PersonId& person) {
  const auto none = [&] { return fail(ErrorKind::not_found, "person " + person.str() + " does not exist"); };
  if (!is_uuid(person.str())) return none();
  if (person == by.person_id) return fail(ErrorKind::forbidden, "Change your own password under Password and sessions.");
  return pool_.compute<PasswordReset>(by.tenant_id->str(), [&](Transaction& transaction) -> Result<PasswordReset> {
    // Both locked: neither's role changes before the link is there, which such a change would end.
    const auto rows =
        TRY(transaction.run("SELECT person_id, email, role FROM people WHERE tenant_id = $1::uuid AND person_id IN ($2::uuid, "
                            "$3::uuid) ORDER BY person_id FOR SHARE",
                            {*by.tenant_id, person, by.person_id}));
    std::optional<std::string> email;
    std::optional<Role> role, maker;
    for (const Row& row : rows.rows) {
      (row.text(0) == person.str() ? role : maker) = role_from(row.text(2));
      if (row.text(0) == person.str()) email = row.text(1);
    }
    if (!email) return none();
    if (!maker || *maker < Role::admin || role > maker)
      return fail(ErrorKind::forbidden, "Only admins make a link for a new password, and only owners make one for an owner.");
    return add(transaction, by, person, *email);
  });
}

Result<PasswordReset> PasswordResetService::make_for(const std::string& email) {
  Principal by{.name = "command line", .role = Role::operator_};
  const auto rows = TRY(pool_.ask("SELECT person_id, tenant_id, email, suspended FROM person_by_address($1)", {email}));
  if (rows.empty()) return fail(ErrorKind::not_found, "nobody has the address " + email);
  const auto& row = rows.front();
  const PersonId person(row.text(0));
  if (!row.is_null(1)) by.tenant_id = TenantId(row.text(1));
  if (row.boolean(3))
    return fail(
        Error{.kind = ErrorKind::forbidden, .message = "the person's company is suspended: let it go on first", .code = "suspended"});
  TRY(access_.audit(by, "person.reset", person.str()));
  return pool_.compute<PasswordReset>(by.tenant_id.value_or(TenantId()).str(),
                                      [&](Transaction& transaction) { return add(transaction, by, person, row.text(2)); });
}

Result<PasswordReset> PasswordResetService::add(Transaction& transaction, const Principal& by, const PersonId& person,
                                                const std::string& email) {
  const auto now = clock_.now();
  PasswordReset reset{.person_id = person, .email = email, .expires_at = now + link_valid, .token = new_secret_token()};
  TRY(transaction.run(
      "SELECT add_password_reset($1::uuid, $2, $3::uuid, $4, $5::timestamptz, $6::timestamptz)",
      {person, sha256_hex(reset.token), by.person_id.empty() ? postgres::Param(std::nullopt) : postgres::Param(by.person_id), by.name, now,
       reset.expires_at}));
  return reset;
}

Result<PasswordResetPreview> PasswordResetService::preview(const std::string& token) {
  if (token.size() > token_bytes_max) return fail(no_link());
  const auto rows = TRY(pool_.ask("SELECT email, tenant_name, expires_at FROM password_reset_by_token($1, $2::timestamptz)",
                                  {sha256_hex(token), clock_.now()}));
  if (rows.empty()) return fail(no_link());
  const auto& row = rows.front();
  return PasswordResetPreview{.email = row.text(0),
                              .tenant_name = row.is_null(1) ? std::nullopt : std::optional(row.text(1)),
                              .expires_at = row.time(2).value_or(TimePoint{})};
}

Result<Session> PasswordResetService::use(const std::string& token, const std::string& password) {
  TRY(check_new_password(password));
  TRY(preview(token));                                     // a password is not hashed for a link that is none
  const auto hash = TRY(access_.hash_password(password));  // before any row is locked: it takes long
  Principal principal;
  TRY(pool_.transact("", [&](Transaction& transaction) -> Result<void> {
    const auto now = clock_.now();
    const auto rows =
        TRY(transaction.run("SELECT person_id, tenant_id, tenant_name, email, role FROM password_reset_by_token($1, $2::timestamptz)",
                            {sha256_hex(token), now}));
    if (rows.empty()) return fail(no_link());
    const auto& row = rows.front();
    principal = {.person_id = PersonId(row.text(0)),
                 .name = row.text(3),
                 .tenant_id = row.is_null(1) ? std::nullopt : std::optional(TenantId(row.text(1))),
                 .tenant_name = row.text(2),
                 .role = role_from(row.text(4)).value_or(Role::viewer)};
    const auto used = TRY(transaction.run("SELECT use_password_reset($1, $2, $3::timestamptz)", {sha256_hex(token), hash, now}));
    if (!used.front().boolean(0)) return fail(no_link());
    return {};
  }));
  return access_.open_session(std::move(principal));
}

}  // namespace letterlock
