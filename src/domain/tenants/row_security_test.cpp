// What one tenant, or a role that needs little, can see and change in PostgreSQL however wrong our SQL is.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::finding_of;
using testing::must;

class RowSecurityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig.database.ok());
    for (auto* tenant : {&a, &b}) *tenant = fill(tenant == &a ? "a" : "b");
    for (const auto& row : rig.database.sql("SELECT table_name FROM information_schema.columns JOIN information_schema.tables USING "
                                            "(table_schema, table_name) WHERE table_schema = 'public' AND column_name = 'tenant_id' "
                                            "AND table_type = 'BASE TABLE' ORDER BY 1"))
      tables.push_back(row[0].value());
    ASSERT_GE(tables.size(), 14U);
  }

  // A tenant with at least one row in every table that has a tenant_id.
  TenantId fill(const std::string& name) {
    const auto tenant = rig.new_tenant(name);
    const auto email = "owner@" + name + ".example";
    const auto owner = must(rig.access.create_person(
        {.email = email, .password = "correct horse battery", .role = Role::owner, .tenant_id = tenant, .interactive_hash = true}));
    must(rig.access.audit(must(rig.access.sign_in(email, "correct horse battery")).principal, "test", "x"));
    must(rig.api_keys.create_for(tenant, email, {.name = "key", .role = Role::viewer, .scopes = {"alerts:read"}}));
    const auto reset = must(rig.password_resets.make_for(email));
    EXPECT_EQ(reset.person_id, owner);
    const auto connection = rig.new_connection(tenant);
    const auto job = must(rig.tenants.sync_now(tenant, connection));
    const auto claimed = must(rig.control.claim({.job_id = job, .tenant_id = tenant, .connection_id = connection}, "worker"));
    must(rig.control.finish_ingestion(claimed, {.mailboxes = {{.mailbox_id = MailboxId("m1"), .address = "x@" + name + ".example"}}}));
    rig.store_findings(tenant, {finding_of("campaign", "m1", rig.clock.now())});
    must(rig.rules.change(tenant, RuleId("a/b"), {.enabled = false}));
    must(rig.suppressions.create(tenant, {.key = {.rule_id = "a/b"}, .reason = "x", .until = rig.clock.now() + std::chrono::hours(1)},
                                 email));
    must(rig.people.invite({.name = email, .role = Role::owner}, tenant, "new@" + name + ".example", Role::viewer));
    const auto webhook = must(rig.webhooks.create(tenant, {.name = "hook", .url = "https://hooks.example/", .events = {"alert.created"}}));
    must(rig.webhooks.ping(tenant, webhook.webhook.webhook_id));
    rig.store_rule_run(tenant);
    must(rig.idempotency.begin({.caller = name, .tenant_id = tenant, .key = "k"}));
    rig.database.sql("INSERT INTO tenant_logins VALUES ('login_" + name + "', '" + tenant.str() + "')");
    return tenant;
  }

  // The only cell, or the error, of one statement as the api role.
  std::string as_api(const std::string& tenant, const std::string& sql) { return as(rig.pool, tenant, sql); }
  std::string as(postgres::Pool& pool, const std::string& tenant, const std::string& sql) {
    const auto rows = pool.compute<postgres::Rows>(tenant, [&](postgres::Transaction& transaction) { return transaction.run(sql); });
    if (!rows) return rows.error().message;
    if (rows->rows.empty()) return std::to_string(rows->affected) + " affected";
    return rows->front().text(0);
  }

  ControlRig rig;
  TenantId a, b;
  std::vector<std::string> tables;
};

TEST_F(RowSecurityTest, WithoutAnyWhereATenantSeesItsOwnRowsAndNoForeignOne) {
  for (const auto& table : tables) {
    SCOPED_TRACE(table);
    for (const auto* tenant : {&a, &b}) {
      EXPECT_NE(as_api(tenant->str(), "SELECT count(*) FROM " + table), "0") << "the table must hold a row for this to show anything";
      EXPECT_EQ(as_api(tenant->str(), "SELECT count(*) FROM " + table + " WHERE tenant_id IS DISTINCT FROM '" + tenant->str() + "'"), "0");
    }
    EXPECT_EQ(as_api("", "SELECT count(*) FROM " + table), "0") << "no tenant set: nothing";
  }
}

TEST_F(RowSecurityTest, EveryTenantTableForcesItsPoliciesOnTheOwnerToo) {
  EXPECT_EQ(rig.database.cell("SELECT coalesce(string_agg(relname, ', '), '') FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid "
                              "WHERE t.attname = 'tenant_id' AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace "
                              "AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"),
            "");
}

