// What nobody should send: every operation must refuse it clearly, or take it as plain text, and never break.

#include <gtest/gtest.h>

#include <glaze/glaze.hpp>
#include <set>

#include "tests/support/operation_calls.h"

namespace letterlock::api {
namespace {

using testing::header_of;

class BadInput : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(rig.rig.database.ok()); }
  // Operations with a body, by who may call them.
  std::vector<std::pair<std::string, std::string>> with_a_body() {
    std::vector<std::pair<std::string, std::string>> found;
    for (auto& [id, call] : calls) {
      if (call.make(rig, "owner").body.empty()) continue;
      const bool open = id == "create_session" || id.ends_with("_invitation") && id != "create_invitation" ||
                        id.ends_with("_password_reset") && id != "create_password_reset";
      const bool operators = id == "create_tenant" || id == "change_tenant" || id == "invite_owner";
      found.emplace_back(id, open ? "" : operators ? "operator" : "owner");
    }
    return found;
  }
  std::map<std::string, OperationCall> calls = operation_calls();
  ApiRig rig;
};

TEST_F(BadInput, MalformedAndOversizedBodiesAndOtherTypesAreRefusedByName) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const std::vector<std::string> malformed{"{",
                                           "[]",
                                           "null",
                                           "7",
                                           "\"x\"",
                                           "{}x",
                                           "{\"a\":}",
                                           "{'a':1}",
                                           "\xff\xfe",
                                           R"({"name":"\u0000"})",
                                           "{\"colour\":\"red\"}",
                                           std::string("{\"a\":\"\0\"}", 9),
                                           deep,
                                           R"({"settings":)" + deep + "}"};
  const auto operations = with_a_body();
  ASSERT_GE(operations.size(), 19U);
  for (const auto& [id, as] : operations) {
    SCOPED_TRACE(id);
    auto ask = calls.at(id).make(rig, "owner");
    ask.as = as;
    for (const auto& body : malformed) {
      auto bad = ask;
      bad.body = body;
      const auto refused = rig.ask(bad);
      EXPECT_EQ(refused.status, 400) << body.substr(0, 60) << " → " << refused.body;
      EXPECT_TRUE(refused.body.contains("https://letterlock.dev/problems/invalid")) << refused.body;
    }
    auto large = ask;
    large.body = "{\"name\":\"" + std::string(300 * 1024, 'x') + "\"}";
    const auto too_large = rig.ask(large);
    EXPECT_EQ(too_large.status, 413);
    EXPECT_TRUE(too_large.body.contains("256 KiB"));
    for (const auto* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", ""}) {
      auto typed = ask;
      typed.headers.emplace_back("content-type", type);
      EXPECT_EQ(rig.ask(typed).status, 415) << type;
    }
    auto with_charset = ask;
    with_charset.headers.emplace_back("content-type", "Application/JSON ; charset=utf-8");
    EXPECT_LT(rig.ask(with_charset).status, 300);
  }
}

// An import's connection lies in the tenant, and its paths on the machine of the ingestion.
TEST_F(BadInput, AnArchivesPathsLeadNowhereThatTheOperatorDidNotAllow) {
  const auto id =
      *rig.services.tenants.create_connection(rig.tenant, {.name = "import",
                                                           .provider = ProviderKind::archive,
                                                           .settings_json = R"({"paths":["/srv/mail"],"mailbox_address":"a@x.example"})",
                                                           .secret_json = "{}",
                                                           .by_operator = true});
  const auto change = [&](const std::string& settings) {
    return rig.ask({.method = "PATCH", .path = "/connections/" + id.str(), .as = "owner", .body = R"({"settings":)" + settings + "}"});
  };
  for (const auto* settings : {R"({"paths":["/etc"],"mailbox_address":"a@x.example"})",
                               R"({"paths":["/etc"],"mailbox_address":"a@x.example","named_by_operator":true})",
                               R"({"paths":["/srv/mail","/proc/self/environ"],"mailbox_address":"a@x.example"})"}) {
    const auto refused = change(settings);
    EXPECT_EQ(refused.status, 400) << settings;
    EXPECT_TRUE(refused.body.contains("LETTERLOCK_ARCHIVE_FOLDERS") || refused.body.contains("named_by_operator")) << refused.body;
  }
  EXPECT_EQ(change(R"({"paths":["/srv/mail"],"mailbox_address":"a@x.example"})").status, 400)
      << "no folder is allowed in this installation";
}

