#include "domain/tenants/tenant_service.h"

#include <gtest/gtest.h>

#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::kind_of;
using testing::must;

class TenantServiceTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(rig.database.ok()); }
  ControlRig rig;
};

TEST_F(TenantServiceTest, IsFoundByItsNameAndListedWithWhatItHas) {
  const auto zeta = rig.new_tenant("zeta");
  const auto alpha = rig.new_tenant("alpha");
  rig.new_connection(zeta);
  rig.store_findings(zeta, {testing::finding_of("one", "m1", rig.clock.now()), testing::finding_of("two", "m2", rig.clock.now())});

  EXPECT_EQ(must(rig.tenants.find("zeta")), zeta);
  EXPECT_EQ(kind_of(rig.tenants.find("nobody")), "not_found");
  const auto list = must(rig.installation.tenants());
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].tenant_id, alpha);
  EXPECT_EQ(list[0].connections, 0);
  EXPECT_EQ(list[1].name, "zeta");
  EXPECT_EQ(list[1].connections, 1);
  EXPECT_EQ(list[1].alerts_open, 2);
}

TEST_F(TenantServiceTest, NamesAreUniqueAcrossTenantsAndWithinOne) {
  const auto a = rig.new_tenant("firma");
  const auto taken = rig.tenants.create("firma");
  EXPECT_EQ(kind_of(taken), "conflict");
  EXPECT_EQ(taken.error().code, "name_taken");
  EXPECT_EQ(kind_of(rig.tenants.create("")), "invalid");

  rig.new_connection(a, "mail");
  EXPECT_EQ(kind_of(rig.tenants.create_connection(a, {.name = "mail", .settings_json = "{}", .secret_json = "{}"})), "conflict");
  rig.new_connection(rig.new_tenant("other"), "mail");
}

TEST_F(TenantServiceTest, SecretsLieWrappedAndComeBackOnlyToTheHolderOfTheJob) {
  const auto tenant = rig.new_tenant("firma");
  const auto connection = rig.new_connection(tenant);
  const auto stored = postgres::from_bytea(rig.database.cell("SELECT secret_wrapped FROM connections"));
  EXPECT_GT(stored.size(), 16U);
  EXPECT_FALSE(stored.contains("s3cret"));
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM connections WHERE to_jsonb(connections)::text LIKE '%s3cret%'"), "0");

  const auto job = must(rig.tenants.sync_now(tenant, connection));
  const auto claimed = must(rig.control.claim({.job_id = job, .tenant_id = tenant, .connection_id = connection}, "worker"));
  const auto read = must(rig.control.get_connection(claimed));
  EXPECT_EQ(read.secret_json, R"({"client_secret":"s3cret-of-mail"})");
  EXPECT_EQ(read.trusted_authserv_ids, (std::vector<std::string>{"mx.firma.example", "odd \"one\", \\x"}));
  auto stranger = claimed;
  stranger.lease_id = new_uuid();
  EXPECT_EQ(kind_of(rig.control.get_connection(stranger)), "conflict");
}

TEST_F(TenantServiceTest, EveryTenantHasADataKeyOfItsOwnAndRemovalDestroysIt) {
  const auto a = rig.new_tenant("a"), b = rig.new_tenant("b");
  const auto key_a = must(rig.control.get_data_key(a)).bytes, key_b = must(rig.control.get_data_key(b)).bytes;
  EXPECT_EQ(key_a.size(), 32U);
  EXPECT_NE(key_a, key_b);
  EXPECT_EQ(must(rig.control.get_data_key(a)).bytes, key_a);

  const auto connection = rig.new_connection(a);
  must(rig.tenants.sync_now(a, connection));
  must(rig.access.create_person(
      {.email = "o@a.example", .password = "correct horse battery", .role = Role::owner, .tenant_id = a, .interactive_hash = true}));
  must(rig.tenants.remove(a));
  EXPECT_EQ(kind_of(rig.control.get_data_key(a)), "not_found");
  EXPECT_EQ(kind_of(rig.tenants.find("a")), "not_found");
  EXPECT_EQ(kind_of(rig.tenants.remove(a)), "not_found");
  EXPECT_EQ(must(rig.installation.tenants()).size(), 1U);
  EXPECT_EQ(rig.database.cell("SELECT (SELECT count(*) FROM connections) + (SELECT count(*) FROM jobs) + (SELECT count(*) FROM people)"),
            "0");
  EXPECT_NE(rig.new_tenant("a"), a);
  EXPECT_EQ(must(rig.control.get_data_key(b)).bytes, key_b);
}

