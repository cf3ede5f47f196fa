// What the routes do beyond letting in: polls, messages, audit, Idempotency-Key, limits.

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tests/support/operation_calls.h"

namespace letterlock::api {
namespace {

using testing::header_of;

class ApiBehaviour : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(rig.rig.database.ok()); }
  std::string alert_path() const { return "/alerts/" + rig.alert.str(); }
  ApiRig rig;
};

TEST_F(ApiBehaviour, APollThatBringsNothingIs304) {
  // One session: an ETag belongs to who asks.
  const auto session = rig.session("viewer");
  const auto poll = [&](const std::string& path, const std::string& etag) {
    return rig.send("GET", path, "", {{"cookie", "letterlock_session=" + session.token}, {"if-none-match", etag}});
  };
  const auto first = poll("/alerts", "\"none\"");
  ASSERT_EQ(first.status, 200);
  const auto etag = header_of(first, "etag");
  const auto again = poll("/alerts", "W/\"x\", " + etag);
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(poll("/alerts?status=open", etag).status, 200) << "another filter";
  EXPECT_EQ(rig.ask({.path = "/alerts", .as = "other", .headers = {{"if-none-match", etag}}}).status, 200) << "another company";
  must(rig.services.alerts.change(rig.tenant, {rig.alert}, {.status = "resolved"}, "anna"));
  EXPECT_EQ(poll("/alerts", etag).status, 200) << "something changed";
}

TEST_F(ApiBehaviour, FiltersAreReadAndWrongOnesNamed) {
  for (const auto* right :
       {"status=open&status=resolved&severity=high", "assignee=none", "assignee=me", "entity=firma-example.com", "feedback=none",
        "names_payment_instrument=false", "seen_from=2020-01-01T00:00:00Z", "search=boss", "limit=200"})
    EXPECT_EQ(rig.ask({.path = std::string("/alerts?") + right, .as = "viewer"}).status, 200) << right;
  for (const auto* wrong : {"status=new", "severity=huge", "limit=0", "limit=201", "limit=7x", "limit=", "cursor=broken", "assignee=anna",
                            "feedback=spam", "names_payment_instrument=1", "seen_from=yesterday", "search="}) {
    const auto refused = rig.ask({.path = std::string("/alerts?") + wrong, .as = "viewer"});
    EXPECT_EQ(refused.status, 400) << wrong;
    const std::string name(wrong, std::string_view(wrong).find('='));
    EXPECT_TRUE(refused.body.contains(name)) << "the answer names " << name << ": " << refused.body;
  }
  EXPECT_EQ(rig.ask({.path = "/jobs?state=lost", .as = "viewer"}).status, 400);
  EXPECT_EQ(rig.ask({.path = "/statistics/mail?days=91", .as = "viewer"}).status, 400);
  EXPECT_EQ(rig.ask({.method = "PUT", .path = "/alerts", .as = "admin"}).status, 405);
}

TEST_F(ApiBehaviour, AnAlertSaysWhoWorksOnItAndWhatItWasFoundToBe) {
  const auto changed =
      rig.ask({.method = "PATCH",
               .path = alert_path(),
               .as = "analyst",
               .body = R"({"assignee_id":)" + quoted(rig.people.at("analyst").person_id.str()) + R"(,"feedback":"not_fraud"})"});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_TRUE(changed.body.contains(R"("email":"analyst@firma.example")")) << changed.body;
  EXPECT_TRUE(changed.body.contains(R"("feedback":"not_fraud")"));
  EXPECT_TRUE(rig.ask({.path = "/alerts?assignee=me", .as = "analyst"}).body.contains(rig.alert.str()));
  EXPECT_FALSE(rig.ask({.path = "/alerts?assignee=me", .as = "admin"}).body.contains(rig.alert.str()));
  const auto back = rig.ask({.method = "PATCH", .path = alert_path(), .as = "analyst", .body = R"({"assignee_id":null,"feedback":null})"});
  EXPECT_FALSE(back.body.contains("\"assignee\":{")) << back.body;
  EXPECT_TRUE(back.body.contains(R"("assignee":"","feedback":"")")) << "the history says that both were taken back";
}

