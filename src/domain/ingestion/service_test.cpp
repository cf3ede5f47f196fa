// One slice and then another, from letterlock-sim over HTTP into encrypted DuckDB files.

#include "domain/ingestion/service.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <glaze/glaze.hpp>
#include <map>
#include <set>

#include "adapters/duckdb/duckdb_repository.h"
#include "adapters/http/client.h"
#include "adapters/postgres/migrations.h"
#include "adapters/postgres/pool.h"
#include "base/id.h"
#include "domain/jobs/control_service.h"
#include "providers/factory.h"
#include "tests/support/sim_process.h"

namespace letterlock::ingestion {

namespace truth_wire {
struct Message {
  std::string id;
};
struct Mailbox {
  std::string user_id;
  std::vector<Message> messages;
};
struct Truth {
  std::vector<Mailbox> mailboxes;
};
}  // namespace truth_wire

namespace {

using namespace std::chrono_literals;
using Rows = std::map<std::string, std::set<std::string>>;  // mailbox → messages

// The control plane in a PostgreSQL database of the test's own.
class Desk {
 public:
  Desk() {
    const char* server = std::getenv("LETTERLOCK_TEST_DATABASE_URL");
    if (!server) ADD_FAILURE() << "LETTERLOCK_TEST_DATABASE_URL is unset: run through ./dev test";
    CHECK(server);
    server_ = server;
    EXPECT_EQ(psql("CREATE DATABASE " + name_), 0);
    const auto url = server_.substr(0, server_.rfind('/') + 1) + name_;
    const auto migrated = postgres::migrate(url, LETTERLOCK_SOURCE_DIR "/migrations/control");
    EXPECT_TRUE(migrated) << migrated.error().message;
    owner_ = std::make_unique<postgres::Pool>(postgres::PoolOptions{.url = url, .connections_max = 2});
    api_ = std::make_unique<postgres::Pool>(postgres::PoolOptions{.url = url, .role = "letterlock_api", .connections_max = 2});
    EXPECT_TRUE(crypto::MasterKey::create(key_file_.string()));
    key_ = std::make_unique<crypto::MasterKey>(std::move(*crypto::MasterKey::load(key_file_.string())));
    control_ = std::make_unique<ControlService>(*api_, *key_, clock_);
  }
  ~Desk() {
    control_.reset();
    api_.reset();
    owner_.reset();
    EXPECT_EQ(psql("DROP DATABASE " + name_ + " WITH (FORCE)"), 0);
    std::filesystem::remove(key_file_);
  }

  void add(const Connection& connection) {
    run("INSERT INTO tenants (tenant_id, name) VALUES ($1::uuid, $2)", {connection.tenant_id, connection.tenant_id.str()});
    run("INSERT INTO connections (connection_id, tenant_id, name, provider, settings, secret_wrapped) VALUES ($1::uuid, $2::uuid, 'c', $3, "
        "'{}', '')",
        {connection.connection_id, connection.tenant_id, to_string(connection.provider)});
  }
  // Do what the ingestion target does at a slice's end.
  void finish(const Connection& connection, const SliceOutcome& outcome) {
    run("DELETE FROM jobs WHERE kind = 'ingestion' AND state = 'queued' AND tenant_id = $1::uuid", {connection.tenant_id});
    const JobMessage message{.job_id = JobId(new_uuid()), .tenant_id = connection.tenant_id, .connection_id = connection.connection_id};
    run("INSERT INTO jobs (job_id, tenant_id, connection_id, kind) VALUES ($1::uuid, $2::uuid, $3::uuid, 'ingestion')",
        {message.job_id, message.tenant_id, message.connection_id});
    auto job = control_->claim(message, "test");
    ASSERT_TRUE(job) << job.error().message;
    const auto finished = control_->finish_ingestion(*job, outcome);
    ASSERT_TRUE(finished) << finished.error().message;
  }
  // Do what an analysis up to this ingest_seq leaves behind.
  void analysed(const Connection& connection, std::int64_t ingest_seq) {
    run("INSERT INTO watermarks VALUES ($1::uuid, $2::bigint)", {connection.tenant_id, ingest_seq});
  }
  std::int64_t analysis_jobs(const Connection& connection) {
    return run("SELECT count(*) FROM jobs WHERE kind = 'analysis' AND tenant_id = $1::uuid", {connection.tenant_id}).front().integer(0);
  }
  std::string reason(const Connection& connection) {
    return run("SELECT state_reason FROM connections WHERE connection_id = $1::uuid", {connection.connection_id}).front().text(0);
  }

