// One part of the ingestion, measured alone, against a provider that serves mail over HTTP. bench/ingest.py starts it.
//   ingest_bench fetch|read|append|pipeline|pipeline-in-process PROVIDER SETTINGS_FILE SECRET_FILE FOLDER [MESSAGES_MAX [MEMORY_LIMIT_MIB]]
// fetch     lists the users and walks their mailboxes with a sink that drops every step
// read      the pipeline into a storage that drops every append: fetching and understanding
// append    stores in DuckDB what a first pass, not counted, has fetched and understood
// pipeline  all of it, as the ingestion target runs it: ingestion::Service over DuckDBRepository
// pipeline-in-process  the same, with messages understood in this process, not in parser processes
// MESSAGES_MAX: 0, all, unless told. MEMORY_LIMIT_MIB: DuckDB's memory_limit, DuckDBOptions' unless told.
// Prints one JSON object. The time counted ends when the tenant's file is closed.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>

#include "adapters/duckdb/duckdb_repository.h"
#include "adapters/parser/parser_processes.h"
#include "base/encoding.h"
#include "base/log.h"
#include "bench/measure.h"
#include "domain/ingestion/service.h"
#include "providers/factory.h"

namespace letterlock {
namespace {

using bench::Stopwatch;
using bench::Usage;

struct Totals {
  std::int64_t messages = 0;
  std::int64_t set_aside = 0;
  std::int64_t bytes = 0;  // of raw messages; 0 where the part does not see them
};

struct Setting {
  Connection connection;
  std::string folder;
  std::int64_t messages_max = 0;      // then no further step is started; 0: all
  std::int64_t memory_bytes_max = 0;  // of DuckDB; 0: DuckDBOptions'
  http::Client* client = nullptr;
  mail::MessageParser* parser = nullptr;
  SystemClock clock;
  Metrics metrics;
};

const TenantId tenant("11111111-1111-4111-8111-111111111111");

Result<std::string> file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorKind::invalid, "cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// Takes appends as a storage does, keeping the versions right, and drops them or keeps them for later. Any thread.
class AppendTaker final : public Storage {
 public:
  explicit AppendTaker(bool keeps) : keeps_(keeps) {}

  Result<void> save_users(const TenantId&, std::span<const User> users, const UserListing&, const TenantFacts&, TimePoint) override {
    const std::lock_guard lock(mutex_);
    users_.assign(users.begin(), users.end());
    return {};
  }
  Result<std::vector<User>> get_users(const TenantId&) override {
    const std::lock_guard lock(mutex_);
    return users_;
  }
  Result<std::vector<StoredCursor>> get_cursors(const TenantId&, const MailboxId&) override { return std::vector<StoredCursor>{}; }
  Result<std::optional<TimePoint>> get_last_sync_time(const TenantId&, const MailboxId&) override { return std::nullopt; }
  Result<AppendResult> append(const TenantId&, const Append& append) override {
    const std::lock_guard lock(mutex_);
    totals_.messages += std::ssize(append.emails);
    totals_.set_aside += std::ssize(append.set_aside);
    for (const auto& record : append.emails) totals_.bytes += std::ssize(record.raw.bytes);
    if (keeps_) kept_.push_back(append);
    return AppendResult{.cursor_version = append.seen_version + 1,
                        .inserted = std::ssize(append.emails),
                        .set_aside = std::ssize(append.set_aside),
                        .last_ingest_seq = totals_.messages};
  }
  Result<SettingsChanges> save_mailbox_settings(const TenantId&, const MailboxId&, std::span<const MailboxSetting>, TimePoint) override {
    return SettingsChanges{};
  }
  Result<QueryResult> query(const TenantId&, std::string_view, const QueryOptions&) override { return QueryResult{}; }
  Result<RawMessage> get_raw(const TenantId&, const MailboxId&, const ProviderMessageId&) override {
    return fail(ErrorKind::not_found, "not kept");
  }
  Result<Erased> erase_mail(const TenantId&, const Erasure&) override { return Erased{}; }
  Result<void> forget(const TenantId&, bool) override { return {}; }

  const Totals& totals() const { return totals_; }
  const std::vector<Append>& kept() const { return kept_; }

