#include "domain/access/people_service.h"

#include <gtest/gtest.h>

#include "tests/support/control_rig.h"

namespace letterlock {
namespace {

using testing::ControlRig;
using testing::kind_of;
using testing::must;

class PeopleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig.database.ok());
    tenant = rig.new_tenant("firma");
    owner = person("owner@firma.example", Role::owner, tenant);
    admin = person("admin@firma.example", Role::admin, tenant);
  }
  Principal person(const std::string& email, Role role, const std::optional<TenantId>& of) {
    const auto id = must(rig.access.create_person(
        {.email = email, .password = "correct horse battery", .role = role, .tenant_id = of, .interactive_hash = true}));
    return {.person_id = id, .name = email, .tenant_id = of, .role = role};
  }
  template <class T>
  static std::string code_of(const Result<T>& result) {
    return result ? "no error" : result.error().code;
  }
  ControlRig rig;
  TenantId tenant;
  Principal owner, admin;
};

TEST_F(PeopleTest, AnInvitationIsAcceptedOnceAndSignsIn) {
  const auto invited = must(rig.people.invite(admin, tenant, "New@Firma.example", Role::analyst));
  EXPECT_EQ(invited.invitation.email, "new@firma.example");
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM invitations WHERE to_jsonb(invitations)::text LIKE '%" + invited.token + "%'"), "0");
  const auto preview = must(rig.people.preview(invited.token));
  EXPECT_EQ(preview.tenant_name, "firma");
  EXPECT_EQ(kind_of(rig.people.preview("nonsense")), "not_found");
  EXPECT_EQ(kind_of(rig.people.accept(invited.token, "short")), "invalid");
  const auto session = must(rig.people.accept(invited.token, "a long enough password"));
  EXPECT_EQ(must(rig.access.session(session.token)).role, Role::analyst);
  EXPECT_EQ(must(rig.access.sign_in("new@firma.example", "a long enough password")).principal.tenant_id, tenant);
  EXPECT_EQ(kind_of(rig.people.accept(invited.token, "a long enough password")), "not_found");
  EXPECT_TRUE(must(rig.people.invitations(tenant)).empty());
  EXPECT_EQ(code_of(rig.people.invite(admin, tenant, "new@firma.example", Role::viewer)), "email_taken");
}

TEST_F(PeopleTest, AnInvitationEndsIsReplacedAndTakenBack) {
  const auto first = must(rig.people.invite(admin, tenant, "new@firma.example", Role::viewer));
  const auto second = must(rig.people.invite(admin, tenant, "new@firma.example", Role::analyst));
  EXPECT_EQ(kind_of(rig.people.preview(first.token)), "not_found") << "replaced";
  rig.clock.advance(std::chrono::days(8));
  EXPECT_EQ(kind_of(rig.people.preview(second.token)), "not_found") << "over";
  EXPECT_EQ(kind_of(rig.people.accept(second.token, "a long enough password")), "not_found");
  const auto third = must(rig.people.invite(admin, tenant, "new@firma.example", Role::viewer));
  EXPECT_EQ(kind_of(rig.people.withdraw(rig.new_tenant("other"), third.invitation.invitation_id)), "not_found");
  must(rig.people.withdraw(tenant, third.invitation.invitation_id));
  EXPECT_EQ(kind_of(rig.people.preview(third.token)), "not_found") << "taken back";
  for (const auto* bad : {"", "x", "@x", "x@", "a b@c.example", "a\n@c.example"})
    EXPECT_EQ(kind_of(rig.people.invite(admin, tenant, bad, Role::viewer)), "invalid") << bad;
}

TEST_F(PeopleTest, OnlyOwnersTouchOwnersAndOneStays) {
  EXPECT_EQ(kind_of(rig.people.invite(admin, tenant, "x@firma.example", Role::owner)), "forbidden");
  EXPECT_EQ(kind_of(rig.people.set_role(admin, owner.person_id, Role::viewer)), "forbidden");
  EXPECT_EQ(kind_of(rig.people.set_role(admin, admin.person_id, Role::owner)), "forbidden");
  EXPECT_EQ(kind_of(rig.people.remove(admin, owner.person_id)), "forbidden");
  EXPECT_EQ(code_of(rig.people.set_role(owner, owner.person_id, Role::admin)), "last_owner");
  EXPECT_EQ(code_of(rig.people.remove(owner, owner.person_id)), "last_owner");
  EXPECT_EQ(must(rig.people.set_role(owner, admin.person_id, Role::owner)).role, Role::owner);
  must(rig.people.remove(owner, owner.person_id));
  EXPECT_EQ(must(rig.people.people(tenant)).size(), 1U);
  const auto stranger = person("eve@other.example", Role::owner, rig.new_tenant("other"));
  EXPECT_EQ(kind_of(rig.people.set_role(stranger, admin.person_id, Role::viewer)), "not_found");
  EXPECT_EQ(kind_of(rig.people.remove(stranger, admin.person_id)), "not_found");
}