TEST_F(ApiBehaviour, ReadingAMessageIsAuditedFirst) {
  const auto message = rig.ask({.path = alert_path() + "/message", .as = "analyst"});
  ASSERT_EQ(message.status, 200) << message.body;
  EXPECT_TRUE(message.body.contains("Pay now"));
  const auto entry = must(rig.services.audit_log.list(rig.tenant, {.action = "message.read"})).entries.at(0);
  EXPECT_EQ(entry.actor, "analyst@firma.example");
  EXPECT_EQ(entry.object, rig.alert.str());
  EXPECT_EQ(rig.ask({.path = alert_path() + "/message?mailbox_id=mailbox-1&provider_message_id=m1", .as = "analyst"}).status, 200);
  EXPECT_EQ(rig.ask({.path = alert_path() + "/message?mailbox_id=mailbox-1&provider_message_id=m2", .as = "analyst"}).status, 404)
      << "a message that is no sighting of the alert";
  EXPECT_EQ(rig.ask({.path = alert_path() + "/message?mailbox_id=mailbox-1", .as = "analyst"}).status, 400);

  rig.rig.database.sql("REVOKE INSERT ON audit_log FROM letterlock_api");
  const auto unaudited = rig.ask({.path = alert_path() + "/message", .as = "analyst"});
  EXPECT_EQ(unaudited.status, 500) << "what cannot be audited is not read";
  EXPECT_FALSE(unaudited.body.contains("Pay now"));
  EXPECT_FALSE(unaudited.body.contains("audit_log")) << "no detail of ours";
}

TEST_F(ApiBehaviour, AnAlertAboutASettingShowsTheSettingInPlaceOfAMessage) {
  auto finding = testing::finding_of("setting", "settings/rule/r1", rig.rig.clock.now() + std::chrono::minutes(1));
  rig.rig.store_findings(rig.tenant, {finding});
  const auto alert = must(rig.services.alerts.list(rig.tenant, {})).alerts.at(0).alert_id;
  const auto shown = rig.ask({.path = "/alerts/" + alert.str() + "/message", .as = "analyst"});
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_TRUE(shown.body.contains(R"("subject":"A setting of the mailbox: tidy")")) << shown.body;
  EXPECT_TRUE(shown.body.contains(R"("forward_to":["x@evil.example"],"move_to":"rss feeds")")) << shown.body;
}

TEST_F(ApiBehaviour, SimilarMessagesAndAnEntitysHistoryComeFromTheMailStore) {
  const auto similar = rig.ask({.path = alert_path() + "/similar_messages", .as = "analyst"});
  ASSERT_EQ(similar.status, 200) << similar.body;
  EXPECT_TRUE(similar.body.contains(R"("provider_message_id":"m2")")) << similar.body;
  EXPECT_FALSE(similar.body.contains(R"("provider_message_id":"m1")")) << "not the message itself";
  EXPECT_TRUE(similar.body.contains(R"("likeness":["from_address","subject","from_domain"])")) << similar.body;
  EXPECT_FALSE(similar.body.contains("Pay now")) << "no bodies";
  const auto entity = rig.ask({.path = "/entities/firma-example.com", .as = "viewer"});
  ASSERT_EQ(entity.status, 200) << entity.body;
  EXPECT_TRUE(entity.body.contains(R"("kind":"domain","is_own":false)")) << entity.body;
  EXPECT_TRUE(entity.body.contains(R"("messages_in":2,"messages_out":0)")) << entity.body;
  EXPECT_TRUE(entity.body.contains(R"("names":[{"name":"The Boss","messages":2}])")) << entity.body;
  EXPECT_TRUE(entity.body.contains(rig.alert.str())) << "the alert about it";
  EXPECT_EQ(rig.ask({.path = "/entities/nobody%40nowhere.example", .as = "viewer"}).status, 404);
  EXPECT_EQ(rig.ask({.path = "/entities/%25", .as = "viewer"}).status, 404) << "no wildcard";
  const auto mail = rig.ask({.path = "/statistics/mail?days=2", .as = "viewer"});
  EXPECT_TRUE(mail.body.contains(R"("inbound":2,"internal":0,"outbound":0)")) << mail.body;
}