TEST_F(TenantServiceTest, RefusesSettingsAndSecretsThatAreNoJsonObjectWithoutQuotingThem) {
  const auto tenant = rig.new_tenant("firma");
  for (const auto* bad : {"", "[]", "nonsense-s3cret", "{\"a\":", "{} {}"}) {
    const auto by_secret = rig.tenants.create_connection(tenant, {.name = "c", .settings_json = "{}", .secret_json = bad});
    EXPECT_EQ(kind_of(by_secret), "invalid") << bad;
    ASSERT_FALSE(by_secret);
    EXPECT_FALSE(by_secret.error().message.contains("s3cret"));
    EXPECT_EQ(kind_of(rig.tenants.create_connection(tenant, {.name = "c", .settings_json = bad, .secret_json = "{}"})), "invalid") << bad;
  }
  EXPECT_EQ(kind_of(rig.tenants.create_connection(
                tenant, {.name = "c", .settings_json = "{}", .secret_json = "{}", .interval = std::chrono::seconds(0)})),
            "invalid");
  EXPECT_EQ(kind_of(rig.tenants.create_connection(TenantId(new_uuid()), {.name = "c", .settings_json = "{}", .secret_json = "{}"})),
            "not_found");
}

TEST_F(TenantServiceTest, AConnectionIsChangedPartByPartAndPaused) {
  const auto tenant = rig.new_tenant("firma");
  const auto connection = rig.new_connection(tenant);
  must(rig.tenants.change_connection(tenant, connection,
                                     {.secret_json = R"({"client_secret":"new"})", .interval = std::chrono::seconds(60)}));
  must(rig.tenants.change_connection(tenant, connection, {.name = "post", .paused = true}));
  const auto status = must(rig.tenants.connection(tenant, connection));
  EXPECT_EQ(status.name, "post");
  EXPECT_EQ(status.state, "paused");
  EXPECT_EQ(rig.database.cell("SELECT interval_seconds FROM connections"), "60");
  EXPECT_EQ(must(rig.jobs.insert_due(10)), 0) << "a paused connection is never due";
  must(rig.tenants.change_connection(tenant, connection, {.paused = false}));
  EXPECT_EQ(must(rig.tenants.connection(tenant, connection)).state, "new");

  const auto job = must(rig.tenants.sync_now(tenant, connection));
  const auto claimed = must(rig.control.claim({.job_id = job, .tenant_id = tenant, .connection_id = connection}, "worker"));
  EXPECT_EQ(must(rig.control.get_connection(claimed)).secret_json, R"({"client_secret":"new"})");

  EXPECT_EQ(kind_of(rig.tenants.change_connection(rig.new_tenant("other"), connection, {.name = "mine"})), "not_found");
  EXPECT_EQ(kind_of(rig.tenants.connection(tenant, ConnectionId("no uuid"))), "not_found");
}

