#include "domain/access/access_service.h"

#include <gtest/gtest.h>

#include <atomic>

#include <thread>
#include <vector>

#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::kind_of;
using testing::must;

const std::string password = "correct horse battery";
constexpr std::chrono::seconds second{1};

class AccessServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig.database.ok());
    tenant = rig.new_tenant("firma");
    person = must(rig.access.create_person(
        {.email = "Anna@Firma.example", .password = password, .role = Role::analyst, .tenant_id = tenant, .interactive_hash = true}));
  }
  ControlRig rig;
  TenantId tenant;
  PersonId person;
};

TEST_F(AccessServiceTest, SignsInWhateverTheAddressesCaseAndKeepsNoTokenInTheClear) {
  const auto session = must(rig.access.sign_in("ANNA@firma.example", password));
  EXPECT_EQ(session.principal.person_id, person);
  EXPECT_EQ(session.principal.tenant_id, tenant);
  EXPECT_EQ(session.principal.tenant_name, "firma");
  EXPECT_EQ(session.principal.role, Role::analyst);
  EXPECT_GE(session.token.size(), 43U);
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM sessions WHERE token_hash = '" + session.token + "'"), "0");
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM people WHERE password_hash LIKE '$argon2id$%'"), "1");

  const auto read = must(rig.access.session(session.token));
  EXPECT_EQ(read.person_id, person);
  EXPECT_EQ(read.name, "anna@firma.example");
  EXPECT_EQ(read.csrf_token, session.principal.csrf_token);
  EXPECT_NE(must(rig.access.sign_in("anna@firma.example", password)).token, session.token);
}

TEST_F(AccessServiceTest, ASessionEndsBySignOutAndByTime) {
  const auto first = must(rig.access.sign_in("anna@firma.example", password));
  const auto second_one = must(rig.access.sign_in("anna@firma.example", password));
  must(rig.access.sign_out(first.token));
  EXPECT_EQ(kind_of(rig.access.session(first.token)), "unauthenticated");
  must(rig.access.session(second_one.token));
  ASSERT_TRUE(second_one.principal.expires_at);
  rig.clock.advance(*second_one.principal.expires_at - rig.clock.now() - second);
  must(rig.access.session(second_one.token));
  rig.clock.advance(second);
  EXPECT_EQ(kind_of(rig.access.session(second_one.token)), "unauthenticated");
  EXPECT_EQ(kind_of(rig.access.session("nonsense")), "unauthenticated");
  must(rig.access.sign_in("anna@firma.example", password));
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM sessions"), "1") << "sessions that ended are swept at the next sign-in";
}

TEST_F(AccessServiceTest, AWrongPasswordAndAnUnknownAddressReadTheSame) {
  const auto wrong = rig.access.sign_in("anna@firma.example", "wrong horse battery");
  const auto unknown = rig.access.sign_in("nobody@firma.example", password);
  EXPECT_EQ(kind_of(wrong), "unauthenticated");
  EXPECT_EQ(kind_of(unknown), "unauthenticated");
  EXPECT_EQ(wrong.error().message, unknown.error().message);
  EXPECT_EQ(kind_of(rig.access.sign_in("", "")), "unauthenticated");
}

TEST_F(AccessServiceTest, WrongPasswordsLockTheAddressForLongerEachTime) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(kind_of(rig.access.sign_in("anna@firma.example", "wrong " + std::to_string(i))), "unauthenticated");
  auto locked = rig.access.sign_in("Anna@firma.example", password);
  ASSERT_EQ(kind_of(locked), "throttled") << "even the right password waits";
  EXPECT_EQ(locked.error().retry_after, 30 * second);

  rig.clock.advance(31 * second);
  EXPECT_EQ(kind_of(rig.access.sign_in("anna@firma.example", "wrong again")), "unauthenticated");
  locked = rig.access.sign_in("anna@firma.example", password);
  ASSERT_EQ(kind_of(locked), "throttled");
  EXPECT_EQ(locked.error().retry_after, 60 * second);

  rig.clock.advance(61 * second);
  must(rig.access.sign_in("anna@firma.example", password));
  EXPECT_EQ(kind_of(rig.access.sign_in("anna@firma.example", "wrong")), "unauthenticated") << "counting starts anew";
  must(rig.access.sign_in("anna@firma.example", password));
}

TEST_F(AccessServiceTest, TheLockGrowsToAQuarterOfAnHourAndAQuietDayForgets) {
  rig.database.sql("INSERT INTO sign_in_failures SELECT encode(sha256('anna@firma.example'), 'hex'), 60, NULL, '" +
                   to_rfc3339(rig.clock.now()) + "'");
  EXPECT_EQ(kind_of(rig.access.sign_in("anna@firma.example", "wrong")), "unauthenticated");
  const auto locked = rig.access.sign_in("anna@firma.example", password);
  ASSERT_EQ(kind_of(locked), "throttled");
  EXPECT_EQ(locked.error().retry_after, 900 * second);
  rig.clock.advance(std::chrono::hours(25));
  must(rig.access.sign_in("anna@firma.example", password));
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM sign_in_failures"), "0");
}

