#include "domain/access/api_key_service.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "adapters/postgres/databases.h"
#include "adapters/postgres/migrations.h"
#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using std::chrono::days;
using testing::ControlRig;
using testing::every_scope;
using testing::kind_of;
using testing::must;

class ApiKeyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig.database.ok());
    tenant = rig.new_tenant("firma");
    owner = person("owner@firma.example", Role::owner);
    admin = person("admin@firma.example", Role::admin);
  }
  Principal person(const std::string& email, Role role) {
    const auto id = must(rig.access.create_person(
        {.email = email, .password = "correct horse battery", .role = role, .tenant_id = tenant, .interactive_hash = true}));
    return {.person_id = id, .name = email, .tenant_id = tenant, .role = role};
  }
  CreatedApiKey key(const Principal& by, Role role) {
    return must(rig.api_keys.create(by, {.name = new_uuid(), .role = role, .scopes = {"alerts:read"}}));
  }
  ApiKey listed(const CreatedApiKey& key) {
    for (auto& one : must(rig.api_keys.list(tenant)))
      if (one.api_key_id == key.api_key.api_key_id) return one;
    ADD_FAILURE() << "not in the list";
    return {};
  }
  ControlRig rig;
  TenantId tenant;
  Principal owner, admin;
};

TEST_F(ApiKeyTest, EndsWhenItsOwnerIsRemovedAndIsListedWithTheReason) {
  const auto made = key(admin, Role::admin), other = key(owner, Role::owner);
  EXPECT_EQ(must(rig.access.api_key(made.key)).role, Role::admin);
  EXPECT_EQ(listed(made).owner_kind, "person");
  EXPECT_EQ(listed(made).owner_email, "admin@firma.example");
  must(rig.people.remove(owner, admin.person_id));
  const auto refused = rig.access.api_key(made.key);
  ASSERT_EQ(kind_of(refused), "unauthenticated");
  EXPECT_EQ(refused.error().message, "The API key has ended: its owner was removed.");
  EXPECT_EQ(listed(made).owner_kind, "removed");
  EXPECT_FALSE(listed(made).owner_email);
  EXPECT_EQ(listed(made).created_by, "admin@firma.example") << "histories keep the address";
  must(rig.access.api_key(other.key));
  // Somebody new with the same address is somebody else.
  person("admin@firma.example", Role::owner);
  EXPECT_EQ(kind_of(rig.access.api_key(made.key)), "unauthenticated");
  // Whoever deletes the row, a server of the version before too.
  rig.database.sql("UPDATE people SET role = 'owner' WHERE email = 'admin@firma.example'");
  rig.database.sql("DELETE FROM people WHERE person_id = '" + owner.person_id.str() + "'");
  EXPECT_EQ(kind_of(rig.access.api_key(other.key)), "unauthenticated");
}

TEST_F(ApiKeyTest, NeverMayMoreThanItsOwnerAtThatMoment) {
  EXPECT_EQ(kind_of(rig.api_keys.create(admin, {.name = "k", .role = Role::owner, .scopes = {"alerts:read"}})), "forbidden");
  const auto strong = key(admin, Role::admin), weak = key(admin, Role::viewer);
  must(rig.people.set_role(owner, admin.person_id, Role::analyst));
  EXPECT_EQ(must(rig.access.api_key(strong.key)).role, Role::analyst);
  EXPECT_EQ(must(rig.access.api_key(weak.key)).role, Role::viewer);
  EXPECT_EQ(listed(strong).role, Role::admin);
  EXPECT_EQ(listed(strong).effective_role, Role::analyst);
  EXPECT_EQ(kind_of(rig.api_keys.create(admin, {.name = "k", .role = Role::admin, .scopes = {"alerts:read"}})), "forbidden")
      << "a call that began as admin";
  must(rig.people.set_role(owner, admin.person_id, Role::owner));
  EXPECT_EQ(must(rig.access.api_key(strong.key)).role, Role::admin) << "not above what it was made with";
  must(rig.people.remove(owner, admin.person_id));
  EXPECT_EQ(kind_of(rig.api_keys.create(admin, {.name = "k", .role = Role::viewer, .scopes = {"alerts:read"}})), "forbidden")
      << "a call that began before the removal";
}

