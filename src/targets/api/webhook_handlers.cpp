#include <array>

#include "targets/api/answers.h"
#include "targets/api/handlers.h"

namespace letterlock::api {
namespace {

constexpr std::array<std::string_view, 3> states{"pending", "delivered", "failed"};

Result<std::string> id_of(const http::Request& request) { return path_id<std::string>(request, "webhook_id"); }

}  // namespace

http::Response list_webhooks(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto found = [&]() -> Result<WebhookList> { return WebhookList{TRY(api.services.webhooks.list(*caller.tenant_id))}; }();
  return answer(found, request);
}

http::Response create_webhook(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto made = [&]() -> Result<WebhookWithSecret> {
    const auto body = TRY(new_webhook_body(request.body));
    TRY(audited(api, caller, "webhook.create", body.name));
    return api.services.webhooks.create(*caller.tenant_id, body);
  }();
  return answer(made, request, 201);
}

http::Response change_webhook(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto changed = [&]() -> Result<Webhook> {
    const auto id = TRY(id_of(request));
    const auto body = TRY(webhook_change_body(request.body));
    TRY(audited(api, caller, "webhook.change", id));
    return api.services.webhooks.change(*caller.tenant_id, id, body);
  }();
  return answer(changed, request);
}

http::Response delete_webhook(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = id_of(request);
  if (!id) return refused(id.error(), request);
  if (const auto noted = audited(api, caller, "webhook.delete", *id); !noted) return refused(noted.error(), request);
  return done(api.services.webhooks.remove(*caller.tenant_id, *id), request);
}

http::Response rotate_webhook_secret(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto rotated = [&]() -> Result<WebhookWithSecret> {
    const auto id = TRY(id_of(request));
    TRY(audited(api, caller, "webhook.rotate_secret", id));
    return api.services.webhooks.rotate_secret(*caller.tenant_id, id);
  }();
  return answer(rotated, request);
}

http::Response ping_webhook(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = id_of(request);
  if (!id) return refused(id.error(), request);
  return answer(api.services.webhooks.ping(*caller.tenant_id, *id), request, 202);
}

http::Response list_deliveries(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto found = [&]() -> Result<DeliveryPage> {
    return api.services.webhooks.deliveries(*caller.tenant_id, TRY(id_of(request)), TRY(word_of(request, "state", states)),
                                            TRY(cursor_of(request)), TRY(limit_of(request)));
  }();
  return answer(found, request);
}

http::Response replay_delivery(const ApiDependencies& api, const http::Request& request, const Principal& caller) {
  const auto id = id_of(request);
  if (!id) return refused(id.error(), request);
  return answer(api.services.webhooks.replay(*caller.tenant_id, *id, request.path_parameters.at("delivery_id")), request, 202);
}

}  // namespace letterlock::api
