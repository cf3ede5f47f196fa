#include "domain/access/people_service.h"

#include <algorithm>

#include "base/encoding.h"

namespace letterlock {
namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::chrono::days invitation_valid{7};
constexpr std::size_t token_bytes_max = 200;

Error no_person(const PersonId& person) { return {.kind = ErrorKind::not_found, .message = "person " + person.str() + " does not exist"}; }
Error no_invitation() {
  return {.kind = ErrorKind::not_found, .message = "This invitation is unknown, over or accepted already. Ask for a new one."};
}

constexpr std::string_view person_columns = "person_id, email, role, created_at, last_sign_in_at";
Person person_of(const Row& row) {
  return {.person_id = PersonId(row.text(0)),
          .email = row.text(1),
          .role = role_from(row.text(2)).value_or(Role::viewer),
          .created_at = row.time(3).value_or(TimePoint{}),
          .last_sign_in_at = row.time(4)};
}

constexpr std::string_view invitation_columns = "invitation_id, email, role, invited_by, created_at, expires_at";
Invitation invitation_of(const Row& row) {
  return {.invitation_id = row.text(0),
          .email = row.text(1),
          .role = role_from(row.text(2)).value_or(Role::viewer),
          .invited_by = row.text(3),
          .created_at = row.time(4).value_or(TimePoint{}),
          .expires_at = row.time(5).value_or(TimePoint{})};
}

bool may_touch_owners(const Principal& by) { return by.role == Role::owner || by.role == Role::operator_; }

// The person's row, locked with all owners' rows, so that two owners cannot remove each other at once.
Result<Person> lock_person(Transaction& transaction, const Principal& by, const PersonId& person, std::optional<Role> becomes) {
  if (!is_uuid(person.str())) return fail(no_person(person));
  std::optional<Person> found;
  int owners = 0;
  const auto rows =
      TRY(transaction.run("SELECT " + std::string(person_columns) +
                              " FROM people WHERE tenant_id = $1::uuid AND (person_id = $2::uuid OR role = 'owner') ORDER BY 1 FOR UPDATE",
                          {*by.tenant_id, person}));
  for (const Row& row : rows.rows) {
    auto one = person_of(row);
    if (one.role == Role::owner) ++owners;
    if (one.person_id.str() == person.str()) found = std::move(one);
  }
  if (!found) return fail(no_person(person));
  if ((found->role == Role::owner || becomes == Role::owner) && !may_touch_owners(by))
    return fail(ErrorKind::forbidden, "Only owners make owners, change their role or remove them.");
  if (found->role == Role::owner && becomes != Role::owner && owners == 1)
    return fail(
        Error{.kind = ErrorKind::conflict, .message = "This is the last owner. Make somebody else an owner first.", .code = "last_owner"});
  return *std::move(found);
}

}  // namespace

Result<std::vector<Person>> PeopleService::people(const TenantId& tenant) {
  return pool_.compute<std::vector<Person>>(tenant.str(), [&](Transaction& transaction) -> Result<std::vector<Person>> {
    std::vector<Person> people;
    const auto rows = TRY(transaction.run(
        "SELECT " + std::string(person_columns) + " FROM people WHERE tenant_id = $1::uuid ORDER BY email LIMIT 10000", {tenant}));
    for (const Row& row : rows.rows) people.push_back(person_of(row));
    return people;
  });
}

Result<Person> PeopleService::set_role(const Principal& by, const PersonId& person, Role role) {
  if (role == Role::operator_) return fail(ErrorKind::invalid, "role: owner, admin, analyst or viewer");
  return pool_.compute<Person>(by.tenant_id->str(), [&](Transaction& transaction) -> Result<Person> {
    auto found = TRY(lock_person(transaction, by, person, role));
    TRY(transaction.run("UPDATE people SET role = $3 WHERE tenant_id = $1::uuid AND person_id = $2::uuid",
                        {*by.tenant_id, person, to_string(role)}));
    found.role = role;
    return found;
  });
}