void replace_texts(glz::generic& value, const std::string& text, const std::function<void()>& try_it) {
  if (auto* string = value.get_if<std::string>()) {
    const auto kept = *string;
    *string = text;
    try_it();
    *value.get_if<std::string>() = kept;
  } else if (auto* object = value.get_if<glz::generic::object_t>()) {
    for (auto& [name, member] : *object) replace_texts(member, text, try_it);
  } else if (auto* array = value.get_if<glz::generic::array_t>()) {
    for (auto& member : *array) replace_texts(member, text, try_it);
  }
}

TEST_F(BadInput, SqlAndHtmlInEveryTextFieldAreTextOrRefused) {
  const std::vector<std::string> texts{"'; DROP TABLE alerts; --",
                                       "\" OR 1=1 --",
                                       "$1",
                                       "\\'; SELECT pg_sleep(10); --",
                                       "{\"a\",b}",
                                       "%s%n%x",
                                       "<script>alert(1)</script>",
                                       "\"><img src=x onerror=alert(1)>",
                                       "</title><svg/onload=alert(1)>",
                                       "\xE2\x80\xAE"
                                       "gnp.exe",
                                       "../../etc/passwd",
                                       "\r\nSet-Cookie: a=b",
                                       "a@b.example\r\nBcc: x@y.example"};
  int tried = 0;
  for (const auto& [id, as] : with_a_body()) {
    for (const auto& text : texts) {
      glz::generic body;
      ASSERT_FALSE(glz::read_json(body, calls.at(id).make(rig, "owner").body));
      replace_texts(body, text, [&] {
        auto ask = calls.at(id).make(rig, "owner");
        ask.as = as;
        ask.body = glz::write_json(body).value();
        const auto response = rig.ask(ask);
        EXPECT_LT(response.status, 500) << id << " " << ask.body << " → " << response.body;
        EXPECT_TRUE(header_of(response, "content-type").ends_with("json") || response.status == 204) << id;
        for (const auto& [name, value] : response.headers) EXPECT_FALSE(value.contains('\n')) << id << ": " << name;
        ++tried;
      });
    }
  }
  for (const auto* table : {"alerts", "people", "connections", "webhooks", "audit_log"})
    EXPECT_EQ(rig.rig.database.cell("SELECT count(*) FROM information_schema.tables WHERE table_name = '" + std::string(table) + "'"), "1");
  // As it was sent, so it comes back: nothing is rewritten, and JSON escapes what must be.
  const std::string note = R"(<b onclick='x'>"'; DROP TABLE alerts; --</b>)";
  const auto path = "/alerts/" + rig.alert.str();
  const auto stored =
      rig.ask({.method = "PATCH", .path = path, .as = "analyst", .body = "{\"note\":" + glz::write_json(note).value() + "}"});
  EXPECT_EQ(stored.status, 200);
  EXPECT_TRUE(stored.body.contains(glz::write_json(note).value())) << stored.body;
  printf("%d bodies with hostile texts\n", tried);
}

TEST_F(BadInput, HostileTextsInQueriesAndPathsFindNothingAndBreakNothing) {
  for (const auto* text : {"%27%20OR%201%3D1--", "%3Cscript%3E", "%25", "%5C", "%22", "%F0%9F%98%80", "%C3%28", "a%0Ab", "..%2F..%2Fetc"}) {
    for (const auto* parameter : {"rule_id", "subject", "entity", "search", "assignee", "cursor", "seen_from"}) {
      const auto response = rig.ask({.path = "/alerts?" + std::string(parameter) + "=" + text, .as = "viewer"});
      EXPECT_TRUE(response.status == 200 || response.status == 400) << parameter << "=" << text << ": " << response.status << response.body;
      if (response.status == 200) EXPECT_EQ(response.body, R"({"alerts":[]})") << parameter << "=" << text;
    }
    for (const auto* path : {"/alerts/", "/connections/", "/jobs/", "/rules/", "/entities/", "/webhooks/", "/people/"})
      EXPECT_TRUE(std::set<int>({400, 404, 405}).contains(rig.ask({.path = std::string(path) + text, .as = "owner"}).status))
          << path << text;
  }
}

