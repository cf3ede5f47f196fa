#pragma once

// targets/api/services.h over the domain's services: the API's words for what PostgreSQL holds. Owned by the api target.

#include "app/control_parts.h"
#include "domain/detection/rule_pack.h"
#include "targets/api/services.h"

namespace letterlock {

class AccessBoardOverDomain final : public api::AccessBoard {
 public:
  AccessBoardOverDomain(AccessService& access, Clock& clock) : access_(access), clock_(clock) {}
  Result<api::SignedIn> sign_in(const api::SignInBody& body, const std::string& peer_address) override;
  Result<api::Caller> session(const std::string& session_token) override;
  Result<api::Caller> api_key(const std::string& key) override;
  Result<void> sign_out(const std::string& session_token) override;
  Result<void> audit(const api::Caller& caller, std::string_view action, std::string_view object) override;

 private:
  AccessService& access_;
  Clock& clock_;
};

class AlertBoardOverDomain final : public api::AlertBoard {
 public:
  // rules_folder: where the runbooks (.md) of the pack lie.
  AlertBoardOverDomain(AlertService& alerts, const detection::RulePack& pack, std::string rules_folder)
      : alerts_(alerts), pack_(pack), rules_folder_(std::move(rules_folder)) {}
  Result<std::string> version(const TenantId& tenant) override;
  Result<api::AlertPageView> list(const TenantId& tenant, const api::AlertQuery& query) override;
  Result<api::AlertDetailView> get(const TenantId& tenant, const AlertId& alert) override;
  Result<void> change(const TenantId& tenant, const AlertId& alert, const api::AlertChangeBody& body, const api::Caller& caller) override;
  Result<api::MessageKey> newest_message(const TenantId& tenant, const AlertId& alert) override;

 private:
  AlertService& alerts_;
  const detection::RulePack& pack_;
  const std::string rules_folder_;
};

class ConnectionBoardOverDomain final : public api::ConnectionBoard {
 public:
  explicit ConnectionBoardOverDomain(TenantService& tenants) : tenants_(tenants) {}
  Result<std::vector<api::ConnectionView>> list(const TenantId& tenant) override;
  Result<api::ConnectionDetailView> get(const TenantId& tenant, const ConnectionId& connection) override;
  Result<ConnectionId> create(const TenantId& tenant, const api::NewConnectionBody& body, const api::Caller& caller) override;
  Result<JobId> sync(const TenantId& tenant, const ConnectionId& connection, const api::Caller& caller) override;
  Result<std::vector<api::JobView>> jobs(const TenantId& tenant, std::optional<JobState> state, int limit) override;

 private:
  TenantService& tenants_;
};

class TenantBoardOverDomain final : public api::TenantBoard {
 public:
  explicit TenantBoardOverDomain(TenantService& tenants) : tenants_(tenants) {}
  Result<std::vector<api::TenantView>> list() override;

 private:
  TenantService& tenants_;
};

// The pack's rules as they stand for one tenant.
Result<std::vector<api::RuleView>> rules_of(const detection::RulePack& pack, ControlPlane& control, const TenantId& tenant);

}  // namespace letterlock