TEST_F(ApiKeyTest, NamesWhatItMayAndEverythingHasNoSpelling) {
  for (const auto& scopes : std::vector<std::vector<std::string>>{{},
                                                                  {"*"},
                                                                  {"all"},
                                                                  {"everything"},
                                                                  {""},
                                                                  {"alerts"},
                                                                  {"alerts:*"},
                                                                  {"ALERTS:READ"},
                                                                  {"alerts:read", "*"},
                                                                  {"alerts:read", "alerts:read"}}) {
    const auto refused = rig.api_keys.create(admin, {.name = "k", .role = Role::viewer, .scopes = scopes});
    EXPECT_EQ(kind_of(refused), "invalid") << scopes.size();
  }
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM api_keys"), "0");
  const auto made = must(rig.api_keys.create(admin, {.name = "k", .role = Role::viewer, .scopes = every_scope()}));
  EXPECT_EQ(must(rig.access.api_key(made.key)).scopes, every_scope());
  EXPECT_FALSE(made.api_key.legacy);
  // Nor does a row in the database.
  const auto emptied = rig.pool.transact(tenant.str(), [](postgres::Transaction& transaction) -> Result<void> {
    TRY(transaction.run("UPDATE api_keys SET scopes = '{}'"));
    return {};
  });
  ASSERT_FALSE(emptied);
  EXPECT_TRUE(emptied.error().message.contains("api_keys_scopes")) << emptied.error().message;
}

TEST_F(ApiKeyTest, LivesAsLongAsThePolicyAllowsAndNoLonger) {
  ApiKeyService month(rig.pool, rig.clock, {.life_max = days(30)});
  const auto asked = [&](std::optional<TimePoint> end) {
    return month.create(admin, {.name = new_uuid(), .role = Role::viewer, .scopes = {"alerts:read"}, .expires_at = end});
  };
  const auto now = rig.clock.now();
  EXPECT_EQ(must(asked(std::nullopt)).api_key.expires_at, now + days(30));
  EXPECT_EQ(must(asked(now + days(30))).api_key.expires_at, now + days(30));
  const auto longer = asked(now + days(30) + std::chrono::seconds(1));
  ASSERT_EQ(kind_of(longer), "invalid");
  EXPECT_TRUE(longer.error().message.contains("30 days")) << longer.error().message;
  EXPECT_EQ(kind_of(asked(now)), "invalid");
  const auto made = must(rig.api_keys.create(admin, {.name = "default", .role = Role::viewer, .scopes = {"alerts:read"}}));
  rig.clock.advance(days(365) - std::chrono::seconds(1));
  must(rig.access.api_key(made.key));
  rig.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(kind_of(rig.access.api_key(made.key)), "unauthenticated");
}

TEST_F(ApiKeyTest, OnTheCommandLineItHasTheOwnerThatIsNamedOrTheInstallation) {
  const NewApiKey wanted{.name = "a", .role = Role::admin, .scopes = {"audit:read"}};
  const auto mine = must(rig.api_keys.create_for(tenant, "Admin@Firma.example", wanted));
  EXPECT_EQ(mine.api_key.owner_email, "admin@firma.example");
  EXPECT_EQ(kind_of(rig.api_keys.create_for(tenant, "nobody@firma.example", wanted)), "not_found");
  EXPECT_EQ(kind_of(rig.api_keys.create_for(rig.new_tenant("other"), "admin@firma.example", wanted)), "not_found") << "of another company";
  EXPECT_EQ(kind_of(rig.api_keys.create_for(tenant, "admin@firma.example", {.name = "b", .role = Role::owner, .scopes = {"audit:read"}})),
            "forbidden");
  EXPECT_EQ(kind_of(rig.api_keys.create_for(tenant, "", {.name = "op", .role = Role::operator_, .scopes = {"audit:read"}})), "invalid");
  const auto nobodys = must(rig.api_keys.create_for(tenant, "", {.name = "b", .role = Role::owner, .scopes = {"audit:read"}}));
  EXPECT_EQ(nobodys.api_key.owner_kind, "installation");
  EXPECT_EQ(nobodys.api_key.effective_role, Role::owner);
  must(rig.people.remove(owner, admin.person_id));
  EXPECT_EQ(kind_of(rig.access.api_key(mine.key)), "unauthenticated");
  must(rig.access.api_key(nobodys.key));
}

