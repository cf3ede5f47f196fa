#include "domain/access/password_reset_service.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::kind_of;
using testing::must;

const std::string old_password = "correct horse battery", new_password = "a long enough password";

class PasswordResetTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig.database.ok());
    tenant = rig.new_tenant("firma");
    for (const auto role : {Role::viewer, Role::analyst, Role::admin, Role::owner})
      people.push_back(person(std::string(to_string(role)), role));
  }
  Principal person(const std::string& name, Role role, std::optional<TenantId> of = std::nullopt) {
    if (!of && role != Role::operator_) of = tenant;
    const auto id = must(rig.access.create_person(
        {.email = name + "@firma.example", .password = old_password, .role = role, .tenant_id = of, .interactive_hash = true}));
    return {.person_id = id, .name = name + "@firma.example", .tenant_id = of, .role = role};
  }
  std::string audited() {
    return rig.database.cell(
        "SELECT coalesce(string_agg(actor || ' ' || action || ' ' || coalesce(tenant_id::text, '-'), ', ' ORDER BY audit_id), '') FROM "
        "audit_log");
  }
  ControlRig rig;
  TenantId tenant;
  std::vector<Principal> people;
  const Principal& of(Role role) { return people.at(static_cast<std::size_t>(role)); }
};

TEST_F(PasswordResetTest, ALinkSetsANewPasswordOnceAndEndsEveryOtherSession) {
  const auto& analyst = of(Role::analyst);
  const auto elsewhere = must(rig.access.sign_in(analyst.name, old_password)).token;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(kind_of(rig.access.sign_in(analyst.name, "forgotten")), "unauthenticated");
  EXPECT_EQ(kind_of(rig.access.sign_in(analyst.name, old_password)), "throttled");
  const auto link = must(rig.password_resets.make(of(Role::admin), analyst.person_id));
  EXPECT_EQ(link.email, analyst.name);
  EXPECT_EQ(link.expires_at, rig.clock.now() + std::chrono::hours(1));
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM password_resets WHERE to_jsonb(password_resets)::text LIKE '%" + link.token + "%'"),
            "0");
  must(rig.access.session(elsewhere));  // until it is used, all is as it was
  const auto preview = must(rig.password_resets.preview(link.token));
  EXPECT_EQ(preview.email, analyst.name);
  EXPECT_EQ(preview.tenant_name, "firma");
  EXPECT_EQ(kind_of(rig.password_resets.use(link.token, "short")), "invalid");
  const auto session = must(rig.password_resets.use(link.token, new_password));
  EXPECT_EQ(must(rig.access.session(session.token)).person_id, analyst.person_id);
  EXPECT_EQ(session.principal.role, Role::analyst);
  EXPECT_EQ(kind_of(rig.access.session(elsewhere)), "unauthenticated");
  EXPECT_EQ(must(rig.access.sign_in(analyst.name, new_password)).principal.tenant_id, tenant) << "no longer locked";
  EXPECT_EQ(kind_of(rig.access.sign_in(analyst.name, old_password)), "unauthenticated");
  for (const auto& token : {link.token, std::string(), std::string("nonsense"), std::string(5'000, 'x')}) {
    EXPECT_EQ(kind_of(rig.password_resets.preview(token)), "not_found");
    EXPECT_EQ(kind_of(rig.password_resets.use(token, new_password)), "not_found");
  }
  EXPECT_EQ(audited(), analyst.name + " password.reset " + tenant.str());
}

TEST_F(PasswordResetTest, ALinkIsOverAfterAnHourAndWithEverythingThatTookItsGround) {
  const auto& analyst = of(Role::analyst);
  const auto helper = person("helper", Role::admin);
  const auto make = [&](const Principal& by) { return must(rig.password_resets.make(by, analyst.person_id)).token; };
  const auto is_over = [&](const std::string& token) { return kind_of(rig.password_resets.use(token, new_password)) == "not_found"; };
  const auto first = make(helper), second = make(helper);
  EXPECT_TRUE(is_over(first)) << "a newer one is there";
  rig.clock.advance(std::chrono::hours(1));
  EXPECT_TRUE(is_over(second)) << "an hour is over";

  const auto promoted = make(helper);
  must(rig.people.set_role(of(Role::owner), analyst.person_id, Role::owner));
  EXPECT_TRUE(is_over(promoted)) << "an admin's link must not open an owner's account";
  must(rig.people.set_role(of(Role::owner), analyst.person_id, Role::analyst));

  const auto known_again = make(helper);
  const auto session = must(rig.access.sign_in(analyst.name, old_password));
  must(rig.access.change_password(must(rig.access.session(session.token)), old_password, new_password));
  EXPECT_TRUE(is_over(known_again)) << "the person has changed the password";

  const auto demoted = make(helper);
  must(rig.people.set_role(of(Role::owner), helper.person_id, Role::viewer));
  EXPECT_TRUE(is_over(demoted)) << "its maker is no admin any more";
  EXPECT_EQ(kind_of(rig.password_resets.make(helper, analyst.person_id)), "forbidden") << "the role of now counts";
  must(rig.people.set_role(of(Role::owner), helper.person_id, Role::admin));

  const auto removed = make(helper);
  must(rig.people.remove(of(Role::owner), helper.person_id));
  EXPECT_TRUE(is_over(removed)) << "its maker was removed";
  EXPECT_EQ(kind_of(rig.password_resets.make(helper, analyst.person_id)), "forbidden");

  const auto suspended = make(of(Role::owner));
  must(rig.installation.change(tenant, {.state = "suspended"}));
  EXPECT_TRUE(is_over(suspended));
  must(rig.installation.change(tenant, {.state = "active"}));
  const auto gone = make(of(Role::owner));
  must(rig.people.remove(of(Role::owner), analyst.person_id));
  EXPECT_TRUE(is_over(gone)) << "the person was removed";
}

TEST_F(PasswordResetTest, NobodyMakesALinkForWhoStandsAboveThemOrInAnotherCompany) {
  for (const auto maker : {Role::viewer, Role::analyst, Role::admin, Role::owner})
    for (const auto whom : {Role::viewer, Role::analyst, Role::admin, Role::owner}) {
      const auto other = person(new_uuid(), whom);
      EXPECT_EQ(kind_of(rig.password_resets.make(of(maker), other.person_id)),
                maker >= Role::admin && maker >= whom ? "no error" : "forbidden")
          << to_string(maker) << " for " << to_string(whom);
    }
  EXPECT_EQ(kind_of(rig.password_resets.make(of(Role::admin), of(Role::admin).person_id)), "forbidden")
      << "one's own is changed with the password of now";
  const auto operator_person = person("operator", Role::operator_);
  const auto stranger = person("stranger", Role::viewer, rig.new_tenant("other"));
  for (const auto& foreign : {operator_person.person_id, stranger.person_id, PersonId(new_uuid()), PersonId("nonsense")})
    EXPECT_EQ(kind_of(rig.password_resets.make(of(Role::owner), foreign)), "not_found");
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM password_resets JOIN people USING (person_id) WHERE email LIKE 'stranger%' OR role = "
                              "'operator'"),
            "0");
}