TEST_F(AccessServiceTest, ManyTriesAtOncePassNoMoreThanOneAfterTheOther) {
  std::atomic<int> tried = 0;
  {
    std::vector<std::jthread> guessers;
    for (int i = 0; i < 8; ++i)
      guessers.emplace_back([&, i] {
        if (kind_of(rig.access.sign_in("anna@firma.example", "guess " + std::to_string(i))) == "unauthenticated") ++tried;
      });
  }
  EXPECT_EQ(tried, 5);
}

TEST_F(AccessServiceTest, WithoutATurnToHashAPasswordNobodySignsInAndNoTryCounts) {
  AccessService busy(rig.pool, rig.clock, {.hashes_at_once = 0, .hash_wait_max = std::chrono::seconds(0)});
  PeopleService people(rig.pool, busy, rig.clock);
  for (int i = 0; i < 6; ++i) {
    const auto refused = busy.sign_in("anna@firma.example", password);
    ASSERT_EQ(kind_of(refused), "throttled");
    EXPECT_EQ(refused.error().retry_after, second);
  }
  auto session = must(rig.access.sign_in("anna@firma.example", password));
  EXPECT_EQ(kind_of(busy.change_password(session.principal, password, "another horse battery")), "throttled");
  session.principal.role = Role::owner;
  rig.database.sql("UPDATE people SET role = 'owner'");
  const auto invitation = must(rig.people.invite(session.principal, tenant, "new@firma.example", Role::viewer));
  EXPECT_EQ(kind_of(people.accept(invitation.token, "another horse battery")), "throttled");
  EXPECT_EQ(kind_of(busy.create_person({.email = "x@firma.example", .password = password, .role = Role::viewer, .tenant_id = tenant})),
            "throttled");
  // A turn is given back.
  AccessService one_at_once(rig.pool, rig.clock, {.hashes_at_once = 1, .hash_wait_max = std::chrono::seconds(0)});
  for (int i = 0; i < 2; ++i) must(one_at_once.sign_in("anna@firma.example", password));
}

TEST_F(AccessServiceTest, AnApiKeyHasItsTenantItsScopesAndItsEnd) {
  const auto end = rig.clock.now() + std::chrono::days(1);
  const auto key =
      must(rig.api_keys.create_for(
               tenant, "", {.name = "siem", .role = Role::viewer, .scopes = {"alerts:read", "connections:read"}, .expires_at = end}))
          .key;
  EXPECT_TRUE(key.starts_with("ll_"));
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM api_keys WHERE key_hash LIKE 'll_%'"), "0");
  const auto principal = must(rig.access.api_key(key));
  EXPECT_EQ(principal.tenant_id, tenant);
  EXPECT_EQ(principal.name, "siem");
  EXPECT_EQ(principal.role, Role::viewer);
  EXPECT_TRUE(principal.by_api_key);
  EXPECT_TRUE(principal.person_id.empty());
  EXPECT_EQ(principal.scopes, (std::vector<std::string>{"alerts:read", "connections:read"}));

  EXPECT_EQ(kind_of(rig.access.api_key("ll_nonsense")), "unauthenticated");
  EXPECT_EQ(kind_of(rig.access.api_key("nonsense")), "unauthenticated");
  rig.clock.advance(std::chrono::days(1));
  EXPECT_EQ(kind_of(rig.access.api_key(key)), "unauthenticated");
}

TEST_F(AccessServiceTest, AnAddressBelongsToOnePersonAndEveryRoleButOperatorToOneTenant) {
  const auto create = [&](const std::string& email, Role role, std::optional<TenantId> of) {
    return rig.access.create_person({.email = email, .password = password, .role = role, .tenant_id = of, .interactive_hash = true});
  };
  EXPECT_EQ(kind_of(create("anna@firma.example", Role::viewer, rig.new_tenant("other"))), "conflict");
  EXPECT_EQ(kind_of(create("ben@firma.example", Role::viewer, std::nullopt)), "invalid");
  EXPECT_EQ(kind_of(create("op@firma.example", Role::operator_, tenant)), "invalid");
  EXPECT_EQ(kind_of(create("no address", Role::viewer, tenant)), "invalid");
  EXPECT_EQ(kind_of(create("ben@firma.example", Role::viewer, TenantId(new_uuid()))), "not_found");
  EXPECT_EQ(
      kind_of(rig.access.create_person({.email = "c@firma.example", .password = "short", .tenant_id = tenant, .interactive_hash = true})),
      "invalid");
}

TEST_F(AccessServiceTest, AnOperatorSignsInWithoutATenant) {
  must(rig.access.create_person({.email = "op@host.example", .password = password, .role = Role::operator_, .interactive_hash = true}));
  const auto session = must(rig.access.sign_in("op@host.example", password));
  const auto principal = must(rig.access.session(session.token));
  EXPECT_EQ(principal.role, Role::operator_);
  EXPECT_FALSE(principal.tenant_id);
  must(rig.access.audit(principal, "tenant.create", "firma"));
  must(rig.access.audit(must(rig.access.session(must(rig.access.sign_in("anna@firma.example", password)).token)), "alert.change", "x"));
  EXPECT_EQ(
      rig.database.cell(
          "SELECT string_agg(actor || ' ' || action || ' ' || coalesce(tenant_id::text, '-'), ', ' ORDER BY audit_id) FROM audit_log"),
      "op@host.example tenant.create -, anna@firma.example alert.change " + tenant.str());
}

}  // namespace
}  // namespace letterlock
