#pragma once

// The world around a control plane for ports/control_plane_conformance.h. What calls rig.control in another way (over HTTP)
// derives from it and answers plane() with its own. Owned by the suite.

#include "ports/control_plane_conformance.h"
#include "tests/support/control_rig.h"

namespace letterlock::testing {

class ControlRigUnderTest : public ControlPlaneUnderTest {
 public:
  ControlRigUnderTest() {
    tenant_ = must(rig.tenants.create("firma"));
    connection_ = must(rig.tenants.create_connection(tenant_, {.name = "mail",
                                                               .settings_json = R"({"admin_email":"admin@firma.example"})",
                                                               .secret_json = R"({"client_secret":"s3cret"})",
                                                               .trusted_authserv_ids = {"mx.firma.example"}}));
  }
  ControlPlane& plane() override { return rig.control; }
  TenantId tenant() const override { return tenant_; }
  ConnectionId connection() const override { return connection_; }
  TimePoint now() const override { return rig.clock.now(); }
  void pass(Duration time) override { rig.clock.advance(time); }
  void reap() override { must(rig.jobs.reap()); }
  JobMessage queue_ingestion() override {
    return {.job_id = must(rig.tenants.sync_now(tenant_, connection_)), .tenant_id = tenant_, .connection_id = connection_};
  }
  std::vector<std::vector<std::string>> sql(const std::string& text) override {
    std::vector<std::vector<std::string>> rows;
    for (const auto& row : rig.database.sql(text)) {
      auto& cells = rows.emplace_back();
      for (const auto& cell : row) cells.push_back(cell.value_or("NULL"));
    }
    return rows;
  }

 protected:
  ControlRig rig;

 private:
  TenantId tenant_;
  ConnectionId connection_;
};

}  // namespace letterlock::testing
