#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {

http::Response list_people(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto found = [&]() -> Result<PersonList> { return PersonList{TRY(api.services.people.people(*caller.tenant_id))}; }();
  return answer(found, request);
}

http::Response change_person(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<PersonId>(request, "person_id");
  if (!id) return refused(id.error(), request);
  const auto changed = [&]() -> Result<Person> {
    const auto role = TRY(person_change_body(request.body));
    TRY(audited(api, caller, "person.role", id->str()));
    return api.services.people.set_role(caller, *id, role);
  }();
  return answer(changed, request);
}

http::Response delete_person(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<PersonId>(request, "person_id");
  if (!id) return refused(id.error(), request);
  if (const auto noted = audited(api, caller, "person.delete", id->str()); !noted) return refused(noted.error(), request);
  return done(api.services.people.remove(caller, *id), request);
}

http::Response create_password_reset(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<PersonId>(request, "person_id");
  if (!id) return refused(id.error(), request);
  const auto made = [&]() -> Result<PasswordReset> {
    TRY(audited(api, caller, "person.reset", id->str()));
    return api.services.password_resets.make(caller, *id);
  }();
  return answer(made, request, 201);
}

http::Response list_invitations(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto found = [&]() -> Result<InvitationList> { return InvitationList{TRY(api.services.people.invitations(*caller.tenant_id))}; }();
  return answer(found, request);
}

http::Response create_invitation(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto made = [&]() -> Result<NewInvitation> {
    const auto body = TRY(new_invitation_body(request.body));
    TRY(check_email(body.email));
    TRY(audited(api, caller, "invitation.create", body.email));
    return api.services.people.invite(caller, *caller.tenant_id, body.email, body.role);
  }();
  return answer(made, request, 201);
}

http::Response delete_invitation(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<std::string>(request, "invitation_id");
  if (!id) return refused(id.error(), request);
  if (const auto noted = audited(api, caller, "invitation.delete", *id); !noted) return refused(noted.error(), request);
  return done(api.services.people.withdraw(*caller.tenant_id, *id), request);
}

http::Response list_api_keys(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto found = [&]() -> Result<ApiKeyList> {
    return ApiKeyList{.api_keys = TRY(api.services.api_keys.list(*caller.tenant_id)),
                      .life_days_max = api.services.api_keys.life_max().count()};
  }();
  return answer(found, request);
}

http::Response create_api_key(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto made = [&]() -> Result<CreatedApiKey> {
    const auto body = TRY(new_api_key_body(request.body));
    TRY(audited(api, caller, "api_key.create", body.name));
    return api.services.api_keys.create(caller, body);
  }();
  return answer(made, request, 201);
}

http::Response delete_api_key(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<std::string>(request, "api_key_id");
  if (!id) return refused(id.error(), request);
  if (const auto noted = audited(api, caller, "api_key.delete", *id); !noted) return refused(noted.error(), request);
  return done(api.services.api_keys.revoke(*caller.tenant_id, *id), request);
}

http::Response list_audit_log(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto found = [&]() -> Result<AuditPage> {
    return api.services.audit_log.list(*caller.tenant_id, {.actor = TRY(text_of(request, "actor", 320)),
                                                           .action = TRY(text_of(request, "action", 100)),
                                                           .from = TRY(time_of(request, "from")),
                                                           .to = TRY(time_of(request, "to")),
                                                           .cursor = TRY(cursor_of(request)),
                                                           .limit = TRY(limit_of(request))});
  }();
  return answer(found, request);
}

}  // namespace letterlock::api