Result<void> PeopleService::remove(const Principal& by, const PersonId& person) {
  return pool_.transact(by.tenant_id->str(), [&](Transaction& transaction) -> Result<void> {
    TRY(lock_person(transaction, by, person, std::nullopt));
    // As if somebody had taken each alert from the person by hand: with its history and a version that polls notice.
    const auto taken = TRY(transaction.run(
        "WITH theirs AS (UPDATE alerts SET assignee_id = NULL, updated_at = $4::timestamptz WHERE tenant_id = $1::uuid AND assignee_id = "
        "$2::uuid RETURNING alert_id) INSERT INTO alert_events (tenant_id, alert_id, kind, assignee, actor, at) SELECT $1::uuid, alert_id, "
        "'assignee', '', $3, $4::timestamptz FROM theirs",
        {*by.tenant_id, person, by.name, clock_.now()}));
    if (taken.affected > 0)
      TRY(transaction.run("UPDATE tenants SET alerts_version = alerts_version + 1 WHERE tenant_id = $1::uuid", {*by.tenant_id}));
    TRY(transaction.run("DELETE FROM people WHERE tenant_id = $1::uuid AND person_id = $2::uuid", {*by.tenant_id, person}));
    return {};
  });
}

Result<std::vector<Invitation>> PeopleService::invitations(const TenantId& tenant) {
  return pool_.compute<std::vector<Invitation>>(tenant.str(), [&](Transaction& transaction) -> Result<std::vector<Invitation>> {
    std::vector<Invitation> invitations;
    const auto rows =
        TRY(transaction.run("SELECT " + std::string(invitation_columns) +
                                " FROM invitations WHERE tenant_id = $1::uuid ORDER BY created_at DESC, invitation_id LIMIT 1000",
                            {tenant}));
    for (const Row& row : rows.rows) invitations.push_back(invitation_of(row));
    return invitations;
  });
}

Result<NewInvitation> PeopleService::invite(const Principal& by, const TenantId& tenant, const std::string& email, Role role) {
  TRY(check_email(email));
  if (role == Role::operator_) return fail(ErrorKind::invalid, "role: owner, admin, analyst or viewer");
  if (role == Role::owner && !may_touch_owners(by)) return fail(ErrorKind::forbidden, "Only owners invite owners.");
  const auto token = new_secret_token();
  const auto now = clock_.now();
  auto invitation = pool_.compute<Invitation>(tenant.str(), [&](Transaction& transaction) -> Result<Invitation> {
    if (TRY(transaction.run("SELECT 1 FROM tenants WHERE tenant_id = $1::uuid AND state <> 'deleted' FOR SHARE", {tenant})).empty())
      return fail(ErrorKind::not_found, "tenant " + tenant.str() + " does not exist");
    // Locked, so that the inviter is not removed meanwhile: what they handed out ends with them. An operator's row is not seen from here.
    if (by.tenant_id && !by.person_id.empty()) {
      const auto inviter = TRY(
          transaction.run("SELECT role FROM people WHERE tenant_id = $1::uuid AND person_id = $2::uuid FOR SHARE", {tenant, by.person_id}));
      const auto now_is = inviter.empty() ? std::nullopt : role_from(inviter.front().text(0));
      if (!now_is || *now_is < Role::admin || *now_is < role)
        return fail(ErrorKind::forbidden, "Only admins invite, and only owners invite owners.");
    }
    if (!TRY(transaction.run("SELECT 1 FROM person_by_address($1)", {email})).empty())
      return fail(Error{.kind = ErrorKind::conflict, .message = "somebody has this e-mail address already", .code = "email_taken"});
    TRY(transaction.run("DELETE FROM invitations WHERE tenant_id = $1::uuid AND email = lower($2)", {tenant, email}));
    const auto rows = TRY(transaction.run(
        "INSERT INTO invitations (invitation_id, tenant_id, email, role, token_hash, invited_by, created_at, expires_at, "
        "inviter_id) VALUES ($1::uuid, $2::uuid, lower($3), $4, $5, $6, $7::timestamptz, $8::timestamptz, $9::uuid) RETURNING " +
            std::string(invitation_columns),
        {new_uuid(), tenant, email, to_string(role), sha256_hex(token), by.name, now, now + invitation_valid,
         by.person_id.empty() ? postgres::Param(std::nullopt) : postgres::Param(by.person_id)}));
    return invitation_of(rows.front());
  });
  return NewInvitation{.invitation = TRY(std::move(invitation)), .token = token};
}