TEST_F(PeopleTest, AnInvitationEndsWithItsInviterAndWithTheRoleThatMadeIt) {
  const auto helper = person("helper@firma.example", Role::admin, tenant);
  const auto first = must(rig.people.invite(helper, tenant, "a@firma.example", Role::admin));
  must(rig.people.set_role(owner, helper.person_id, Role::analyst));
  EXPECT_EQ(kind_of(rig.people.accept(first.token, "a long enough password")), "not_found") << "an analyst makes no admins";
  EXPECT_EQ(kind_of(rig.people.invite(helper, tenant, "a@firma.example", Role::viewer)), "forbidden") << "the role of now counts";
  must(rig.people.set_role(owner, helper.person_id, Role::owner));
  const auto as_owner = must(
      rig.people.invite(must(rig.access.session(must(rig.access.open_session(helper)).token)), tenant, "b@firma.example", Role::owner));
  const auto as_admin = must(rig.people.invite(helper, tenant, "c@firma.example", Role::viewer));
  must(rig.people.set_role(owner, helper.person_id, Role::admin));
  EXPECT_EQ(kind_of(rig.people.preview(as_owner.token)), "not_found");
  EXPECT_EQ(must(rig.people.preview(as_admin.token)).email, "c@firma.example") << "an admin may still make it";
  must(rig.people.remove(owner, helper.person_id));
  EXPECT_EQ(kind_of(rig.people.accept(as_admin.token, "a long enough password")), "not_found")
      << "nobody comes back by a link of their own";
  EXPECT_EQ(kind_of(rig.people.invite(helper, tenant, "d@firma.example", Role::viewer)), "forbidden") << "a call that began before";
  EXPECT_TRUE(must(rig.people.invitations(tenant)).empty());
}

TEST_F(PeopleTest, ARemovedPersonsSessionsEnd) {
  const auto token = must(rig.access.sign_in("admin@firma.example", "correct horse battery")).token;
  must(rig.access.session(token));
  must(rig.people.remove(owner, admin.person_id));
  EXPECT_EQ(kind_of(rig.access.session(token)), "unauthenticated");
}

TEST_F(PeopleTest, SessionsAreListedAndEndedAndANewPasswordEndsTheOthers) {
  const auto here = must(rig.access.sign_in("admin@firma.example", "correct horse battery")).token;
  const auto there = must(rig.access.sign_in("admin@firma.example", "correct horse battery")).token;
  const auto me = must(rig.access.session(here));
  auto sessions = must(rig.access.sessions(me));
  ASSERT_EQ(sessions.size(), 2U);
  const auto& other = sessions[0].is_this ? sessions[1] : sessions[0];
  EXPECT_EQ(kind_of(rig.access.end_session(owner, other.session_id)), "not_found") << "somebody else's";
  must(rig.access.end_session(me, other.session_id));
  EXPECT_EQ(kind_of(rig.access.session(there)), "unauthenticated");
  const auto again = must(rig.access.sign_in("admin@firma.example", "correct horse battery")).token;
  EXPECT_EQ(kind_of(rig.access.change_password(me, "wrong password", "a new long password")), "invalid");
  EXPECT_EQ(kind_of(rig.access.change_password(me, "correct horse battery", "short")), "invalid");
  must(rig.access.change_password(me, "correct horse battery", "a new long password"));
  must(rig.access.session(here));
  EXPECT_EQ(kind_of(rig.access.session(again)), "unauthenticated");
  must(rig.access.sign_in("admin@firma.example", "a new long password"));
}

TEST_F(PeopleTest, TheAuditLogIsReadInPagesByActorActionAndTime) {
  for (int i = 0; i < 5; ++i) {
    must(rig.access.audit(i % 2 ? owner : admin, i < 2 ? "message.read" : "rule.change", "x" + std::to_string(i)));
    rig.clock.advance(std::chrono::minutes(1));
  }
  std::vector<std::string> objects;
  AuditFilter filter{.limit = 2};
  do {
    const auto page = must(rig.audit_log.list(tenant, filter));
    for (const auto& entry : page.entries) objects.push_back(entry.object);
    filter.cursor = page.next_cursor;
  } while (filter.cursor);
  EXPECT_EQ(objects, (std::vector<std::string>{"x4", "x3", "x2", "x1", "x0"}));
  EXPECT_EQ(must(rig.audit_log.list(tenant, {.actor = "owner@firma.example"})).entries.size(), 2U);
  EXPECT_EQ(must(rig.audit_log.list(tenant, {.action = "message.read"})).entries.size(), 2U);
  EXPECT_EQ(must(rig.audit_log.list(tenant, {.action = "rule."})).entries.size(), 3U);
  EXPECT_EQ(must(rig.audit_log.list(tenant, {.from = rig.clock.now() - std::chrono::minutes(2)})).entries.size(), 2U);
  EXPECT_TRUE(must(rig.audit_log.list(rig.new_tenant("other"), {})).entries.empty());
  EXPECT_EQ(kind_of(rig.audit_log.list(tenant, {.cursor = "1 OR 1"})), "invalid");
  must(rig.access.audit({.name = "op@host.example", .role = Role::operator_}, "tenant.create", "firma"));
  ASSERT_EQ(must(rig.audit_log.list_operators(std::nullopt, 10)).entries.size(), 1U);
  EXPECT_EQ(must(rig.audit_log.list(tenant, {})).entries.size(), 5U);
}