TEST_F(ApiBehaviour, NoChangeOfSettingsSendsTheStoredSecretElsewhere) {
  const auto change = [&](const std::string& root) {
    return rig.ask({.method = "PATCH",
                    .path = "/connections/" + rig.connection.str(),
                    .as = "admin",
                    .body = R"({"settings":{"tenant":"x","client_id":"1","login_root":")" + root + "\"}}"});
  };
  const auto refused = change("https://thief.example");
  EXPECT_EQ(refused.status, 400);
  EXPECT_TRUE(refused.body.contains("login_root") && refused.body.contains("make a new connection")) << refused.body;
  EXPECT_FALSE(rig.ask({.path = "/connections/" + rig.connection.str(), .as = "admin"}).body.contains("thief"));
  EXPECT_EQ(change("https://login.microsoftonline.com").status, 200) << "the one of before, by its name";
  const auto inside =
      rig.ask({.method = "POST",
               .path = "/connections",
               .as = "admin",
               .body = R"({"name":"n","provider":"google","settings":{"token_url":"http://169.254.169.254/"},"secret":{}})"});
  EXPECT_EQ(inside.status, 400);
  EXPECT_TRUE(inside.body.contains("token_url")) << inside.body;
}

TEST_F(ApiBehaviour, AChangeThatAlsoPausesAConnectionIsAuditedAsBoth) {
  const auto noted = [&](const std::string& action) {
    return must(rig.services.audit_log.list(rig.tenant, {.action = action})).entries.size();
  };
  const auto change = [&](const std::string& body) {
    return rig.ask({.method = "PATCH", .path = "/connections/" + rig.connection.str(), .as = "admin", .body = body}).status;
  };
  EXPECT_EQ(change(R"({"paused":true})"), 200);
  EXPECT_EQ(noted("connection.pause"), 1);
  EXPECT_EQ(noted("connection.change"), 0) << "a pause alone";
  EXPECT_EQ(change(R"({"name":"renamed","paused":false})"), 200);
  EXPECT_EQ(noted("connection.resume"), 1);
  EXPECT_EQ(noted("connection.change"), 1);
}

TEST_F(ApiBehaviour, AWriteWithAnIdempotencyKeyIsDoneOnce) {
  const auto key = rig.api_key(Role::owner);
  const auto ask = [&](const std::string& name, const std::string& idempotency_key) {
    return rig.ask({.method = "POST",
                    .path = "/webhooks",
                    .as = key,
                    .body = R"({"name":")" + name + R"(","url":"https://x.example/","events":["job.dead"]})",
                    .headers = {{"idempotency-key", idempotency_key}}});
  };
  const auto first = ask("a", "one");
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(header_of(first, "idempotency-replayed"), "");
  const auto again = ask("a", "one");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body) << "the secret too, though it is shown once";
  EXPECT_EQ(header_of(again, "idempotency-replayed"), "true");
  EXPECT_EQ(must(rig.services.webhooks.list(rig.tenant)).size(), 1U);
  const auto other_body = ask("b", "one");
  EXPECT_EQ(other_body.status, 409);
  EXPECT_TRUE(other_body.body.contains("problems/idempotency_key_reused")) << other_body.body;
  EXPECT_EQ(ask("", "two").status, 400);
  EXPECT_EQ(ask("", "two").status, 400) << "a refused call is not kept";
  EXPECT_EQ(ask("c", std::string(201, 'k')).status, 400);
  // What is kept of the request is no hash that anybody could compare guesses with.
  const std::string request =
      "POST /api/v1/webhooks?\n"
      R"({"name":"a","url":"https://x.example/","events":["job.dead"]})";
  EXPECT_EQ(rig.rig.database.cell("SELECT count(*) FROM idempotency_keys WHERE request_hash = '" +
                                  rig.rig.master_key.mac(request, "idempotency") + "'"),
            "1");
  EXPECT_EQ(rig.rig.database.cell("SELECT count(*) FROM idempotency_keys WHERE request_hash = '" + sha256_hex(request) + "'"), "0");
  // Somebody else's key of the same name is another one.
  EXPECT_EQ(rig.ask({.method = "POST",
                     .path = "/webhooks",
                     .as = "other",
                     .body = R"({"name":"a","url":"https://x.example/","events":["job.dead"]})",
                     .headers = {{"idempotency-key", "one"}}})
                .status,
            201);
}

TEST_F(ApiBehaviour, ASecretIsRotatedOnlyAfterTheProviderTookIt) {
  const auto path = "/connections/" + rig.connection.str();
  const auto refused =
      rig.ask({.method = "PUT", .path = path + "/secret", .as = "admin", .body = R"({"secret":{"client_secret":"wrong"}})"});
  ASSERT_EQ(refused.status, 200);
  EXPECT_TRUE(refused.body.starts_with(R"({"ok":false)")) << refused.body;
  EXPECT_TRUE(refused.body.contains(R"({"name":"credentials","outcome":"failed","reason":"the provider refused the client secret"})"));
  EXPECT_TRUE(refused.body.contains(R"({"name":"mail","outcome":"skipped","reason":""})"));
  EXPECT_TRUE(must(rig.services.tenants.with_secret(rig.tenant, rig.connection)).secret_json.contains("s3cret"));
  const auto partly =
      rig.ask({.method = "PUT", .path = path + "/secret", .as = "admin", .body = R"({"secret":{"client_secret":"no settings"}})"});
  EXPECT_TRUE(partly.body.starts_with(R"({"ok":true)")) << "mail can be read without the settings: " << partly.body;
  EXPECT_TRUE(partly.body.contains("grant MailboxSettings.Read"));
  EXPECT_TRUE(must(rig.services.tenants.with_secret(rig.tenant, rig.connection)).secret_json.contains("no settings"));
  EXPECT_FALSE(rig.ask({.path = path, .as = "owner"}).body.contains("no settings")) << "a secret is never handed out";
}