TEST_F(PasswordResetTest, TheCommandLineMakesOneForAnybodyAnOperatorToo) {
  const auto operator_person = person("operator", Role::operator_);
  const auto link = must(rig.password_resets.make_for("Operator@firma.example"));
  EXPECT_EQ(link.email, "operator@firma.example");
  EXPECT_FALSE(must(rig.password_resets.preview(link.token)).tenant_name);
  EXPECT_EQ(must(rig.password_resets.use(link.token, new_password)).principal.role, Role::operator_);
  must(rig.access.sign_in("operator@firma.example", new_password));
  const auto owners = must(rig.password_resets.make_for("owner@firma.example"));
  EXPECT_EQ(must(rig.password_resets.use(owners.token, new_password)).principal.tenant_id, tenant);
  EXPECT_EQ(kind_of(rig.password_resets.make_for("nobody@firma.example")), "not_found");
  EXPECT_EQ(audited(), "command line person.reset -, operator@firma.example password.reset -, command line person.reset " + tenant.str() +
                           ", owner@firma.example password.reset " + tenant.str());
  must(rig.installation.change(tenant, {.state = "suspended"}));
  EXPECT_EQ(kind_of(rig.password_resets.make_for("owner@firma.example")), "forbidden");
}

TEST_F(PasswordResetTest, TwoWhoUseALinkAtOnceAreOneWhoDoes) {
  for (int round = 0; round < 2; ++round) {
    const auto link = must(rig.password_resets.make(of(Role::owner), of(Role::viewer).person_id));
    std::atomic<int> used = 0, refused = 0;
    {
      std::vector<std::jthread> users;
      users.reserve(2);
      for (int i = 0; i < 2; ++i)
        users.emplace_back([&] {
          const auto result = rig.password_resets.use(link.token, new_password);
          ++(result ? used : refused);
          if (!result) EXPECT_EQ(kind_of(result), "not_found");
        });
    }
    EXPECT_EQ(used, 1);
    EXPECT_EQ(refused, 1);
  }
}

}  // namespace
}  // namespace letterlock