TEST_F(PeopleTest, WhoIsRemovedLosesTheirAlertsWithHistoryAndPollsNoticeIt) {
  rig.store_findings(tenant, {testing::finding_of("c", "m", rig.clock.now()), testing::finding_of("d", "m2", rig.clock.now())});
  const auto alert = must(rig.alerts.list(tenant, {})).alerts.at(0).alert_id;
  must(rig.alerts.change(tenant, {alert}, {.assignee_id = std::optional(admin.person_id)}, "owner@firma.example"));
  const auto before = must(rig.alerts.news(tenant, {}, [](const std::string&) { return false; })).version;
  must(rig.people.remove(owner, admin.person_id));
  EXPECT_NE(must(rig.alerts.news(tenant, {}, [](const std::string&) { return false; })).version, before);
  const auto detail = must(rig.alerts.get(tenant, alert));
  EXPECT_FALSE(detail.alert.assignee);
  EXPECT_EQ(detail.history.at(0).kind, "assignee");
  EXPECT_EQ(detail.history.at(0).assignee, "");
  EXPECT_EQ(detail.history.at(0).actor, owner.name);
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM alert_events WHERE kind = 'assignee' AND assignee = ''"), "1") << "no other alert";
}

TEST_F(PeopleTest, AWriteWithAKeyIsDoneOnceAndItsAnswerKeptWrapped) {
  const IdempotentCall call{.caller = "person:1", .key = "k", .request = "POST /x\n{}"};
  EXPECT_FALSE(must(rig.idempotency.begin(call)));
  EXPECT_EQ(code_of(rig.idempotency.begin(call)), "idempotency_key_in_use");
  must(rig.idempotency.finish(call, {.status = 201, .body = R"({"secret":"s3cret"})"}));
  const auto kept = must(rig.idempotency.begin(call));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->status, 201);
  EXPECT_EQ(kept->body, R"({"secret":"s3cret"})");
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM idempotency_keys WHERE to_jsonb(idempotency_keys)::text LIKE '%s3cret%'"), "0");
  auto another = call;
  another.request = "POST /x\n{1}";
  EXPECT_EQ(code_of(rig.idempotency.begin(another)), "idempotency_key_reused");
  auto somebody = call;
  somebody.caller = "person:2";
  EXPECT_FALSE(must(rig.idempotency.begin(somebody))) << "another caller's key is another key";
  must(rig.idempotency.forget(somebody));
  EXPECT_FALSE(must(rig.idempotency.begin(somebody))) << "a refused call may be tried again";
  rig.clock.advance(std::chrono::minutes(3));
  EXPECT_FALSE(must(rig.idempotency.begin(somebody))) << "whoever began it died";
  rig.clock.advance(std::chrono::hours(25));
  EXPECT_FALSE(must(rig.idempotency.begin(call))) << "kept for a day";
  EXPECT_EQ(kind_of(rig.idempotency.begin({.caller = "p", .key = std::string(201, 'k')})), "invalid");
}

TEST_F(PeopleTest, KeptAnswersAreBoundedInSizeNumberAndTimeAndGoWithTheirTenant) {
  const IdempotentCall large{.caller = "person:1", .tenant_id = tenant, .key = "large", .request = "POST /x"};
  EXPECT_FALSE(must(rig.idempotency.begin(large)));
  must(rig.idempotency.finish(large, {.status = 201, .body = std::string((256 << 10) + 1, 'x')}));
  EXPECT_EQ(code_of(rig.idempotency.begin(large)), "idempotency_answer_too_large") << "done, and not done again";
  rig.database.sql(
      "INSERT INTO idempotency_keys (key_hash, caller_hash, tenant_id, request_hash, status, created_at) SELECT n::text, caller_hash, "
      "tenant_id, '', 201, created_at + n * interval '1 ms' FROM idempotency_keys, generate_series(1, 10000) n");
  rig.clock.advance(std::chrono::minutes(1));
  EXPECT_FALSE(must(rig.idempotency.begin({.caller = "person:1", .tenant_id = tenant, .key = "one more"})));
  EXPECT_FALSE(must(rig.idempotency.begin({.caller = "person:2", .key = "an operator's"})));
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM idempotency_keys WHERE tenant_id IS NOT NULL"), "10000");
  EXPECT_FALSE(must(rig.idempotency.begin(large))) << "the oldest is forgotten";
  rig.database.sql("DELETE FROM idempotency_keys WHERE status IS NOT NULL");
  rig.clock.advance(std::chrono::hours(12));
  EXPECT_EQ(must(rig.jobs.sweep()), 0);
  must(rig.tenants.remove(tenant));
  EXPECT_EQ(rig.database.cell("SELECT count(*) FROM idempotency_keys"), "1");
  rig.clock.advance(std::chrono::hours(13));
  EXPECT_EQ(must(rig.jobs.sweep()), 1) << "over, whether its caller comes again or not";
}

}  // namespace
}  // namespace letterlock
