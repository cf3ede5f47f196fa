#include "adapters/flight/flight_server.h"

#include <arrow/api.h>
#include <arrow/flight/client.h>
#include <arrow/flight/sql/client.h>
#include <arrow/util/align_util.h>
#include <arrow/util/byte_size.h>

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <thread>

#include "adapters/crypto/hmac.h"
#include "adapters/flight/append_codec.h"
#include "adapters/flight/flight_status.h"
#include "adapters/flight/test_server.h"
#include "base/encoding.h"

namespace letterlock::flight {
namespace {

namespace fl = arrow::flight;
using fl::sql::FlightSqlClient;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Runs for minutes if nobody stops it.
constexpr const char* endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE (a.range * b.range) % 7 = 1";

// Arrow's own client with one token.
class Client {
 public:
  Client(const TestServer& server, std::string token) : flight(connect(server)), sql(flight) {
    if (!token.empty()) call.headers.emplace_back("authorization", std::move(token));
    call.timeout = fl::TimeoutDuration(60);
  }
  Client(const TestServer& server, const std::string& target, const TenantId& tenant)
      : Client(server, "Bearer " + server.token(target, tenant.str())) {}

  arrow::Result<std::unique_ptr<fl::FlightStreamReader>> start(const std::string& text) {
    ARROW_ASSIGN_OR_RAISE(const auto info, sql.Execute(call, text));
    return sql.DoGet(call, info->endpoints().at(0).ticket);
  }
  arrow::Result<std::shared_ptr<arrow::Table>> query(const std::string& text) {
    ARROW_ASSIGN_OR_RAISE(const auto reader, start(text));
    return reader->ToTable();
  }

  // All rows of a ticket.
  arrow::Result<std::shared_ptr<arrow::Table>> read(const fl::FlightCallOptions& options, const fl::Ticket& ticket) {
    ARROW_ASSIGN_OR_RAISE(const auto reader, flight->DoGet(options, ticket));
    return reader->ToTable();
  }

  const std::shared_ptr<fl::FlightClient> flight;
  FlightSqlClient sql;
  fl::FlightCallOptions call;