TEST_F(RowSecurityTest, RowsOfAnotherTenantAreNeitherWrittenChangedNorDeleted) {
  for (const auto& table : tables) {
    SCOPED_TRACE(table);
    const auto count = "SELECT count(*) FROM " + table + " WHERE tenant_id = '" + b.str() + "'";
    const auto before = rig.database.cell(count);
    // Moving rows to or away from a tenant, or touching the other's: refused, or no row is met.
    const auto stolen = as_api(a.str(), "UPDATE " + table + " SET tenant_id = '" + a.str() + "' WHERE tenant_id = '" + b.str() + "'");
    EXPECT_TRUE(stolen == "0 affected" || stolen.contains("permission denied")) << stolen;
    const auto given = as_api(a.str(), "UPDATE " + table + " SET tenant_id = '" + b.str() + "'");
    EXPECT_TRUE(given.contains("row-level security") || given.contains("permission denied")) << given;
    const auto deleted = as_api(a.str(), "DELETE FROM " + table + " WHERE tenant_id = '" + b.str() + "'");
    EXPECT_TRUE(deleted == "0 affected" || deleted.contains("permission denied")) << deleted;
    EXPECT_EQ(rig.database.cell(count), before);
  }
  EXPECT_TRUE(as_api(a.str(), "INSERT INTO rule_settings VALUES ('" + b.str() + "', 'x/y', true)").contains("row-level security"));
  EXPECT_TRUE(as_api("", "INSERT INTO rule_settings VALUES ('" + b.str() + "', 'x/y', true)").contains("row-level security"));
}

TEST_F(RowSecurityTest, TheSchedulerSeesWhenAConnectionIsDueAndNoSecretSettingOrAlert) {
  EXPECT_EQ(as(rig.scheduler_pool, "", "SELECT count(connection_id) FROM connections"), "2");
  for (const auto* column : {"secret_wrapped", "settings", "name", "*"})
    EXPECT_TRUE(as(rig.scheduler_pool, "", "SELECT " + std::string(column) + " FROM connections").contains("permission denied")) << column;
  EXPECT_TRUE(as(rig.scheduler_pool, "", "UPDATE connections SET paused = true").contains("permission denied"));
  for (const auto& table : tables) {
    if (table == "connections" || table == "jobs") continue;
    EXPECT_TRUE(as(rig.scheduler_pool, "", "SELECT * FROM " + table).contains("permission denied")) << table;
  }
  for (const auto* look_up : {"list_tenant_health()", "take_deliveries(now(), now(), 1)", "search_alerts('x', '{}', '{}', NULL, NULL, 1)"})
    EXPECT_TRUE(as(rig.scheduler_pool, "", "SELECT * FROM " + std::string(look_up)).contains("permission denied")) << look_up;
  EXPECT_TRUE(as(rig.scheduler_pool, "", "DELETE FROM jobs").contains("permission denied"));
}

TEST_F(RowSecurityTest, WhatWasAuditedStays) {
  EXPECT_TRUE(as_api(a.str(), "DELETE FROM audit_log").contains("permission denied"));
  EXPECT_TRUE(as_api(a.str(), "UPDATE audit_log SET actor = 'nobody'").contains("permission denied"));
  EXPECT_TRUE(as_api(a.str(), "SELECT * FROM sign_in_failures").contains("permission denied"));
}

// A role that signs in for one tenant alone reads that tenant's rows, whatever it sets.
TEST_F(RowSecurityTest, ALoginRoleIsHeldToItsTenantBySessionUserNotBySettings) {
  const std::string role = "letterlock_login_" + new_uuid();
  rig.database.sql("CREATE ROLE \"" + role + "\" LOGIN PASSWORD 'x'");
  rig.database.sql("GRANT SELECT ON alerts TO \"" + role + "\"");
  rig.database.sql("INSERT INTO tenant_logins VALUES ('" + role + "', '" + a.str() + "')");
  {
    postgres::Pool admin({.url = rig.database.url(), .connections_max = 1});
    const auto as_login = [&](const std::string& sql) {
      std::string seen;
      must(admin.transact(b.str(), [&](postgres::Transaction& transaction) -> Result<void> {
        TRY(transaction.run("SET LOCAL SESSION AUTHORIZATION \"" + role + "\""));
        seen = TRY(transaction.run(sql)).front().text(0);
        return {};
      }));
      return seen;
    };
    EXPECT_EQ(as_login("SELECT count(*) FROM alerts"), "1");
    EXPECT_EQ(as_login("SELECT count(*) FROM alerts WHERE tenant_id = '" + a.str() + "'"), "1");
  }
  rig.database.sql("DROP OWNED BY \"" + role + "\"");
  rig.database.sql("DROP ROLE \"" + role + "\"");
}

}  // namespace
}  // namespace letterlock