TEST_F(BadInput, WhatIsRefusedLeavesNothingInTheAuditLog) {
  const auto noted = [&] { return rig.rig.database.cell("SELECT count(*) FROM audit_log"); };
  const auto before = noted();
  const std::string until = R"(","until":")" + to_rfc3339(rig.rig.clock.now() + std::chrono::hours(1)) + "\"}";
  const auto refuses = [&](int status, Ask ask) {
    EXPECT_EQ(rig.ask(ask).status, status) << ask.method << " " << ask.path << " " << ask.body.substr(0, 60);
  };
  for (const auto* part : {"rule_id", "entity", "subject", "dedup_key"})
    for (const auto& text : {std::string(), std::string(2'001, 'x')})
      refuses(400, {.method = "POST",
                    .path = "/suppressions",
                    .as = "analyst",
                    .body = R"({"key":{")" + std::string(part) + R"(":")" + text + R"("},"reason":"r)" + until});
  for (const auto& reason : {std::string(), std::string(1'001, 'x')})
    refuses(400,
            {.method = "POST", .path = "/suppressions", .as = "analyst", .body = R"({"key":{"entity":"x"},"reason":")" + reason + until});
  std::string name = "x";  // cut at 200 bytes it would end within a character
  for (int i = 0; i < 100; ++i) name += "\xC3\xA9";
  refuses(400, {.method = "POST",
                .path = "/webhooks",
                .as = "owner",
                .body = R"({"name":")" + name + R"(","url":"https://x.example/","events":["job.dead"]})"});
  refuses(400,
          {.method = "POST", .path = "/tenants", .as = "operator", .body = R"({"name":")" + name + R"(","owner_email":"a@b.example"})"});
  refuses(404, {.method = "DELETE", .path = "/suppressions/nonsense", .as = "analyst"});
  refuses(404, {.method = "DELETE", .path = "/webhooks/nonsense", .as = "owner"});
  refuses(404, {.method = "PATCH", .path = "/webhooks/nonsense", .as = "owner", .body = R"({"enabled":false})"});
  refuses(404, {.method = "POST", .path = "/webhooks/nonsense/secret", .as = "owner"});
  refuses(404, {.method = "POST", .path = "/webhooks/nonsense/ping", .as = "owner"});
  EXPECT_EQ(noted(), before);
}

TEST_F(BadInput, ForgedCookiesAndReplayedCsrfTokensAreRefused) {
  const auto mine = rig.session("admin"), older = rig.session("admin"), theirs = rig.session("other");
  const auto write = [&](const std::string& cookie, const std::string& csrf) {
    return rig
        .send("PATCH", "/alerts/" + rig.alert.str(), R"({"note":"x"})",
              {{"cookie", "letterlock_session=" + cookie}, {"x-csrf-token", csrf}})
        .status;
  };
  EXPECT_EQ(write(mine.token, mine.principal.csrf_token), 200);
  auto flipped = mine.token;
  flipped[3] = flipped[3] == 'A' ? 'B' : 'A';
  for (const auto& forged : {std::string("x"), flipped, mine.token + "A", mine.token.substr(1), std::string("' OR '1'='1"),
                             std::string(5'000, 'A'), std::string()})
    EXPECT_EQ(write(forged, mine.principal.csrf_token), 401) << forged.substr(0, 60);
  EXPECT_EQ(write(mine.token, ""), 403);
  EXPECT_EQ(write(mine.token, older.principal.csrf_token), 403) << "of another session of the same person";
  EXPECT_EQ(write(mine.token, theirs.principal.csrf_token), 403);
  EXPECT_EQ(write(mine.token, mine.principal.csrf_token + "x"), 403);
  // Stored hashes are no tokens.
  EXPECT_EQ(write(rig.rig.database.cell("SELECT token_hash FROM sessions WHERE person_id = '" + rig.people.at("admin").person_id.str() +
                                        "' LIMIT 1"),
                  mine.principal.csrf_token),
            401);
  EXPECT_EQ(
      rig.send("DELETE", "/session", "", {{"cookie", "letterlock_session=" + mine.token}, {"x-csrf-token", mine.principal.csrf_token}})
          .status,
      204);
  EXPECT_EQ(write(mine.token, mine.principal.csrf_token), 401) << "replayed after signing out";
  rig.rig.clock.advance(std::chrono::hours(13));
  EXPECT_EQ(write(older.token, older.principal.csrf_token), 401) << "over";
}

TEST_F(BadInput, AnApiKeyOfAnotherCompanyRevokedOrOverOpensNothing) {
  const auto theirs = rig.api_key_of(rig.other, Role::owner);
  EXPECT_EQ(rig.ask({.path = "/alerts/" + rig.alert.str(), .as = theirs}).status, 404);
  EXPECT_EQ(rig.ask({.path = "/alerts", .as = theirs}).body, R"({"alerts":[]})");
  const auto made = must(rig.services.api_keys.create(
      rig.people.at("owner"),
      {.name = "short", .role = Role::viewer, .scopes = {"alerts:read"}, .expires_at = rig.rig.clock.now() + std::chrono::hours(1)}));
  EXPECT_EQ(rig.ask({.path = "/alerts", .as = made.key}).status, 200);
  rig.rig.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(rig.ask({.path = "/alerts", .as = made.key}).status, 401);
  for (const auto* header : {"Bearer", "Bearer ", "Bearer x", "Basic YTpi", "bearer ll_x", "Bearer ll_", "Bearer ll1.service.token"})
    EXPECT_EQ(rig.send("GET", "/alerts", "", {{"authorization", header}}).status, 401) << header;
}

TEST_F(BadInput, AnApiKeyEndsWithItsOwnerAndShrinksWithTheOwnersRole) {
  const auto made = rig.ask({.method = "POST",
                             .path = "/api_keys",
                             .as = "admin",
                             .body = R"({"name":"k","role":"admin","scopes":["alerts:read","webhooks:write"]})"});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_TRUE(made.body.contains(R"("expires_at":")")) << made.body;
  const auto from = made.body.find("\"ll_") + 1;
  const auto key = made.body.substr(from, made.body.find('"', from) - from);
  const auto read = [&] { return rig.ask({.path = "/alerts", .as = key}).status; };
  const auto make_webhook = [&] {
    return rig
        .ask({.method = "POST",
              .path = "/webhooks",
              .as = key,
              .body = R"({"name":")" + new_uuid() + R"(","url":"https://hooks.example/in","events":["job.dead"]})"})
        .status;
  };
  EXPECT_EQ(read(), 200);
  EXPECT_EQ(make_webhook(), 201);
  const auto person = "/people/" + rig.people.at("admin").person_id.str();
  ASSERT_EQ(rig.ask({.method = "PATCH", .path = person, .as = "owner", .body = R"({"role":"viewer"})"}).status, 200);
  EXPECT_EQ(read(), 200);
  EXPECT_EQ(make_webhook(), 403) << "its owner may not any more";
  EXPECT_TRUE(rig.ask({.path = "/api_keys", .as = "owner"}).body.contains(R"("role":"admin","effective_role":"viewer")"));
  ASSERT_EQ(rig.ask({.method = "DELETE", .path = person, .as = "owner"}).status, 204);
  EXPECT_EQ(read(), 401);
  EXPECT_EQ(make_webhook(), 401);
  EXPECT_TRUE(rig.ask({.path = "/api_keys", .as = "owner"}).body.contains(R"("owner_kind":"removed")"));
  for (const auto* scopes : {"[]", R"(["*"])", R"(["alerts:read","alerts:read"])"}) {
    const auto refused = rig.ask({.method = "POST",
                                  .path = "/api_keys",
                                  .as = "owner",
                                  .body = R"({"name":"k2","role":"viewer","scopes":)" + std::string(scopes) + "}"});
    EXPECT_EQ(refused.status, 400) << scopes;
    EXPECT_TRUE(refused.body.contains("scopes")) << refused.body;
  }
}

TEST_F(BadInput, AThousandWrongPasswordsLockTheAddressAndNobodyElse) {
  const auto sign_in = [&](const std::string& email, const std::string& password) {
    return rig.send("POST", "/session", R"({"email":")" + email + R"(","password":")" + password + "\"}", {});
  };
  std::map<int, int> answers;
  for (int i = 0; i < 1'000; ++i) ++answers[sign_in("admin@firma.example", "guess number " + std::to_string(i)).status];
  EXPECT_EQ(answers, (std::map<int, int>{{401, 5}, {429, 995}}));
  const auto locked = sign_in("admin@firma.example", ApiRig::password);
  EXPECT_EQ(locked.status, 429) << "the right one neither";
  EXPECT_NE(header_of(locked, "retry-after"), "");
  EXPECT_EQ(sign_in("viewer@firma.example", ApiRig::password).status, 200);
  EXPECT_EQ(rig.ask({.path = "/alerts", .as = "admin"}).status, 200) << "a session that is there goes on";
  rig.rig.clock.advance(std::chrono::minutes(16));
  const auto in = sign_in("admin@firma.example", ApiRig::password);
  EXPECT_EQ(in.status, 200);
  EXPECT_TRUE(header_of(in, "set-cookie").contains("; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200; Secure"))
      << header_of(in, "set-cookie");
}

}  // namespace
}  // namespace letterlock::api