 private:
  const bool keeps_;
  std::mutex mutex_;
  std::vector<User> users_;
  std::vector<Append> kept_;
  Totals totals_;
};

Result<std::unique_ptr<DuckDBRepository>> open_storage(Setting& setting) {
  DuckDBOptions options{.folder = setting.folder,
                        .migrations_folder = LETTERLOCK_SOURCE_DIR "/migrations/tenant",
                        .data_key = [](const TenantId&) -> Result<DataKey> { return DataKey{std::string(32, 'k')}; }};
  if (setting.memory_bytes_max > 0) options.memory_bytes_max = setting.memory_bytes_max;
  return DuckDBRepository::open(std::move(options), setting.clock, setting.metrics);
}

Result<Totals> fetch(Setting& setting) {
  const auto provider = TRY(make_provider(setting.connection, *setting.client, setting.clock, setting.metrics));
  std::vector<User> users;
  TRY(provider->list_users(
      [&](std::vector<User>&& page) -> Result<void> {
        std::ranges::move(page, std::back_inserter(users));
        return {};
      },
      {}));
  std::atomic<std::int64_t> messages = 0, set_aside = 0, bytes = 0;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::optional<Error> error;
  const auto drop = [&](Step&& step) -> Result<bool> {
    messages += std::ssize(step.messages);
    set_aside += std::ssize(step.set_aside);
    for (const auto& message : step.messages) bytes += std::ssize(message.raw.bytes);
    return setting.messages_max == 0 || messages < setting.messages_max;
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < ingestion::Options{}.mailboxes_parallel; ++i)
      threads.emplace_back([&] {
        for (std::size_t index; (index = next++) < users.size();) {
          if (setting.messages_max > 0 && messages >= setting.messages_max) return;
          if (users[index].mailbox_state != MailboxState::active) continue;
          const auto walked = provider->walk(users[index], {}, {}, drop, {});
          const std::lock_guard lock(mutex);
          if (!walked && !error) error = walked.error();
        }
      });
  }
  if (error) return std::unexpected(*error);
  return Totals{messages, set_aside, bytes};
}

Result<Totals> ingest(Setting& setting, Storage& storage) {
  ingestion::Options options;
  if (setting.messages_max > 0) options.slice_messages_max = setting.messages_max;
  ingestion::Service service(
      storage, *setting.parser,
      [&](const Connection& connection) { return make_provider(connection, *setting.client, setting.clock, setting.metrics); },
      setting.clock, setting.metrics, options);
  Totals totals;
  for (bool more = true; more;) {
    const auto slice = TRY(service.sync_tenant(setting.connection, {}));
    if (slice.error) return std::unexpected(*slice.error);
    totals.messages += slice.messages_stored;
    totals.set_aside += slice.messages_set_aside;
    more = slice.more && setting.messages_max == 0;
  }
  return totals;
}

Result<Totals> read(Setting& setting) {
  AppendTaker taker(false);
  TRY(ingest(setting, taker));
  return taker.totals();
}

Result<Totals> append(Setting& setting, const AppendTaker& taker) {
  auto storage = TRY(open_storage(setting));
  for (const Append& step : taker.kept()) TRY(storage->append(tenant, step));
  return taker.totals();
}

Result<Totals> pipeline(Setting& setting) {
  auto storage = TRY(open_storage(setting));
  return ingest(setting, *storage);
}

Result<int> run(const std::vector<std::string>& arguments, std::unique_ptr<parser::Keeper> keeper) {
  if (arguments.size() < 5)
    return fail(ErrorKind::invalid,
                "usage: ingest_bench fetch|read|append|pipeline|pipeline-in-process PROVIDER SETTINGS_FILE SECRET_FILE FOLDER "
                "[MESSAGES_MAX [MEMORY_LIMIT_MIB]]");
  const auto& part = arguments[0];
  const auto provider = provider_kind_from(arguments[1]);
  if (!provider) return fail(ErrorKind::invalid, "unknown provider " + arguments[1]);
  const auto client = TRY(http::make_client({}));
  Setting setting{.connection = {.connection_id = ConnectionId("bench"),
                                 .tenant_id = tenant,
                                 .provider = *provider,
                                 .settings_json = TRY(file_text(arguments[2])),
                                 .secret_json = TRY(file_text(arguments[3]))},
                  .folder = arguments[4],
                  .messages_max = arguments.size() > 5 ? std::strtoll(arguments[5].c_str(), nullptr, 10) : 0,
                  .memory_bytes_max = arguments.size() > 6 ? std::strtoll(arguments[6].c_str(), nullptr, 10) << 20 : 0,
                  .client = client.get()};
  parser::ParserProcesses processes(std::move(keeper), setting.metrics);
  mail::InProcessParser in_process;
  setting.parser = part == "pipeline-in-process" ? static_cast<mail::MessageParser*>(&in_process) : &processes;
  AppendTaker taker(true);
  if (part == "append") TRY(ingest(setting, taker));
  const double parsed_before = processes.cpu_seconds();
  const Stopwatch watch;
  const Totals totals =
      TRY(part == "fetch"                                       ? fetch(setting)
          : part == "read"                                      ? read(setting)
          : part == "append"                                    ? append(setting, taker)
          : part == "pipeline" || part == "pipeline-in-process" ? pipeline(setting)
                                                                : Result<Totals>(fail(ErrorKind::invalid, "unknown part " + part)));
  Usage used = watch.elapsed();
  used.cpu_seconds += processes.cpu_seconds() - parsed_before;
  std::cout << std::format(R"({{"messages":{},"set_aside":{},"bytes":{},"cpu_seconds":{:.3f},"wall_seconds":{:.3f},"peak_rss_mib":{}}})",
                           totals.messages, totals.set_aside, totals.bytes, used.cpu_seconds, used.wall_seconds, bench::peak_rss_mib())
            << '\n';
  return 0;
}

}  // namespace
}  // namespace letterlock

int main(int count, char** arguments) {
  letterlock::set_log(letterlock::LogLevel::error, "bench");
  auto keeper = letterlock::parser::start_mail_keeper();
  const letterlock::Result<int> status =
      keeper ? letterlock::run({arguments + 1, arguments + count}, std::move(*keeper)) : std::unexpected(keeper.error());
  if (!status) std::cerr << "ingest_bench: " << status.error().message << '\n';
  return status ? *status : 1;
}