 private:
  static std::shared_ptr<fl::FlightClient> connect(const TestServer& server) {
    return fl::FlightClient::Connect(fl::Location::Parse(server.url()).ValueOrDie()).ValueOrDie();
  }
};

ErrorKind kind_of(const arrow::Status& status) {
  EXPECT_FALSE(status.ok());
  return to_error(status, "call").kind;
}
template <class T>
ErrorKind kind_of(const arrow::Result<T>& result) {
  return kind_of(result.status());
}

bool within(seconds deadline, const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

double running(const TestServer& server) { return server.metric("letterlock_flight_queries_running"); }

EmailRecord email(const std::string& id, const std::string& subject) {
  EmailRecord record;
  record.email.mailbox_id = MailboxId("m");
  record.email.provider_message_id = ProviderMessageId(id);
  record.email.subject = subject;
  record.raw = {"rfc5322", "raw of " + subject};
  return record;
}

Append one_email(const std::string& subject) {
  return {.cursor = {MailboxId("m"), "gmail", {}}, .next_value = "{}", .emails = {email("id", subject)}};
}

TEST(FlightServer, LetsNobodyInWithoutAValidToken) {
  TestServer server, stranger;
  const std::string good = server.token("ingestion", tenant_a.str());
  for (const std::string& authorization :
       {std::string(), good, "Basic " + good, std::string("Bearer "), std::string("Bearer ll1.x.y"),
        "Bearer " + good.substr(0, good.size() - 4), "Bearer " + stranger.token("ingestion", tenant_a.str()),
        "Bearer " + server.token("ingestion", tenant_a.str(), seconds(-1))}) {
    Client client(server, authorization);
    EXPECT_EQ(kind_of(client.query("SELECT 1")), ErrorKind::unauthenticated) << authorization;
    EXPECT_EQ(kind_of(client.read(client.call, fl::Ticket{"raw:m\nid"})), ErrorKind::unauthenticated);
    auto results = client.flight->DoAction(client.call, fl::Action{"forget", nullptr});
    EXPECT_EQ(kind_of(results.ok() ? (*results)->Next().status() : results.status()), ErrorKind::unauthenticated);
    EXPECT_EQ(kind_of(client.flight->ListFlights(client.call, {})), ErrorKind::unauthenticated);
  }
  EXPECT_EQ(server.metric("letterlock_flight_calls_refused_total{kind=\"unauthenticated\"}"), 32);
  EXPECT_TRUE(Client(server, "Bearer " + good).query("SELECT 1").ok());
}

// Wrong key, target, tenant, time, algorithm: each is refused by every kind of call, over the wire.
TEST(FlightServer, RefusesEveryServiceTokenThatIsNotExactlyRight) {
  TestServer server, stranger;
  const auto& a = tenant_a.str();
  const auto good = server.token("ingestion", a);
  const auto claims_of = [](const std::string& token) { return token.substr(0, token.rfind('.')); };
  const auto signature_of = [](const std::string& token) { return token.substr(token.rfind('.') + 1); };
  std::ifstream key_file(server.path("public"));
  const std::string public_key((std::istreambuf_iterator<char>(key_file)), {});
  ASSERT_FALSE(public_key.empty());
  const auto rsa = crypto::make_rsa_key(2048).value();
  const auto jwt_claims = R"({"target":"ingestion","tenant_id":")" + a + R"(","exp":4102444800})";
  const auto jwt = [&](crypto::JwtAlgorithm algorithm) {
    return crypto::sign_jwt(algorithm, rsa.private_key_pem, "{}", jwt_claims).value();
  };
  const auto other_version = "ll2" + good.substr(3);

  struct Row {
    const char* what;
    std::string token;
    ErrorKind kind;
  };
  const auto unauthenticated = ErrorKind::unauthenticated, forbidden = ErrorKind::forbidden;
  const std::vector<Row> rows{
      {"key: of another installation", stranger.token("ingestion", a), unauthenticated},
      {"key: another's signature below our claims", claims_of(good) + "." + signature_of(stranger.token("ingestion", a)), unauthenticated},
      {"key: our signature of other claims", claims_of(good) + "." + signature_of(server.token("ingestion", tenant_b.str())),
       unauthenticated},
      {"key: our signature of a lesser target's claims", claims_of(server.token("api", a)) + "." + signature_of(good), unauthenticated},
      {"target: one that has no business here", server.token("scheduler", a), forbidden},
      {"target: unknown", server.token("other", a), forbidden},
      {"target: none", server.token("", a), forbidden},
      {"target: in capitals", server.token("Ingestion", a), forbidden},
      {"target: two", server.token("ingestion,api", a), forbidden},
      {"target: any", server.token("*", a), forbidden},
      {"tenant: all", server.token("ingestion", "*"), forbidden},
      {"tenant: none", server.token("ingestion", ""), forbidden},
      {"tenant: a path", server.token("ingestion", "../" + a), forbidden},
      {"tenant: two", server.token("ingestion", a + "," + tenant_b.str()), forbidden},
      {"tenant: with a blank behind it", server.token("ingestion", a + " "), forbidden},
      {"tenant: a name", server.token("ingestion", "northgate"), forbidden},
      {"time: over since a second", server.token("ingestion", a, seconds(-1)), unauthenticated},
      {"time: over at this moment", server.token("ingestion", a, seconds(0)), unauthenticated},
      {"time: over since a year", server.token("ingestion", a, std::chrono::days(-365)), unauthenticated},
      {"time: before 1970", server.token("ingestion", a, std::chrono::days(-30'000)), unauthenticated},
      {"algorithm: none, without a signature", claims_of(good) + ".", unauthenticated},
      {"algorithm: none, without the place of one", claims_of(good), unauthenticated},
      {"algorithm: a signature of zeros", claims_of(good) + "." + to_base64url(std::string(64, '\0')), unauthenticated},
      {"algorithm: HMAC with the public key", claims_of(good) + "." + to_base64url(crypto::hmac_sha256_hex(public_key, claims_of(good))),
       unauthenticated},
      {"algorithm: a signature that is cut", good.substr(0, good.size() - 2), unauthenticated},
      {"algorithm: a signature that is there twice", good + signature_of(good), unauthenticated},
      {"algorithm: another version", other_version, unauthenticated},
      {"algorithm: JWT, none", to_base64url(R"({"alg":"none"})") + "." + to_base64url(jwt_claims) + ".", unauthenticated},
      {"algorithm: JWT, RS256", jwt(crypto::JwtAlgorithm::rs256), unauthenticated},
      {"algorithm: JWT, PS256", jwt(crypto::JwtAlgorithm::ps256), unauthenticated},
  };
  ASSERT_TRUE(server.storage("ingestion")->append(tenant_a, one_email("of a")));
  for (const auto& [what, token, kind] : rows) {
    SCOPED_TRACE(what);
    Client client(server, "Bearer " + token);
    EXPECT_EQ(kind_of(client.query("SELECT subject FROM emails")), kind);
    EXPECT_EQ(kind_of(client.sql.Prepare(client.call, "SELECT 1")), kind);
    EXPECT_EQ(kind_of(client.read(client.call, fl::Ticket{"raw:m\nid"})), kind);
    auto forgotten = client.flight->DoAction(client.call, fl::Action{"forget", nullptr});
    EXPECT_EQ(kind_of(forgotten.ok() ? (*forgotten)->Next().status() : forgotten.status()), kind);
  }
  printf("%zu service tokens refused, 4 kinds of calls each\n", rows.size());
  // Another tenant's good token finds nothing of ours; ours still does.
  EXPECT_EQ(Client(server, "ingestion", tenant_b).query("SELECT subject FROM emails").ValueOrDie()->num_rows(), 0);
  EXPECT_EQ(Client(server, "Bearer " + good).query("SELECT subject FROM emails").ValueOrDie()->num_rows(), 1);
}

TEST(FlightServer, GivesEachTargetItsRightsAndNoMore) {
  TestServer server;
  EXPECT_EQ(kind_of(Client(server, "Bearer " + server.token("ingestion", "*")).query("SELECT 1")), ErrorKind::forbidden);
  EXPECT_EQ(kind_of(Client(server, "Bearer " + server.token("ingestion", "../x")).query("SELECT 1")), ErrorKind::forbidden);
  EXPECT_EQ(kind_of(Client(server, "scheduler", tenant_a).query("SELECT 1")), ErrorKind::forbidden);
  struct Case {
    const char* target;
    bool read, append, forget;  // and erase
  };
  for (const Case& right :
       {Case{"ingestion", true, true, false}, Case{"analysis", true, false, false}, Case{"api", true, false, true},
        Case{"storage", true, false, false}, Case{"scheduler", false, false, false}, Case{"other", false, false, false}}) {
    const auto storage = server.storage(right.target);
    const auto expect = [&](const auto& result, bool allowed, const char* what) {
      EXPECT_EQ(result.has_value(), allowed) << right.target << " " << what;
      if (!result && !allowed)
        EXPECT_EQ(result.error().kind, ErrorKind::forbidden) << right.target << " " << what << result.error().message;
    };
    expect(storage->forget(tenant_a, true), right.forget, "forget");
    expect(storage->erase_mail(tenant_a, {.received_before = TimePoint{}}), right.forget, "erase");
    expect(storage->append(tenant_a, one_email("s")), right.append, "append");
    expect(storage->save_users(tenant_a, {}, {}, {}, {}), right.append, "save_users");
    expect(storage->save_mailbox_settings(tenant_a, MailboxId("m"), {}, {}), right.append, "save_mailbox_settings");
    expect(storage->query(tenant_a, "SELECT count(*) FROM emails", {}), right.read, "query");
    expect(storage->query(tenant_a, "SELECT $x", {.parameters = {{"x", true}}}), right.read, "prepared query");
    if (right.append) expect(storage->get_raw(tenant_a, MailboxId("m"), ProviderMessageId("id")), right.read, "get_raw");
    if (!right.read) {
      EXPECT_EQ(storage->get_raw(tenant_a, MailboxId("m"), ProviderMessageId("id")).error().kind, ErrorKind::forbidden);
    }
  }
}

TEST(FlightServer, KeepsTenantsApart) {
  TestServer server;
  const auto storage = server.storage("ingestion");
  ASSERT_TRUE(storage->append(tenant_a, one_email("of a")));
  EXPECT_EQ(storage->query(tenant_b, "SELECT * FROM emails", {})->rows.size(), 0u);
  EXPECT_EQ(storage->get_raw(tenant_b, MailboxId("m"), ProviderMessageId("id")).error().kind, ErrorKind::not_found);
  ASSERT_TRUE(storage->append(tenant_b, one_email("of b")));
  EXPECT_EQ(storage->get_raw(tenant_a, MailboxId("m"), ProviderMessageId("id"))->bytes, "raw of of a");
  EXPECT_EQ(std::get<std::string>(storage->query(tenant_b, "SELECT subject FROM emails", {})->rows.at(0).at(0)), "of b");

  // A ticket, a prepared handle and a bound row of tenant a are nothing in tenant b's hands, and still good in a's.
  Client a(server, "analysis", tenant_a), b(server, "analysis", tenant_b);
  const auto info = a.sql.Execute(a.call, "SELECT subject FROM emails").ValueOrDie();
  const fl::Ticket ticket = info->endpoints().at(0).ticket;
  EXPECT_EQ(kind_of(b.read(b.call, ticket)), ErrorKind::not_found);
  EXPECT_EQ(a.read(a.call, ticket).ValueOrDie()->num_rows(), 1);
  EXPECT_EQ(kind_of(a.read(a.call, ticket)), ErrorKind::not_found) << "a ticket is used once";

  const auto statement = a.sql.Prepare(a.call, "SELECT subject FROM emails").ValueOrDie();
  const auto prepared = statement->Execute(a.call).ValueOrDie();
  EXPECT_EQ(kind_of(b.read(b.call, prepared->endpoints().at(0).ticket)), ErrorKind::not_found);
  EXPECT_EQ(kind_of(b.flight->GetFlightInfo(b.call, prepared->descriptor())), ErrorKind::not_found);
  EXPECT_EQ(a.read(a.call, prepared->endpoints().at(0).ticket).ValueOrDie()->num_rows(), 1);
  EXPECT_EQ(kind_of(a.read(a.call, fl::Ticket{"nonsense"})), ErrorKind::invalid);
  EXPECT_EQ(kind_of(a.read(a.call, fl::Ticket{"raw:nonsense"})), ErrorKind::invalid);
  EXPECT_TRUE(statement->Close(a.call).ok());
  EXPECT_EQ(kind_of(a.flight->GetFlightInfo(a.call, prepared->descriptor())), ErrorKind::not_found);
}

TEST(FlightServer, HoldsAFewStatementsForAWhile) {
  TestServer server({.statements_max = 8, .statement_life = seconds(600), .ticket_life = seconds(60)});
  Client a(server, "analysis", tenant_a), b(server, "analysis", tenant_b);
  std::vector<std::unique_ptr<fl::FlightInfo>> held;
  for (int i = 0; i < 4; ++i) held.push_back(a.sql.Execute(a.call, "SELECT 1").ValueOrDie());
  const auto refused = a.sql.Execute(a.call, "SELECT 1");
  EXPECT_EQ(kind_of(refused), ErrorKind::throttled);
  EXPECT_EQ(kind_of(a.sql.Prepare(a.call, "SELECT 1")), ErrorKind::throttled);
  EXPECT_TRUE(b.query("SELECT 1").ok()) << "another tenant has its own";
  ASSERT_TRUE(a.sql.DoGet(a.call, held[0]->endpoints().at(0).ticket).ValueOrDie()->ToTable().ok());
  // Its place is free once the server has closed it, a moment after the last row.
  std::shared_ptr<fl::sql::PreparedStatement> statement;
  ASSERT_TRUE(within(seconds(10), [&] {
    auto prepared = a.sql.Prepare(a.call, "SELECT 2");
    if (prepared.ok()) statement = *prepared;
    return prepared.ok();
  }));

  server.clock().advance(seconds(61));
  Client later(server, "analysis", tenant_a);
  EXPECT_EQ(kind_of(later.read(later.call, held[1]->endpoints().at(0).ticket)), ErrorKind::not_found);
  EXPECT_TRUE(statement->Execute(later.call).ok()) << "a prepared statement lives longer";
  server.clock().advance(seconds(601));
  EXPECT_EQ(kind_of(statement->Execute(later.call)), ErrorKind::not_found);
  ASSERT_FALSE(statement->Close(later.call).ok());
}

// Whoever holds one token takes half of a tenant's places at most, and several together leave a quarter to others.
TEST(FlightServer, KeepsPlacesForOtherCallersOfATenant) {
  TestServer server({.statements_max = 16});
  const auto caller = [&](int minutes) {
    return Client(server, "Bearer " + server.token("analysis", tenant_a.str(), std::chrono::minutes(minutes)));
  };
  std::vector<std::unique_ptr<fl::FlightInfo>> held;
  const auto holds = [&](Client& client, int most) {
    int count = 0;
    for (; count < most; ++count) {
      auto info = client.sql.Execute(client.call, "SELECT 1");
      if (!info.ok()) {
        EXPECT_EQ(kind_of(info), ErrorKind::throttled);
        break;
      }
      held.push_back(std::move(*info));
    }
    return count;
  };
  Client greedy = caller(10), second = caller(11), third = caller(12), fourth = caller(13), fifth = caller(14), sixth = caller(15),
         seventh = caller(16);
  EXPECT_EQ(holds(greedy, 100), 8);
  EXPECT_EQ(holds(second, 100), 4) << "three quarters are taken";
  EXPECT_EQ(holds(greedy, 100), 0);
  EXPECT_EQ(holds(third, 100), 1) << "the rest is for those who have none";
  EXPECT_EQ(holds(fourth, 100), 1);
  EXPECT_EQ(holds(fifth, 100), 1);
  EXPECT_EQ(holds(sixth, 100), 1);
  EXPECT_EQ(holds(seventh, 100), 0) << "sixteen in all";
  EXPECT_TRUE(Client(server, "analysis", tenant_b).query("SELECT 1").ok()) << "another tenant has its own";
}

// Running statements count, not those alone that wait to be fetched.
TEST(FlightServer, CountsTheStatementsThatRun) {
  TestServer server({.statements_max = 4});
  Client client(server, "analysis", tenant_a);
  std::vector<std::unique_ptr<fl::FlightStreamReader>> readers;
  for (int i = 0; i < 2; ++i)
    readers.push_back(client.start("SELECT i FROM range(100000000000) t(i) WHERE i < 10 OR i % 1000000000 = 7").ValueOrDie());
  EXPECT_EQ(kind_of(client.sql.Execute(client.call, "SELECT 1")), ErrorKind::throttled);
  for (const auto& reader : readers) reader->Cancel();
  EXPECT_TRUE(within(seconds(10), [&] { return client.sql.Execute(client.call, "SELECT 1").ok(); }));
}

// Nobody fetches, so nothing may compute: neither before the ticket is used nor after its life.
TEST(FlightServer, StopsAQueryThatNobodyFetches) {
  TestServer server({.ticket_life = seconds(60)});
  Client client(server, "analysis", tenant_a);
  ASSERT_TRUE(client.sql.Execute(client.call, endless).ok());
  server.clock().advance(seconds(61));
  const auto cpu_seconds = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
  EXPECT_TRUE(within(seconds(10), [&] {
    const double before = cpu_seconds();
    SystemClock().wait(milliseconds(200), {});
    return cpu_seconds() - before < 0.1;
  })) << "the engine still computes";
}

TEST(FlightServer, StopsTheQueryOfAClientThatIsGone) {
  TestServer server;
  Client client(server, "analysis", tenant_a);
  {
    // It cancels.
    const auto info =
        client.sql.Execute(client.call, "SELECT i FROM range(100000000000) t(i) WHERE i < 10 OR i % 1000000000 = 7").ValueOrDie();
    const auto reader = client.sql.DoGet(client.call, info->endpoints().at(0).ticket).ValueOrDie();
    ASSERT_TRUE(within(seconds(10), [&] { return running(server) == 1; }));
    reader->Cancel();
    EXPECT_TRUE(within(seconds(1), [&] { return running(server) == 0; }));
  }
  EXPECT_EQ(server.metric("letterlock_flight_queries_abandoned_total"), 1);
  {
    // Its deadline passes.
    const auto info = client.sql.Execute(client.call, endless).ValueOrDie();
    fl::FlightCallOptions hurried = client.call;
    hurried.timeout = fl::TimeoutDuration(0.3);
    const auto late = client.read(hurried, info->endpoints().at(0).ticket).status();
    EXPECT_EQ(to_error(late, "query").code, "timeout") << late.ToString();
    EXPECT_TRUE(within(seconds(1), [&] { return running(server) == 0; }));
  }
  EXPECT_EQ(server.metric("letterlock_flight_queries_abandoned_total"), 2);
  EXPECT_TRUE(server.storage("ingestion")->append(tenant_a, one_email("afterwards")));
}

TEST(FlightServer, EndsAQueryThatTakesTooLong) {
  TestServer server({.query_timeout = milliseconds(300)});
  const auto late = server.storage("analysis")->query(tenant_a, endless, {.timeout = seconds(30)});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(late.error().code, "timeout");
  EXPECT_EQ(running(server), 0);
}

TEST(FlightServer, StopsSoonWhileAQueryRuns) {
  TestServer server;
  std::atomic<bool> failed = false;
  std::jthread reader([&] {
    const auto result = server.storage("analysis")->query(tenant_a, endless, {.timeout = seconds(60)});
    failed = !result && result.error().kind == ErrorKind::unavailable;
  });
  ASSERT_TRUE(within(seconds(10), [&] { return running(server) == 1; }));
  const auto start = std::chrono::steady_clock::now();
  server.server().stop(seconds(10));
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(3));
  reader.join();
  EXPECT_TRUE(failed);
}

TEST(FlightServer, TakesNoAppendAboveItsLimit) {
  TestServer server({.append_bytes_max = 4 << 20});
  const auto storage = server.storage("ingestion");
  Append large = one_email("large");
  large.emails[0].raw.bytes.assign(20 << 20, 'r');
  const auto refused = storage->append(tenant_a, large);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid) << refused.error().message;
  EXPECT_NE(refused.error().message.find("4194304"), std::string::npos) << refused.error().message;
  EXPECT_EQ(storage->query(tenant_a, "SELECT * FROM emails", {})->rows.size(), 0u);
  EXPECT_EQ(storage->get_cursors(tenant_a, MailboxId("m"))->size(), 0u);
  large.emails[0].raw.bytes.resize(1 << 20);
  EXPECT_TRUE(storage->append(tenant_a, large));
}

TEST(FlightServer, RefusesAPutThatIsNoneOfOurs) {
  TestServer server;
  Client client(server, "ingestion", tenant_a);
  const auto put = [&](std::vector<std::string> path, const std::shared_ptr<arrow::Schema>& schema) {
    auto stream = client.flight->DoPut(client.call, fl::FlightDescriptor::Path(std::move(path)), schema).ValueOrDie();
    arrow::ArrayVector columns;
    for (const auto& field : schema->fields()) columns.push_back(arrow::MakeArrayOfNull(field->type(), 1).ValueOrDie());
    (void)stream.writer->WriteRecordBatch(*arrow::RecordBatch::Make(schema, 1, std::move(columns)));
    (void)stream.writer->DoneWriting();
    return stream.writer->Close();
  };
  const auto foreign = arrow::schema({arrow::field("a", arrow::int64())});
  EXPECT_EQ(kind_of(put({"append", append_header(one_email(""))}, foreign)), ErrorKind::invalid);
  EXPECT_EQ(kind_of(put({"append", append_header(one_email(""))}, append_schema())), ErrorKind::invalid);
  EXPECT_EQ(kind_of(put({"append", "{"}, append_schema())), ErrorKind::invalid);
  EXPECT_EQ(kind_of(put({"append"}, append_schema())), ErrorKind::invalid);
  EXPECT_EQ(kind_of(put({"nothing", "{}"}, append_schema())), ErrorKind::not_found);
  EXPECT_EQ(kind_of(put({"users", users_header_json({})}, foreign)), ErrorKind::invalid);
  const auto storage = server.storage("ingestion");
  EXPECT_EQ(storage->get_cursors(tenant_a, MailboxId("m"))->size(), 0u);
}

// What a writer that is killed leaves behind looks to gRPC like the end of a stream.
TEST(FlightServer, StoresNothingOfAPutThatEndsBeforeItsEndMark) {
  TestServer server;
  Client client(server, "ingestion", tenant_a);
  Append append = one_email("first");
  append.emails.push_back(email("second", "second"));
  const std::vector<User> users = {{.user_id = UserId("u"), .primary_email = "u@a.example"}};
  const std::vector<MailboxSetting> settings = {{.kind = "forwarding", .setting_id = "s"}};
  ASSERT_TRUE(
      server.repository().save_users(tenant_a, users, {.connection_id = ConnectionId("c"), .complete = true}, {}, server.clock().now()));
  ASSERT_TRUE(server.repository().save_mailbox_settings(tenant_a, MailboxId("m"), settings, server.clock().now()));

  const auto cut_short = [&](std::vector<std::string> path, const std::shared_ptr<arrow::Schema>& schema, bool says_goodbye) {
    fl::FlightCallOptions call = client.call;
    arrow::StopSource killed;
    call.stop_token = killed.token();
    auto stream = client.flight->DoPut(call, fl::FlightDescriptor::Path(std::move(path)), schema).ValueOrDie();
    if (schema->Equals(*append_schema())) {
      EXPECT_TRUE(encode_rows(one_email("first"), [&](const auto& batch) { return stream.writer->WriteRecordBatch(*batch); }).ok());
    }
    if (says_goodbye) {
      EXPECT_TRUE(stream.writer->DoneWriting().ok());
    } else {
      killed.RequestStop();
    }
    return to_error(stream.writer->Close(), "put");
  };
  for (const bool says_goodbye : {true, false}) {
    const auto refused = cut_short({"append", append_header(append)}, append_schema(), says_goodbye);
    if (says_goodbye) {
      EXPECT_NE(refused.message.find("broke off"), std::string::npos) << refused.message;
    }
    cut_short({"users", users_header_json({.listing = {.connection_id = ConnectionId("c"), .complete = true}})}, users_schema(),
              says_goodbye);
    cut_short({"settings", settings_header_json({.mailbox_id = MailboxId("m")})}, settings_schema(), says_goodbye);
  }
  server.server().stop(seconds(10));  // every call is over
  EXPECT_EQ(server.repository().get_cursors(tenant_a, MailboxId("m"))->size(), 0u);
  EXPECT_EQ(server.repository().query(tenant_a, "SELECT 1 FROM emails", {})->rows.size(), 0u);
  EXPECT_EQ(server.repository().query(tenant_a, "SELECT 1 FROM users WHERE deleted_at IS NULL", {})->rows.size(), 1u);
  EXPECT_EQ(server.repository().query(tenant_a, "SELECT 1 FROM mailbox_settings WHERE valid_to IS NULL", {})->rows.size(), 1u);
}

TEST(FlightServer, CutsResultsToMessagesThatEveryClientTakes) {
  TestServer server;
  Client client(server, "analysis", tenant_a);
  const auto reader =
      client.start("SELECT i, repeat('ü', 2500) || i AS text, [i, i] AS list FROM range(9000) t(i) ORDER BY i").ValueOrDie();
  std::int64_t rows = 0, chunks = 0;
  while (true) {
    const auto chunk = reader->Next().ValueOrDie();
    if (!chunk.data) break;
    ++chunks;
    EXPECT_LE(arrow::util::ReferencedBufferSize(*chunk.data).ValueOrDie(), 3 << 20);
    const auto batch = arrow::util::EnsureAlignment(chunk.data, arrow::util::kValueAlignment, arrow::default_memory_pool()).ValueOrDie();
    const auto& numbers = static_cast<const arrow::Int64Array&>(*batch->column(0));
    for (std::int64_t row = 0; row < numbers.length(); ++row) EXPECT_EQ(numbers.Value(row), rows++);
  }
  EXPECT_EQ(rows, 9000);
  EXPECT_GE(chunks, 15);
}

TEST(FlightServer, AnswersTheLoginProbeOfOtherClients) {
  TestServer server;
  Client client(server, "analysis", tenant_a);
  const auto info = client.sql.GetSqlInfo(client.call, {fl::sql::SqlInfoOptions::FLIGHT_SQL_SERVER_NAME}).ValueOrDie();
  const auto table = client.sql.DoGet(client.call, info->endpoints().at(0).ticket).ValueOrDie()->ToTable().ValueOrDie();
  EXPECT_EQ(table->num_rows(), 1);
  EXPECT_NE(table->ToString().find("Letterlock"), std::string::npos);
}

// pyarrow, and a packing of Flight SQL's messages that shares nothing with ours.
TEST(FlightServer, IsReadByPyarrow) {
  TestServer server;
  static constexpr const char* script = R"(
import datetime, os, sys
sys.path.insert(0, os.environ["FLIGHT_SQL_FOLDER"])
import pyarrow.flight, pyarrow.lib
from flight_sql import FlightSql
client = FlightSql(os.environ["FLIGHT_URL"], os.environ["FLIGHT_TOKEN"])
rows = client.query("""SELECT i AS number, CASE WHEN i % 3 = 0 THEN NULL ELSE 'Grüße 株式会社 🙂 ' || i END AS text, i / 2 AS real,
  i % 2 = 0 AS flag, make_timestamptz(1700000000000000 + i) AS at, [i, NULL, i + 1] AS list, {'a': i, 'b': 'x'} AS record
  FROM range(10000) t(i) ORDER BY i""")
assert len(rows) == 10000, len(rows)
start = datetime.datetime.fromtimestamp(1700000000, datetime.timezone.utc)
for i, row in enumerate(rows):
    want = {"number": i, "text": None if i % 3 == 0 else f"Grüße 株式会社 🙂 {i}", "real": i / 2, "flag": i % 2 == 0,
            "at": start + datetime.timedelta(microseconds=i), "list": [i, None, i + 1], "record": {"a": i, "b": "x"}}
    assert row == want, (row, want)
def refused(sql, error, token=os.environ["FLIGHT_TOKEN"]):
    try:
        FlightSql(os.environ["FLIGHT_URL"], token).query(sql)
    except error as text:
        assert os.environ["FLIGHT_FOLDER"] not in str(text), text
        return
    raise AssertionError("not refused: " + sql)
refused("SELEC", pyarrow.lib.ArrowInvalid)
refused("DELETE FROM emails", pyarrow.flight.FlightUnauthorizedError)
refused("SELECT 1", pyarrow.flight.FlightUnauthenticatedError, "ll1.x.y")
print("read", len(rows))
)";
  std::ofstream(server.path("client.py")) << script;
  const std::string environment = "FLIGHT_SQL_FOLDER='" LETTERLOCK_SOURCE_DIR "/tests/system' FLIGHT_URL='" + server.url() +
                                  "' FLIGHT_TOKEN='" + server.token("analysis", tenant_a.str()) + "' FLIGHT_FOLDER='" +
                                  server.folder().string() + "' ";
  // Without a sanitizer's preloads and with UTF-8 texts.
  const std::string command = environment + "PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 python3 '" + server.path("client.py") + "' > '" +
                              server.path("output") + "' 2>&1";
  const int status = std::system(command.c_str());
  std::ifstream file(server.path("output"));
  const std::string output(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(status, 0) << output;
  EXPECT_EQ(output, "read 10000\n");
}

}  // namespace
}  // namespace letterlock::flight
