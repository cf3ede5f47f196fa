#include "app/import.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <format>
#include <iostream>
#include <thread>

#include "adapters/duckdb/duckdb_repository.h"
#include "adapters/flight/flight_storage.h"
#include "targets/storage/endpoint_file.h"

namespace letterlock {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::chrono::days interval_between_imports(30);  // the longest: an archive does not change by itself

Result<std::vector<std::string>> absolute(const std::vector<std::string>& paths) {
  std::vector<std::string> result;
  for (const auto& path : paths) {
    std::error_code error;
    const auto whole = std::filesystem::canonical(path, error);
    if (error) return fail(ErrorKind::invalid, path + ": " + error.message());
    result.push_back(whole.string());
  }
  return result;
}

Result<TenantId> tenant_of(ControlParts& control, const ImportOptions& options) {
  auto found = control.services.tenants.find(options.tenant);
  if (found || found.error().kind != ErrorKind::not_found) return found;
  if (options.create) return control.services.tenants.create(options.tenant);
  return fail(ErrorKind::not_found, "there is no tenant \"" + options.tenant + "\"; --create makes it");
}

// The same import again uses the same connection: what was read already is not read twice.
Result<ConnectionId> connection_of(ControlParts& control, const TenantId& tenant, const ImportOptions& options,
                                   const std::vector<std::string>& paths) {
  auto domains = options.domains;
  if (domains.empty() && options.mailbox.contains('@')) domains.push_back(options.mailbox.substr(options.mailbox.find('@') + 1));
  const auto settings = archive_settings_json(paths, options.mailbox, domains);
  auto name = "import of " + paths.front();
  if (paths.size() > 1) name += std::format(" and {} more", paths.size() - 1);
  for (const auto& known : TRY(control.services.tenants.connections(tenant))) {
    if (known.provider != ProviderKind::archive || known.name != name) continue;
    TRY(control.services.tenants.change_connection(
        tenant, known.connection_id, {.settings_json = settings, .trusted_authserv_ids = options.authserv_ids, .by_operator = true}));
    return known.connection_id;
  }
  return control.services.tenants.create_connection(tenant, {.name = name,
                                                             .provider = ProviderKind::archive,
                                                             .settings_json = settings,
                                                             .secret_json = "{}",
                                                             .trusted_authserv_ids = options.authserv_ids,
                                                             .interval = interval_between_imports,
                                                             .by_operator = true});
}

class ProgressLine {
 public:
  void show(const ConnectionStatus& status, std::int64_t before, std::string_view stage) {
    const auto now = SteadyClock::now();
    if (now < next_) return;
    next_ = now + (terminal_ ? std::chrono::milliseconds(500) : std::chrono::milliseconds(5000));
    const auto seconds = std::chrono::duration<double>(now - begun_).count();
    const auto stored = status.messages_stored - before;
    std::cerr << std::format("{}{}: {} messages stored, {} set aside, {:.0f} messages/s, {:.0f} s{}", terminal_ ? "\r\x1b[K" : "", stage,
                             stored, status.messages_set_aside, static_cast<double>(stored) / std::max(seconds, 0.001), seconds,
                             terminal_ ? "" : "\n")
              << std::flush;
  }
  double seconds() const { return std::chrono::duration<double>(SteadyClock::now() - begun_).count(); }
  void end() const {
    if (terminal_) std::cerr << "\r\x1b[K" << std::flush;
  }