Result<void> PeopleService::withdraw(const TenantId& tenant, const std::string& invitation_id) {
  const auto none = [&] { return fail(ErrorKind::not_found, "invitation " + invitation_id + " does not exist"); };
  if (!is_uuid(invitation_id)) return none();
  return pool_.transact(tenant.str(), [&](Transaction& transaction) -> Result<void> {
    const auto gone =
        TRY(transaction.run("DELETE FROM invitations WHERE tenant_id = $1::uuid AND invitation_id = $2::uuid", {tenant, invitation_id}));
    if (gone.affected == 0) return none();
    return {};
  });
}

Result<InvitationPreview> PeopleService::preview(const std::string& token) {
  if (token.size() > token_bytes_max) return fail(no_invitation());
  return pool_.compute<InvitationPreview>("", [&](Transaction& transaction) -> Result<InvitationPreview> {
    const auto rows =
        TRY(transaction.run("SELECT email, role, tenant_name, expires_at FROM invitation_by_token($1) WHERE expires_at > $2::timestamptz",
                            {sha256_hex(token), clock_.now()}));
    if (rows.empty()) return fail(no_invitation());
    const auto& row = rows.front();
    return InvitationPreview{.email = row.text(0),
                             .role = role_from(row.text(1)).value_or(Role::viewer),
                             .tenant_name = row.text(2),
                             .expires_at = row.time(3).value_or(TimePoint{})};
  });
}

Result<Session> PeopleService::accept(const std::string& token, const std::string& password) {
  TRY(check_new_password(password));
  const auto preview_of = TRY(preview(token));
  const auto hash = TRY(access_.hash_password(password));  // before any row is locked: it takes long
  const auto tenant = TRY(pool_.compute<std::string>("", [&](Transaction& transaction) -> Result<std::string> {
    const auto rows = TRY(transaction.run("SELECT tenant_id FROM invitation_by_token($1)", {sha256_hex(token)}));
    if (rows.empty()) return fail(no_invitation());
    return rows.front().text(0);
  }));
  Principal principal{.person_id = PersonId(new_uuid()), .tenant_id = TenantId(tenant), .tenant_name = preview_of.tenant_name};
  const auto now = clock_.now();
  auto joined = pool_.transact(tenant, [&](Transaction& transaction) -> Result<void> {
    // Whoever deletes the row is the one that accepts it.
    const auto taken = TRY(transaction.run(
        "DELETE FROM invitations WHERE tenant_id = $1::uuid AND token_hash = $2 AND expires_at > $3::timestamptz RETURNING email, role",
        {tenant, sha256_hex(token), now}));
    if (taken.empty()) return fail(no_invitation());
    principal.name = taken.front().text(0);
    principal.role = role_from(taken.front().text(1)).value_or(Role::viewer);
    TRY(
        transaction.run("INSERT INTO people (person_id, tenant_id, email, password_hash, role, created_at) VALUES ($1::uuid, $2::uuid, $3, "
                        "$4, $5, $6::timestamptz)",
                        {principal.person_id, tenant, principal.name, hash, to_string(principal.role), now}));
    TRY(
        transaction.run("INSERT INTO audit_log (tenant_id, actor, action, object, at) VALUES ($1::uuid, $2, 'invitation.accept', $2, "
                        "$3::timestamptz)",
                        {tenant, principal.name, now}));
    return {};
  });
  if (!joined && joined.error().code == "unique")
    return fail(Error{.kind = ErrorKind::conflict, .message = "somebody has this e-mail address already", .code = "email_taken"});
  TRY(std::move(joined));
  return access_.open_session(std::move(principal));
}

}  // namespace letterlock