TEST_F(TenantServiceTest, AConnectionsServersArePublicAndItsSecretGoesToNoOther) {
  const auto tenant = rig.new_tenant("firma");
  const auto made = [&](TenantService& tenants, const std::string& name, const std::string& settings) {
    return tenants.create_connection(
        tenant, {.name = name, .provider = ProviderKind::microsoft, .settings_json = settings, .secret_json = R"({"client_secret":"s"})"});
  };
  // The second as PostgreSQL reads it: its name is spelt with an escape.
  for (const auto* inside : {R"({"login_root":"http://login.example"})", R"({"login\u005froot":"https://127.0.0.1"})",
                             R"({"graph_root":"https://[::1"})", R"({"graph_root":5})"}) {
    const auto refused = made(rig.tenants, "mail", inside);
    EXPECT_EQ(kind_of(refused), "invalid") << inside;
    EXPECT_TRUE(refused.error().message.contains("settings")) << refused.error().message;
  }
  EXPECT_TRUE(
      made(rig.tenants, "mail", R"({"login_root":"http://login.example"})").error().message.contains("LETTERLOCK_PRIVATE_ADDRESSES=1"));
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM connections"), "0");
  TenantService with_inside(rig.pool, rig.master_key, rig.clock, {.private_addresses = true});
  must(made(with_inside, "inside", R"({"login_root":"http://127.0.0.1:9"})"));

  const auto connection = must(made(rig.tenants, "mail", R"({"tenant":"a","login_root":"https://login.example/"})"));
  for (const auto* elsewhere : {R"({"tenant":"a","login_root":"https://thief.example"})", R"({"tenant":"a"})",
                                R"({"tenant":"a","login_root":"https://login.example","graph\u005froot":"https://thief.example"})"}) {
    const auto refused = rig.tenants.change_connection(tenant, connection, {.settings_json = elsewhere});
    EXPECT_EQ(kind_of(refused), "invalid") << elsewhere;
    EXPECT_TRUE(refused.error().message.contains("_root: the connection's secret was given to another server")) << refused.error().message;
  }
  EXPECT_TRUE(must(rig.tenants.settings(tenant, connection)).contains("https://login.example/"));
  must(rig.tenants.change_connection(tenant, connection, {.settings_json = R"({"tenant":"b","login_root":"https://login.example"})"}));
  const std::string other = R"({"tenant":"b","login_root":"https://other.example"})";
  must(rig.tenants.change_connection(tenant, connection, {.settings_json = other, .secret_json = R"({"client_secret":"new"})"}));
  EXPECT_EQ(
      kind_of(rig.tenants.change_connection(
          tenant, connection, {.settings_json = R"({"login_root":"https://10.0.0.1"})", .secret_json = R"({"client_secret":"new"})"})),
      "invalid");
}

// An archive's paths lie on the machine of the ingestion: only its operator may name any of them.
TEST_F(TenantServiceTest, AnArchivesPathsLieBelowTheAllowedFoldersUnlessTheOperatorNamesThem) {
  const auto tenant = rig.new_tenant("firma");
  TenantService tenants(rig.pool, rig.master_key, rig.clock, {.archive_folders = {"/srv/mail"}});
  const auto settings = [](const std::string& path, const std::string& more = "") {
    return R"({"paths":[")" + path + R"("],"mailbox_address":"a@firma.example")" + more + "}";
  };
  const auto archive = [&](const std::string& name, const std::string& json, bool by_operator) {
    return tenants.create_connection(
        tenant, {.name = name, .provider = ProviderKind::archive, .settings_json = json, .secret_json = "{}", .by_operator = by_operator});
  };
  const auto ours = must(archive("ours", settings("/srv/mail/firma"), false));
  const std::string marked = R"(,"named_by_operator":true)";
  for (const auto& wrong :
       {settings("/etc"), settings("/srv/mailbox"), settings("/srv/mail/../keys"), settings("mail"), settings("/srv/mail", marked),
        settings("/etc", marked), settings("/srv/mail", R"(,"named_by_oper\u0061tor":true)"), settings("/srv/mail/a\",\"/etc")}) {
    EXPECT_EQ(kind_of(archive("wrong", wrong, false)), "invalid") << wrong;
    EXPECT_EQ(kind_of(tenants.change_connection(tenant, ours, {.settings_json = wrong})), "invalid") << wrong;
  }
  EXPECT_EQ(must(tenants.settings(tenant, ours)), R"({"paths": ["/srv/mail/firma"], "mailbox_address": "a@firma.example"})");

  const auto imported = must(archive("import", settings("/home/me/mail"), true));
  EXPECT_TRUE(must(tenants.settings(tenant, imported)).contains(R"("named_by_operator": true)"));
  must(tenants.change_connection(tenant, imported, {.name = "my import"}));
  EXPECT_TRUE(must(tenants.settings(tenant, imported)).contains(R"("named_by_operator": true)")) << "a name says nothing about paths";
  EXPECT_EQ(kind_of(tenants.change_connection(tenant, imported, {.settings_json = settings("/home/me/mail")})), "invalid");
  must(tenants.change_connection(tenant, imported, {.settings_json = settings("/srv/mail/mine")}));
  EXPECT_FALSE(must(tenants.settings(tenant, imported)).contains("named_by_operator"));
  must(tenants.change_connection(tenant, imported, {.settings_json = settings("/home/me/other"), .by_operator = true}));
  EXPECT_TRUE(must(tenants.settings(tenant, imported)).contains(R"("named_by_operator": true)"));
  // Installations that name no folder have no archive but the operator's.
  EXPECT_EQ(kind_of(rig.tenants.create_connection(
                tenant, {.name = "none", .provider = ProviderKind::archive, .settings_json = settings("/srv/mail"), .secret_json = "{}"})),
            "invalid");
}

TEST_F(TenantServiceTest, SyncNowNamesTheActiveJobAndQueuesOnlyWhereThereIsNone) {
  const auto tenant = rig.new_tenant("firma");
  const auto connection = rig.new_connection(tenant);
  const auto job = must(rig.tenants.sync_now(tenant, connection));
  EXPECT_EQ(must(rig.tenants.sync_now(tenant, connection)), job);
  const auto claimed = must(rig.control.claim({.job_id = job, .tenant_id = tenant, .connection_id = connection}, "worker"));
  EXPECT_EQ(must(rig.tenants.sync_now(tenant, connection)), job);
  EXPECT_EQ(must(rig.jobs.insert_due(10)), 0);
  must(rig.control.finish_ingestion(
      claimed,
      {.mailboxes = {{.mailbox_id = MailboxId("m1"), .address = "anna@firma.example", .messages_stored = 3, .caught_up = true},
                     {.mailbox_id = MailboxId("m2"), .address = "ben@firma.example", .messages_stored = 4, .messages_set_aside = 1}}}));
  const auto next = must(rig.tenants.sync_now(tenant, connection));
  EXPECT_NE(next, job);
  EXPECT_EQ(kind_of(rig.tenants.sync_now(rig.new_tenant("other"), connection)), "not_found");

  const auto status = must(rig.tenants.connections(tenant)).at(0);
  EXPECT_EQ(status.state, "ok");
  EXPECT_EQ(status.last_sync_at, rig.clock.now());
  EXPECT_EQ(status.mailboxes_total, 2);
  EXPECT_EQ(status.mailboxes_caught_up, 1);
  EXPECT_EQ(status.messages_stored, 7);
  EXPECT_EQ(status.messages_set_aside, 1);
  const auto mailboxes = must(rig.mailboxes.list(tenant, {.connection_id = connection})).mailboxes;
  ASSERT_EQ(mailboxes.size(), 2U);
  EXPECT_EQ(mailboxes[1].address, "ben@firma.example");
  EXPECT_EQ(mailboxes[1].updated_at, rig.clock.now());

  EXPECT_EQ(must(rig.job_list.list(tenant, {})).jobs.size(), 2U);
  const auto queued = must(rig.job_list.list(tenant, {.state = JobState::queued})).jobs;
  ASSERT_EQ(queued.size(), 1U);
  EXPECT_EQ(queued[0].job_id, next);
  EXPECT_EQ(queued[0].connection_id, connection);
  EXPECT_EQ(must(rig.job_list.get(tenant, job)).progress->messages_stored, 0) << "the slice's own sum, which this one did not give";
  EXPECT_EQ(kind_of(rig.job_list.get(rig.new_tenant("third"), job)), "not_found");
}

TEST_F(TenantServiceTest, ARuleIsSwitchedPerTenant) {
  const auto tenant = rig.new_tenant("firma"), other = rig.new_tenant("other");
  must(rig.rules.change(tenant, RuleId("a/b"), {.enabled = true}));
  must(rig.rules.change(tenant, RuleId("a/b"), {.enabled = false}));
  const auto settings = must(rig.control.get_rule_settings({.message = {.tenant_id = tenant}}));
  ASSERT_EQ(settings.size(), 1U);
  EXPECT_FALSE(settings[0].enabled);
  EXPECT_TRUE(must(rig.control.get_rule_settings({.message = {.tenant_id = other}})).empty());
}

}  // namespace
}  // namespace letterlock
