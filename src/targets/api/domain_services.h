#pragma once

// services.h over domain/{access,alerts,tenants}: translates their values into the contract's views. Owned by app/, which also
// owns the services; any thread.

#include <functional>

#include "domain/access/access_service.h"
#include "domain/alerts/alert_service.h"
#include "domain/tenants/tenant_service.h"
#include "targets/api/services.h"

namespace letterlock::api {

// What the pack says about a rule beside its findings; empty texts for a rule that is gone.
struct RuleText {
  std::string description;
  std::string runbook;  // Markdown: the rule's .md
};
using RuleTextOf = std::function<RuleText(const RuleId&)>;

class DomainAccess final : public AccessBoard {
 public:
  DomainAccess(AccessService& access, const Clock& clock) : access_(access), clock_(clock) {}
  Result<SignedIn> sign_in(const SignInBody& body, const std::string& peer_address) override;
  Result<Caller> session(const std::string& session_token) override;
  Result<Caller> api_key(const std::string& key) override;
  Result<void> sign_out(const std::string& session_token) override;
  Result<void> audit(const Caller& caller, std::string_view action, std::string_view object) override;

 private:
  AccessService& access_;
  const Clock& clock_;
};

class DomainAlerts final : public AlertBoard {
 public:
  DomainAlerts(AlertService& alerts, RuleTextOf rule_text) : alerts_(alerts), rule_text_(std::move(rule_text)) {}
  Result<std::string> version(const TenantId& tenant) override { return alerts_.version(tenant); }
  Result<AlertPageView> list(const TenantId& tenant, const AlertQuery& query) override;
  Result<AlertDetailView> get(const TenantId& tenant, const AlertId& alert) override;
  Result<void> change(const TenantId& tenant, const AlertId& alert, const AlertChangeBody& body, const Caller& caller) override;
  Result<MessageKey> newest_message(const TenantId& tenant, const AlertId& alert) override;

 private:
  AlertService& alerts_;
  RuleTextOf rule_text_;
};

class DomainConnections final : public ConnectionBoard {
 public:
  DomainConnections(TenantService& tenants, AccessBoard& access) : tenants_(tenants), access_(access) {}
  Result<std::vector<ConnectionView>> list(const TenantId& tenant) override;
  Result<ConnectionDetailView> get(const TenantId& tenant, const ConnectionId& connection) override;
  Result<ConnectionId> create(const TenantId& tenant, const NewConnectionBody& body, const Caller& caller) override;
  Result<JobId> sync(const TenantId& tenant, const ConnectionId& connection, const Caller& caller) override;
  Result<std::vector<JobView>> jobs(const TenantId& tenant, std::optional<JobState> state, int limit) override;

 private:
  TenantService& tenants_;
  AccessBoard& access_;  // for the audit log
};

class DomainTenants final : public TenantBoard {
 public:
  explicit DomainTenants(TenantService& tenants) : tenants_(tenants) {}
  Result<std::vector<TenantView>> list() override;

 private:
  TenantService& tenants_;
};

}  // namespace letterlock::api
