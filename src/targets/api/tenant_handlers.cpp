#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {

http::Response list_tenants(const ApiDependencies& api, const http::Request& request, const Principal&) {
  const auto found = [&]() -> Result<TenantList> { return TenantList{TRY(api.services.installation.tenants())}; }();
  return answer(found, request);
}

http::Response create_tenant(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto made = [&]() -> Result<NewTenantAnswer> {
    const auto body = TRY(new_tenant_body(request.body));
    TRY(check_email(body.owner_email));
    TRY(audited(api, caller, "tenant.create", body.name));
    const auto tenant = TRY(api.services.tenants.create(body.name));
    auto invited = api.services.people.invite(caller, tenant, body.owner_email, Role::owner);
    if (!invited) {
      // Nobody could ever come in: as if it had not been made.
      TRY(api.services.tenants.remove(tenant));
      return fail(std::move(invited).error());
    }
    return NewTenantAnswer{.tenant = TRY(api.services.installation.health(tenant)).tenant,
                           .invitation = std::move(invited->invitation),
                           .token = std::move(invited->token)};
  }();
  return answer(made, request, 201);
}

http::Response get_tenant(const ApiDependencies& api, const http::Request& request, const Principal&) {
  const auto id = path_id<TenantId>(request, "tenant_id");
  if (!id) return refused(id.error(), request);
  return answer(api.services.installation.health(*id), request);
}

http::Response change_tenant(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<TenantId>(request, "tenant_id");
  if (!id) return refused(id.error(), request);
  const auto changed = [&]() -> Result<TenantHealth> {
    const auto change = TRY(tenant_change_body(request.body));
    const auto* action = change.state == "suspended" ? "tenant.suspend" : change.state == "active" ? "tenant.resume" : "tenant.rename";
    TRY(audited(api, caller, action, id->str()));
    TRY(api.services.installation.change(*id, change));
    return api.services.installation.health(*id);
  }();
  return answer(changed, request);
}

http::Response delete_tenant(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<TenantId>(request, "tenant_id");
  if (!id) return refused(id.error(), request);
  const auto gone = [&]() -> Result<void> {
    const auto health = TRY(api.services.installation.health(*id));
    if (request.query_value("confirm") != health.tenant.name)
      return fail(ErrorKind::invalid, "confirm: send the company's name, to the letter. Its mail can never be read again.");
    TRY(audited(api, caller, "tenant.delete", id->str()));
    TRY(api.services.tenants.remove(*id));
    // The key is destroyed, so the file is unreadable already; that it is still there is for the operator to know.
    if (const auto forgotten = api.storage.forget(*id, true); !forgotten)
      LOG(warn, "the file of a deleted tenant could not be removed", {{"tenant", *id}, {"reason", forgotten.error().message}});
    return {};
  }();
  return done(gone, request);
}

http::Response invite_owner(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = path_id<TenantId>(request, "tenant_id");
  if (!id) return refused(id.error(), request);
  const auto made = [&]() -> Result<NewInvitation> {
    const auto email = TRY(owner_invitation_body(request.body));
    TRY(check_email(email));
    TRY(audited(api, caller, "invitation.create", email));
    return api.services.people.invite(caller, *id, email, Role::owner);
  }();
  return answer(made, request, 201);
}

http::Response list_installation_audit_log(const ApiDependencies& api, const http::Request& request, const Principal&) {
  const auto found = [&]() -> Result<AuditPage> {
    return api.services.audit_log.list_operators(TRY(cursor_of(request)), TRY(limit_of(request)));
  }();
  return answer(found, request);
}

}  // namespace letterlock::api