 private:
  int psql(const std::string& statement) { return std::system(("psql -q -X '" + server_ + "' -c '" + statement + "' >/dev/null").c_str()); }
  postgres::Rows run(std::string_view sql, const std::vector<postgres::Param>& params) {
    auto rows = owner_->compute<postgres::Rows>("", [&](postgres::Transaction& transaction) { return transaction.run(sql, params); });
    if (!rows) ADD_FAILURE() << rows.error().message;
    CHECK(rows.has_value());
    return *rows;
  }

  std::string server_;
  const std::string name_ = "ingestion_" + new_uuid().substr(0, 8);
  const std::filesystem::path key_file_ = std::filesystem::temp_directory_path() / ("letterlock-key-" + new_uuid());
  SystemClock clock_;
  std::unique_ptr<postgres::Pool> owner_, api_;
  std::unique_ptr<crypto::MasterKey> key_;
  std::unique_ptr<ControlService> control_;
};

class Stage {
 public:
  Stage() {
    auto sim = testing::SimProcess::start({"--mailboxes", "4", "--messages", "60", "--page-size", "25"});
    if (!sim) ADD_FAILURE() << sim.error().message;
    CHECK(sim.has_value());
    sim_ = std::move(*sim);
    client_ = std::move(*http::make_client({}));
    auto storage = DuckDBRepository::open({.folder = folder_.string(),
                                           .migrations_folder = LETTERLOCK_SOURCE_DIR "/migrations/tenant",
                                           .data_key = [](const TenantId&) { return Result<DataKey>({.bytes = std::string(32, 'k')}); }},
                                          clock_, metrics_);
    if (!storage) ADD_FAILURE() << storage.error().message;
    CHECK(storage.has_value());
    storage_ = std::move(*storage);
    // Passing faults are waited out in milliseconds here, in seconds in production.
    const ProviderOptions impatient{.backoff = {.first = 2ms, .max = 10ms, .tries_max = 4}, .request_timeout = 20s};
    service_ = std::make_unique<Service>(
        *storage_, parser_,
        [this, impatient](const Connection& connection) { return make_provider(connection, *client_, clock_, metrics_, impatient); },
        clock_, metrics_, Options{.limits = {.step_messages_max = 20}});
  }
  ~Stage() {
    storage_.reset();
    std::filesystem::remove_all(folder_);
  }

  Connection connection(ProviderKind kind) const {
    const auto& from = kind == ProviderKind::google ? sim_->google() : sim_->microsoft();
    return {.connection_id = kind == ProviderKind::google ? google_connection_ : microsoft_connection_,
            .tenant_id = kind == ProviderKind::google ? google_tenant_ : microsoft_tenant_,
            .provider = kind,
            .settings_json = from.settings_json,
            .secret_json = from.secret_json};
  }
  // Slices until nothing is left, as continuation jobs would run them.
  SliceOutcome sync(ProviderKind kind) {
    SliceOutcome all;
    for (int slices = 0; slices < 50; ++slices) {
      auto outcome = service_->sync_tenant(connection(kind), {});
      if (!outcome) ADD_FAILURE() << outcome.error().message;
      CHECK(outcome.has_value());
      all.messages_stored += outcome->messages_stored;
      all.messages_set_aside += outcome->messages_set_aside;
      all.last_ingest_seq = std::max(all.last_ingest_seq, outcome->last_ingest_seq);
      all.error = outcome->error;
      all.mailboxes = outcome->mailboxes;
      if (!outcome->more || outcome->error) break;
    }
    return all;
  }
  Rows truth(ProviderKind kind) {
    const auto json = sim_->control("/control/truth?provider=" + std::string(to_string(kind)));
    CHECK(json.has_value());
    truth_wire::Truth truth;
    constexpr glz::opts lenient{.error_on_unknown_keys = false, .error_on_missing_keys = false};
    CHECK(!glz::read<lenient>(truth, *json));
    Rows rows;
    for (const auto& mailbox : truth.mailboxes)
      for (const auto& message : mailbox.messages) rows[mailbox.user_id].insert(message.id);
    return rows;
  }
  Rows stored(ProviderKind kind) {
    auto result = storage_->query(connection(kind).tenant_id, "SELECT mailbox_id, provider_message_id FROM emails WHERE removed_at IS NULL",
                                  {.rows_max = 1'000'000});
    if (!result) ADD_FAILURE() << result.error().message;
    CHECK(result.has_value());
    Rows rows;
    for (const auto& row : result->rows) {
      const bool is_new = rows[std::get<std::string>(row[0])].insert(std::get<std::string>(row[1])).second;
      EXPECT_TRUE(is_new) << "a doubled row";
    }
    return rows;
  }
  std::vector<StoredCursor> cursors(ProviderKind kind) {
    std::vector<StoredCursor> all;
    for (const auto& [mailbox, ids] : truth(kind))
      for (auto& cursor : *storage_->get_cursors(connection(kind).tenant_id, MailboxId(mailbox))) all.push_back(std::move(cursor));
    return all;
  }
  void order_fault(ProviderKind kind, const std::string& match, const std::string& members) {
    EXPECT_TRUE(sim_->control("/control/faults", R"({"provider":")" + std::string(to_string(kind)) + R"(","match":")" + match +
                                                     R"(","times":100000,)" + members + "}"));
  }
  void clear_faults() { EXPECT_TRUE(sim_->control("/control/clear-faults", "{}")); }
  void deliver_one(ProviderKind kind) {
    const auto users = storage_->get_users(connection(kind).tenant_id);
    CHECK(users.has_value());
    for (const auto& user : *users) {
      const auto sent =
          sim_->control("/control/messages", R"({"provider":")" + std::string(to_string(kind)) + R"(","address":")" + user.primary_email +
                                                 R"(","folder":"inbox","raw_base64":"U3ViamVjdDogbmV3DQoNCmhlbGxvDQo="})");
      if (sent) return;
    }
    ADD_FAILURE() << "no mailbox took the message";
  }

 private:
  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("letterlock-ingestion-" + new_uuid());
  const TenantId google_tenant_{new_uuid()}, microsoft_tenant_{new_uuid()};
  const ConnectionId google_connection_{new_uuid()}, microsoft_connection_{new_uuid()};
  SystemClock clock_;
  Metrics metrics_;
  std::unique_ptr<testing::SimProcess> sim_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<DuckDBRepository> storage_;
  mail::InProcessParser parser_;
  std::unique_ptr<Service> service_;
};