TEST_F(ApiKeyTest, MadeWhileItsOwnerIsRemovedItHasEndedOrWasNotMade) {
  for (int round = 0; round < 20; ++round) {
    const auto leaving = person(new_uuid() + "@firma.example", Role::admin);
    std::optional<Result<CreatedApiKey>> made;
    {
      std::jthread maker(
          [&] { made = rig.api_keys.create(leaving, {.name = new_uuid(), .role = Role::admin, .scopes = {"alerts:read"}}); });
      std::jthread remover([&] { must(rig.people.remove(owner, leaving.person_id)); });
    }
    if (*made)
      EXPECT_EQ(kind_of(rig.access.api_key((*made)->key)), "unauthenticated");
    else
      EXPECT_EQ(kind_of(*made), "forbidden") << made->error().message;
  }
}

TEST_F(ApiKeyTest, IsListedWithoutItsSecretAndRevoked) {
  const auto code_of = [](const auto& result) { return result ? "no error" : result.error().code; };
  const NewApiKey wanted{.name = "siem", .role = Role::viewer, .scopes = {"alerts:read"}};
  const auto made = must(rig.api_keys.create(admin, wanted));
  EXPECT_TRUE(made.key.starts_with("ll_"));
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM api_keys WHERE to_jsonb(api_keys)::text LIKE '%" + made.key + "%'"), "0");
  EXPECT_EQ(made.api_key.api_key_id, must(rig.api_keys.list(tenant)).at(0).api_key_id);
  EXPECT_EQ(made.api_key.created_at, must(rig.api_keys.list(tenant)).at(0).created_at);
  EXPECT_EQ(code_of(rig.api_keys.create(admin, wanted)), "name_taken");
  rig.database.sql("INSERT INTO api_keys (key_hash, tenant_id, name, role, scopes) SELECT 'hash ' || n, '" + tenant.str() +
                   "', 'key ' || n, 'viewer', '{alerts:read}' FROM generate_series(1, 98) AS n");
  const auto last = must(rig.api_keys.create(admin, {.name = "the hundredth", .role = Role::viewer, .scopes = {"alerts:read"}}));
  const auto one_more = rig.api_keys.create(admin, {.name = "one more", .role = Role::viewer, .scopes = {"alerts:read"}});
  ASSERT_EQ(kind_of(one_more), "conflict");
  EXPECT_TRUE(one_more.error().message.contains("revoke one")) << one_more.error().message;
  must(rig.api_keys.revoke(tenant, last.api_key.api_key_id));
  rig.database.sql("DELETE FROM api_keys WHERE name LIKE 'key %'");
  EXPECT_FALSE(must(rig.api_keys.list(tenant)).at(0).last_used_at);
  EXPECT_EQ(must(rig.access.api_key(made.key)).api_key_id, made.api_key.api_key_id);
  EXPECT_EQ(must(rig.api_keys.list(tenant)).at(0).last_used_at, rig.clock.now());
  EXPECT_EQ(kind_of(rig.api_keys.revoke(rig.new_tenant("other"), made.api_key.api_key_id)), "not_found");
  must(rig.api_keys.revoke(tenant, made.api_key.api_key_id));
  EXPECT_EQ(kind_of(rig.access.api_key(made.key)), "unauthenticated");
}

// A database as the version before left it, brought up to date.
class KeysOfBefore : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* given = std::getenv("LETTERLOCK_TEST_DATABASE_URL");
    ASSERT_TRUE(given) << "LETTERLOCK_TEST_DATABASE_URL is not set: run through ./dev test";
    admin_url = given;
    must(postgres::create_database(admin_url, name));
    url = postgres::url_of_database(admin_url, name);
    std::filesystem::create_directories(before);
    for (const auto& file : std::filesystem::directory_iterator(migrations))
      if (file.path().filename() < "0005") std::filesystem::copy(file.path(), before / file.path().filename());
    must(postgres::migrate(url, before.string()));
  }
  void TearDown() override {
    std::filesystem::remove_all(before);
    must(postgres::drop_database(admin_url, name));
  }
  postgres::Rows run(const std::string& sql) {
    postgres::Pool pool({.url = url, .connections_max = 1});
    return must(pool.compute<postgres::Rows>("", [&](postgres::Transaction& transaction) { return transaction.run(sql); }));
  }
  const std::filesystem::path migrations = LETTERLOCK_SOURCE_DIR "/migrations/control";
  const std::filesystem::path before = std::filesystem::temp_directory_path() / ("letterlock-migrations-" + new_uuid());
  const std::string name = "letterlock_test_" + new_uuid();
  std::string admin_url, url;
};

