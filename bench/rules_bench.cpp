// What the rule pack costs over a company with two years of mail, and over the newest 1,000 of its messages.
// rules_bench [MESSAGES [FOLDER [RULE [WINDOW]]]]: 1,000,000 unless told; a tenant's file made there before is used again. RULE: that one
// alone, with its plan and what each step of it took over all messages. WINDOW: e-mails of one run, RunnerOptions' unless told.
// Through the runner, in windows as an analysis job has them: all rules together, as the product runs them, then each alone.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <duckdb.hpp>
#include <filesystem>
#include <format>
#include <fstream>
#include <iostream>

#include "adapters/duckdb/duckdb_repository.h"
#include "base/encoding.h"
#include "base/log.h"
#include "bench/measure.h"
#include "domain/detection/runner.h"

namespace letterlock {
namespace {

using bench::Stopwatch;
using bench::Usage;

constexpr std::int64_t increment = 1'000;
const TenantId tenant("22222222-2222-4222-8222-222222222222");
const std::string key(32, 'k');

Result<std::unique_ptr<DuckDBRepository>> open_storage(const std::string& folder, Clock& clock, Metrics& metrics) {
  return DuckDBRepository::open({.folder = folder,
                                 .migrations_folder = LETTERLOCK_SOURCE_DIR "/migrations/tenant",
                                 .data_key = [](const TenantId&) -> Result<DataKey> { return DataKey{key}; }},
                                clock, metrics);
}

// Fill an empty tenant's file by company_mail.sql.
Result<void> make_mail(const std::string& file, std::int64_t messages) {
  try {
    duckdb::DuckDB database(nullptr);
    duckdb::Connection connection(database);
    std::ifstream script(LETTERLOCK_SOURCE_DIR "/bench/company_mail.sql");
    const std::string sql{std::istreambuf_iterator<char>(script), {}};
    for (const auto& statement :
         {"LOAD httpfs; SET threads = 2; SET memory_limit = '6GiB'; SET preserve_insertion_order = true; SET TimeZone = 'UTC'; ATTACH '" +
              file + "' AS tenant (ENCRYPTION_KEY '" + to_base64(key) + "', ENCRYPTION_CIPHER 'GCM'); SET temp_directory = '" + file +
              ".tmp'; USE tenant; SET VARIABLE messages = " + std::to_string(messages),
          sql, std::string("CHECKPOINT tenant")}) {
      const auto result = connection.Query(statement);
      if (result->HasError()) return fail(ErrorKind::internal, "company_mail.sql: " + result->GetError());
    }
  } catch (const std::exception& error) {
    return fail(ErrorKind::internal, std::string("company_mail.sql: ") + error.what());
  }
  return {};
}

struct Cost {
  Usage usage;
  std::int64_t findings = 0;
  std::string note;
};

Result<Cost> run_pack(Storage& storage, const detection::RulePack& pack, std::int64_t from, const detection::RunnerOptions& options,
                      Clock& clock, Metrics& metrics) {
  Cost cost;
  const Stopwatch watch;
  bool more = true;
  for (std::int64_t watermark = from; more;) {
    const auto outcome = TRY(detection::Runner(storage, pack, clock, metrics, options).run(tenant, watermark, {}, {}));
    cost.findings += std::ssize(outcome.findings);
    if (!outcome.notes.empty()) cost.note = outcome.notes.front().substr(0, 160);
    watermark = outcome.watermark_to;
    more = outcome.more;
  }
  cost.usage = watch.elapsed();
  return cost;
}

Result<void> explain(Storage& storage, const detection::Rule& rule, std::int64_t last) {
  const auto plan =
      TRY(storage.query(tenant, "EXPLAIN ANALYZE " + rule.query, {.parameters = {{"from_seq", std::int64_t{0}}, {"to_seq", last}}}));
  for (const auto& row : plan.rows)
    for (const auto& cell : row)
      if (const auto* text = std::get_if<std::string>(&cell)) std::cout << *text << '\n';
  return {};
}

Result<int> run(const std::vector<std::string>& arguments) {
  const std::int64_t messages = arguments.empty() ? 1'000'000 : std::strtoll(arguments[0].c_str(), nullptr, 10);
  const bool keeps = arguments.size() > 1;
  const auto folder =
      keeps ? std::filesystem::path(arguments[1]) : std::filesystem::temp_directory_path() / ("letterlock-bench-" + new_uuid());
  const std::string file = (folder / (tenant.str() + ".duckdb")).string();
  SystemClock clock;
  Metrics metrics;
  if (!std::filesystem::exists(file)) {
    const Stopwatch watch;
    TRY(TRY(open_storage(folder.string(), clock, metrics))->init_schema(tenant));
    if (const auto made = make_mail(file, messages); !made) {
      std::filesystem::remove_all(file);
      return std::unexpected(made.error());
    }
    std::cout << std::format("made {} e-mails in {:.0f} s\n", messages, watch.elapsed().wall_seconds);
  }
  const auto pack = TRY(detection::RulePack::load(LETTERLOCK_SOURCE_DIR "/rules"));
  auto storage = TRY(open_storage(folder.string(), clock, metrics));
  const auto counts = TRY(storage->query(
      tenant,
      "SELECT (SELECT count(*) FROM emails), (SELECT count(*) FROM recipients), (SELECT count(*) FROM links), (SELECT "
      "count(*) FROM attachments), (SELECT count(*) FROM payment_instruments), (SELECT sum(length(body_text)) // count(*) FROM "
      "emails)::BIGINT",
      {}));
  const auto number = [&](std::size_t column) { return std::get<std::int64_t>(counts.rows[0][column]); };
  std::cout << std::format(
      "{} e-mails with {} recipients, {} links, {} attachments, {} payment instruments; mean body {} characters; file {} MiB\n\n",
      number(0), number(1), number(2), number(3), number(4), number(5), std::filesystem::file_size(file) >> 20);
  std::cout << std::format("{:44}{:>10}{:>10}{:>10}   {:>12}{:>10}\n", "rule", "CPU s", "wall s", "findings", "newest 1,000", "CPU s");
  detection::RunnerOptions options;
  if (arguments.size() > 3) options.rows_max = std::strtoll(arguments[3].c_str(), nullptr, 10);
  const auto measure = [&](const std::string& name, const detection::RulePack& rules) -> Result<void> {
    const auto all = TRY(run_pack(*storage, rules, 0, options, clock, metrics));
    const auto few = TRY(run_pack(*storage, rules, std::max<std::int64_t>(number(0) - increment, 0), options, clock, metrics));
    std::cout << std::format("{:44}{:10.2f}{:10.2f}{:10}   {:10.3f} s{:10.3f}  {}\n", name, all.usage.cpu_seconds, all.usage.wall_seconds,
                             all.findings, few.usage.wall_seconds, few.usage.cpu_seconds, all.note)
              << std::flush;
    return {};
  };
  const auto chosen = arguments.size() > 2 ? arguments[2] : std::string();
  if (chosen.empty()) TRY(measure(std::format("all {} rules together", pack.rules().size()), pack));
  for (const auto& rule : pack.rules()) {
    if (!chosen.empty() && rule.id.str() != chosen) continue;
    if (!chosen.empty()) TRY(explain(*storage, rule, number(0)));
    TRY(measure(rule.id.str(), detection::RulePack::of({rule})));
  }
  double load[1] = {};
  getloadavg(load, 1);
  std::cout << std::format("goal: all rules over 1,000,000 e-mails in less than 60 s on 2 cores; peak {} MiB; load average {:.1f}\n",
                           bench::peak_rss_mib(), load[0]);
  storage.reset();
  if (!keeps) std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace letterlock

int main(int count, char** arguments) {
  letterlock::set_log(letterlock::LogLevel::warn, "bench");
  const auto status = letterlock::run({arguments + 1, arguments + count});
  if (!status) std::cerr << "rules_bench: " << status.error().message << '\n';
  return status ? *status : 1;
}