constexpr auto providers_behind_http = {ProviderKind::google, ProviderKind::microsoft};

TEST(Service, SyncTenant_Success) {
  Desk desk;
  Stage stage;
  for (const auto kind : providers_behind_http) {
    SCOPED_TRACE(to_string(kind));
    const auto connection = stage.connection(kind);
    desk.add(connection);
    const auto first = stage.sync(kind);
    ASSERT_FALSE(first.error) << first.error->message;
    EXPECT_EQ(stage.stored(kind), stage.truth(kind));
    EXPECT_EQ(first.messages_set_aside, 0);
    desk.finish(connection, first);
    EXPECT_EQ(desk.analysis_jobs(connection), 1);

    const auto second = stage.sync(kind);
    ASSERT_FALSE(second.error);
    EXPECT_EQ(second.messages_stored, 0);
    desk.finish(connection, second);
    EXPECT_EQ(desk.analysis_jobs(connection), 1) << "none for what did not arrive";

    stage.deliver_one(kind);
    EXPECT_EQ(stage.sync(kind).messages_stored, 1);
    EXPECT_EQ(stage.stored(kind), stage.truth(kind));
  }
}

TEST(Service, SyncTenant_ProviderError) {
  struct Fault {
    std::string members;
    ErrorKind kind;
  };
  Desk desk;
  Stage stage;
  for (const auto kind : providers_behind_http) {
    SCOPED_TRACE(to_string(kind));
    const auto connection = stage.connection(kind);
    desk.add(connection);
    const auto first = stage.sync(kind);
    ASSERT_FALSE(first.error);
    desk.analysed(connection, first.last_ingest_seq);
    stage.deliver_one(kind);
    const auto rows = stage.stored(kind);
    const auto cursors = stage.cursors(kind);
    ASSERT_FALSE(cursors.empty());
    for (const auto& fault : {Fault{R"("status":503)", ErrorKind::unavailable}, Fault{R"("status":401)", ErrorKind::unauthenticated},
                              Fault{R"("cut_after_bytes":20)", ErrorKind::unavailable}}) {
      SCOPED_TRACE(fault.members);
      stage.order_fault(kind, kind == ProviderKind::google ? "/gmail/v1/users/" : "/mailFolders", fault.members);
      const auto outcome = stage.sync(kind);
      ASSERT_TRUE(outcome.error);
      EXPECT_EQ(outcome.error->kind, fault.kind) << outcome.error->message;
      EXPECT_FALSE(outcome.error->message.empty());
      desk.finish(connection, outcome);
      EXPECT_EQ(desk.analysis_jobs(connection), 0) << "nothing arrived";
      EXPECT_EQ(desk.reason(connection), outcome.error->message);
      bool has_reason = false;
      for (const auto& mailbox : outcome.mailboxes) has_reason = has_reason || !mailbox.reason.empty();
      EXPECT_TRUE(has_reason);
      EXPECT_EQ(stage.stored(kind), rows);
      EXPECT_EQ(stage.cursors(kind), cursors);
      stage.clear_faults();
    }
    ASSERT_FALSE(stage.sync(kind).error);
    EXPECT_EQ(stage.stored(kind), stage.truth(kind));
  }
}

}  // namespace
}  // namespace letterlock::ingestion