TEST_F(KeysOfBefore, GetAnOwnerAnEndAndTheScopesThatNoneMeant) {
  run(R"(
    INSERT INTO tenants (tenant_id, name) VALUES ('00000000-0000-4000-8000-000000000001', 'firma'))");
  run(R"(
    INSERT INTO people (person_id, tenant_id, email, password_hash, role, created_at) VALUES
      ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-000000000001', 'anna@firma.example', 'x', 'admin', '2026-01-01'),
      ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-000000000001', 'ben@firma.example', 'x', 'analyst', '2026-06-01'))");
  run(R"(
    INSERT INTO api_keys (key_hash, tenant_id, name, role, scopes, created_at, expires_at, created_by)
    SELECT encode(sha256(convert_to('ll_' || name, 'UTF8')), 'hex'), '00000000-0000-4000-8000-000000000001', name, 'admin', scopes::text[],
      '2026-03-01', expires_at::timestamptz, created_by FROM (VALUES
      ('annas, everything', '{}', NULL, 'anna@firma.example'),
      ('annas, long', '{alerts:read}', '2090-01-01', 'anna@firma.example'),
      ('of who is gone', '{}', NULL, 'gone@firma.example'),
      ('of the ben before', '{alerts:read}', '2090-01-01', 'ben@firma.example'),
      ('of the command line', '{alerts:read}', NULL, '')) AS k (name, scopes, expires_at, created_by))");
  run(R"(
    INSERT INTO invitations (invitation_id, tenant_id, email, role, token_hash, invited_by, created_at, expires_at)
    SELECT gen_random_uuid(), '00000000-0000-4000-8000-000000000001', by || '.friend', 'viewer', by, by, '2026-11-01', '2090-01-01'
    FROM (VALUES ('anna@firma.example'), ('gone@firma.example')) AS i (by))");
  ASSERT_GT(must(postgres::migrate(url, migrations.string())), 0);

  postgres::Pool pool({.url = url, .role = "letterlock_api", .connections_max = 2});
  SystemClock clock;
  AccessService access(pool, clock);
  ApiKeyService keys(pool, clock);
  std::map<std::string, ApiKey> after;
  for (auto& key : must(keys.list(TenantId("00000000-0000-4000-8000-000000000001")))) after[key.name] = key;
  ASSERT_EQ(after.size(), 5U);
  const auto far = from_rfc3339("2090-01-01T00:00:00Z").value();
  const auto& everything = after["annas, everything"];
  EXPECT_TRUE(everything.legacy);
  EXPECT_EQ(everything.scopes, every_scope());
  EXPECT_EQ(everything.owner_email, "anna@firma.example");
  EXPECT_GT(everything.expires_at, clock.now() + days(364)) << "a year from the upgrade on, not from when it was made";
  EXPECT_LT(everything.expires_at, clock.now() + days(366));
  EXPECT_FALSE(after["annas, long"].legacy);
  EXPECT_EQ(after["annas, long"].expires_at, far) << "an end that was given stays";
  for (const auto* ended : {"of who is gone", "of the ben before"}) {
    EXPECT_EQ(after[ended].owner_kind, "removed") << ended;
    EXPECT_LE(after[ended].expires_at, clock.now()) << ended;
    EXPECT_EQ(kind_of(access.api_key(std::string("ll_") + ended)), "unauthenticated") << ended;
  }
  EXPECT_EQ(after["of the command line"].owner_kind, "unknown") << "nobody knows who made it";
  EXPECT_EQ(must(access.api_key("ll_annas, everything")).role, Role::admin);
  EXPECT_EQ(must(access.api_key("ll_of the command line")).role, Role::admin);
  EXPECT_EQ(run("SELECT string_agg(invited_by, ',') FROM invitations").front().text(0), "anna@firma.example");

  // What a server of the version before still writes.
  run(R"(
    INSERT INTO api_keys (key_hash, tenant_id, name, role, scopes, created_by) VALUES
      ('x', '00000000-0000-4000-8000-000000000001', 'late', 'admin', '{alerts:read}', 'anna@firma.example'))");
  const auto late = run("SELECT owner_kind, expires_at > now() + interval '364 days' FROM api_keys WHERE name = 'late'");
  EXPECT_EQ(late.front().text(0), "person");
  EXPECT_TRUE(late.front().boolean(1));
}

}  // namespace
}  // namespace letterlock