 private:
  const bool terminal_ = isatty(STDERR_FILENO) == 1;
  const SteadyClock::time_point begun_ = SteadyClock::now();
  SteadyClock::time_point next_ = begun_;
};

// Reasons and their counts, from the storage that serves this installation; not_found where it cannot be found from here.
Result<QueryResult> set_aside_reasons(const Config& config, const TenantId& tenant, const std::string& mailbox) {
  auto url = config.storage_url;
  if (url.empty() && !config.duckdb_path.empty()) url = TRY(read_endpoint_file(DuckDBRepository::tenant_folder(config.duckdb_path)));
  if (url.empty() || config.service_key_file.empty())
    return fail(ErrorKind::not_found, "neither LETTERLOCK_STORAGE_URL nor DUCKDB_PATH is set");
  const auto signer = TRY(crypto::ServiceTokenSigner::load(config.service_key_file));
  const auto storage = TRY(FlightStorage::connect(
      {.url = url, .ca_file = config.ca_file, .token = [&](const TenantId& of) -> Result<std::string> {
         return signer.sign({.target = "api", .tenant_id = of.str(), .expires_at = SystemClock().now() + std::chrono::minutes(5)});
       }}));
  return storage->query(tenant,
                        "SELECT reason, count(*) AS messages FROM set_aside WHERE mailbox_id = $mailbox GROUP BY reason ORDER BY messages "
                        "DESC, reason LIMIT 50",
                        {.parameters = {{"mailbox", mailbox}}});
}

struct Activity {
  bool ingesting = false;
  bool analysing = false;
  bool first_job_queued = false;
  std::string dead_reason;
};

Result<Activity> activity_of(ControlParts& control, const TenantId& tenant, const ConnectionId& connection, const JobId& first) {
  Activity activity;
  for (const auto& job : TRY(control.services.jobs.list(tenant, {.limit = 100})).jobs) {
    const bool ours = job.connection_id == connection || job.kind == JobKind::analysis;
    if (!ours) continue;
    const bool active = job.state == JobState::queued || job.state == JobState::running;
    (job.kind == JobKind::ingestion ? activity.ingesting : activity.analysing) |= active;
    if (job.job_id == first && job.state == JobState::queued) activity.first_job_queued = true;
    if (job.state == JobState::dead && job.job_id == first) activity.dead_reason = job.reason.empty() ? "attempts used up" : job.reason;
  }
  return activity;
}

// nullopt: all of the mailbox is stored or set aside.
Result<std::optional<std::string>> why_not_caught_up(ControlParts& control, const TenantId& tenant, const ConnectionId& connection,
                                                     const std::string& address) {
  const auto is_wanted = [&](const Mailbox& mailbox) {
    return std::ranges::equal(mailbox.address, address,
                              [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  };
  for (const auto& mailbox :
       TRY(control.services.mailboxes.list(tenant, {.connection_id = connection, .search = address, .limit = 1'000})).mailboxes)
    if (is_wanted(mailbox)) {
      if (mailbox.caught_up) return std::nullopt;
      return mailbox.reason.empty() ? "mailbox " + address + " is not read to its end; the same import again goes on" : mailbox.reason;
    }
  return "mailbox " + address + " was not read";
}

}  // namespace

Result<int> import_mail(const Config& config, ControlParts& control, const ImportOptions& options, std::ostream& out) {
  const auto paths = TRY(absolute(options.paths));
  const auto tenant = TRY(tenant_of(control, options));
  const auto connection = TRY(connection_of(control, tenant, options, paths));
  const auto before = TRY(control.services.tenants.connection(tenant, connection));
  const auto job = TRY(control.services.tenants.sync_now(tenant, connection));
  if (!options.wait) {
    out << "queued job " << job << " for tenant " << options.tenant << "\n";
    return 0;
  }

  ProgressLine progress;
  const auto unclaimed_until = SteadyClock::now() + options.unclaimed_max;
  ConnectionStatus status;
  for (;;) {
    const auto activity = TRY(activity_of(control, tenant, connection, job));
    status = TRY(control.services.tenants.connection(tenant, connection));
    if (!activity.dead_reason.empty()) return fail(ErrorKind::unavailable, "the import failed: " + activity.dead_reason);
    if (status.state == "broken" && status.state_at != before.state_at)
      return fail(ErrorKind::unavailable, "the import failed: " + status.state_reason);
    if (status.state_code == disk_full_code && status.state_at != before.state_at)
      return fail(ErrorKind::unavailable, "the import waits: " + status.state_reason + "; it goes on by itself then");
    if (!activity.ingesting && !activity.analysing) break;
    if (activity.first_job_queued && status.state_reason.empty() && SteadyClock::now() > unclaimed_until)
      return fail(ErrorKind::unavailable, std::format("the job is queued, but nothing took it within {} s; is `letterlock serve` running "
                                                      "with this database and broker (./dev up)? The "
                                                      "import goes on by itself once it is.",
                                                      options.unclaimed_max.count()));
    progress.show(status, before.messages_stored, activity.first_job_queued ? "waiting" : activity.ingesting ? "reading" : "analysing");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  progress.end();

  const auto stored = status.messages_stored - before.messages_stored;
  const auto set_aside = status.messages_set_aside - before.messages_set_aside;
  const auto seconds = progress.seconds();
  out << std::format("{} messages: {} stored, {} set aside; read and analysed in {:.1f} s ({:.0f} messages/s)\n", stored + set_aside,
                     stored, set_aside, seconds, static_cast<double>(stored + set_aside) / std::max(seconds, 0.001));
  if (status.messages_set_aside > 0) {
    const auto reasons = set_aside_reasons(config, tenant, options.mailbox);
    if (!reasons)
      out << "  why they were set aside: SELECT * FROM set_aside (not reachable from here: " << reasons.error().message << ")\n";
    if (reasons)
      for (const auto& row : reasons->rows)
        out << std::format("  {:>8}  {}\n", std::get<std::int64_t>(row[1]), std::get<std::string>(row[0]));
  }
  for (const auto& summary : TRY(control.services.installation.tenants()))
    if (summary.tenant_id == tenant) out << "tenant " << summary.name << ": " << summary.alerts_open << " open alerts\n";
  if (!status.state_reason.empty()) out << "note: " << status.state_reason << "\n";
  const auto unread = TRY(why_not_caught_up(control, tenant, connection, options.mailbox));
  if (!unread) return 0;
  out << "not all of it was read: " << *unread << "\n";
  return 1;
}

}  // namespace letterlock