TEST_F(ApiBehaviour, ASuspendedCompanyIsToldSoAndADeletedOneIsGone) {
  const auto session = rig.session("viewer");
  const std::vector<std::pair<std::string, std::string>> cookie{{"cookie", "letterlock_session=" + session.token}};
  const auto tenant_path = "/tenants/" + rig.tenant.str();
  EXPECT_EQ(rig.ask({.method = "PATCH", .path = tenant_path, .as = "operator", .body = R"({"state":"suspended"})"}).status, 200);
  const auto refused = rig.send("GET", "/alerts", "", cookie);
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(refused.body.contains("problems/suspended")) << refused.body;
  EXPECT_EQ(rig.ask({.method = "PATCH", .path = tenant_path, .as = "operator", .body = R"({"state":"active"})"}).status, 200);
  EXPECT_EQ(rig.send("GET", "/alerts", "", cookie).status, 200);
  EXPECT_EQ(rig.ask({.method = "DELETE", .path = tenant_path + "?confirm=Firma", .as = "operator"}).status, 400) << "to the letter";
  EXPECT_EQ(rig.ask({.method = "DELETE", .path = tenant_path + "?confirm=firma", .as = "operator"}).status, 204);
  EXPECT_EQ(rig.send("GET", "/alerts", "", cookie).status, 401);
  EXPECT_EQ(testing::kind_of(rig.rig.control.get_data_key(rig.tenant)), "not_found");
  EXPECT_EQ(rig.rig.database.cell("SELECT data_key_wrapped IS NULL FROM tenants WHERE tenant_id = '" + rig.tenant.str() + "'"), "t");
  EXPECT_EQ(rig.ask({.path = tenant_path, .as = "operator"}).status, 404);
}

TEST(ApiLimits, BeyondItsRateACallerIsToldWhenToComeBack) {
  ApiRig rig({.requests_max = 3, .window = std::chrono::seconds(60)});
  const auto key = rig.api_key(Role::viewer);
  for (int left = 2; left >= 0; --left) {
    const auto answer = rig.ask({.path = "/session", .as = key});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(header_of(answer, "ratelimit-policy"), "\"default\";q=3;w=60");
    EXPECT_EQ(header_of(answer, "ratelimit"), "\"default\";r=" + std::to_string(left) + ";t=60");
  }
  const auto refused = rig.ask({.path = "/session", .as = key});
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header_of(refused, "retry-after"), "60");
  EXPECT_TRUE(refused.body.contains("problems/throttled"));
  EXPECT_EQ(rig.ask({.path = "/session", .as = rig.api_key(Role::viewer)}).status, 200) << "another caller has a limit of its own";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(rig.ask({.path = "/session", .as = "ll_guess" + std::to_string(i)}).status, 401);
  EXPECT_EQ(rig.ask({.path = "/session", .as = "ll_guess"}).status, 429) << "guesses count for their address";
}

TEST(ApiLimits, SignInsOfAnAddressHaveALimitOfTheirOwn) {
  ApiRig rig({.requests_max = 1'000}, {.requests_max = 2, .window = std::chrono::seconds(60)});
  const auto sign_in = [&] { return rig.send("POST", "/session", R"({"email":"x@y.example","password":"guess"})", {}); };
  EXPECT_EQ(sign_in().status, 401);
  EXPECT_EQ(rig.send("POST", "/invitation/preview", R"({"token":"x"})", {}).status, 404) << "counts too";
  const auto refused = sign_in();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header_of(refused, "retry-after"), "60");
  EXPECT_EQ(rig.ask({.path = "/session", .as = "viewer"}).status, 200) << "who is signed in goes on";
  rig.client_address = "192.0.2.2";
  EXPECT_EQ(sign_in().status, 401) << "another address, also behind the same proxy";
  for (const auto* address : {"2001:db8::1", "2001:db8::2"}) {
    rig.client_address = address;
    EXPECT_EQ(sign_in().status, 401);
  }
  rig.client_address = "2001:db8::3";
  EXPECT_EQ(sign_in().status, 429) << "a customer's IPv6 network counts as one";
  rig.rig.clock.advance(std::chrono::seconds(60));
  EXPECT_EQ(sign_in().status, 401);
}

}  // namespace
}  // namespace letterlock::api
