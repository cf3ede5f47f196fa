#include "app/config.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <format>
#include <fstream>
#include <ranges>

#include "base/ip_network.h"

#ifndef LETTERLOCK_SOURCE_DIR
#define LETTERLOCK_SOURCE_DIR "."
#endif

namespace letterlock {
namespace {

using Kind = Setting::Kind;

// The one table of settings.
const std::vector<Setting>& table() {
  static const std::vector<Setting> rows = {
      {"LETTERLOCK_DATABASE_URL", &Config::database_url, Kind::secret_url, "", "api scheduler",
       "PostgreSQL: postgresql://user:password@host:port/database", 0, 0, "postgresql postgres"},
      {"LETTERLOCK_AMQP_URL", &Config::amqp_url, Kind::secret_url, "", "scheduler ingestion analysis",
       "RabbitMQ: amqp://user:password@host:port/vhost, or amqps://", 0, 0, "amqp amqps"},
      {"LETTERLOCK_AMQP_PREFIX", &Config::amqp_prefix, Kind::text, "letterlock", "scheduler ingestion analysis",
       "first part of the queues' names; one per installation on a shared broker"},
      {"DUCKDB_PATH", &Config::duckdb_path, Kind::new_folder, "", "storage",
       "folder of the tenants' files; where it ends in .db, the folder PATH.d beside it"},
      {"LETTERLOCK_STORAGE_RESERVE_BYTES", &Config::storage_reserve_bytes, Kind::number, "0", "storage",
       "with less than this free on the disk of the tenants' files no mail is stored, and reads go on; 0: 5 % of the disk, at most 10 GiB",
       0, 1'000'000'000'000'000},
      {"LETTERLOCK_MASTER_KEY_FILE", &Config::master_key_file, Kind::file, "", "api",
       "the master key that wraps secrets and data keys (letterlock keys create)"},
      {"LETTERLOCK_SERVICE_KEY_FILE", &Config::service_key_file, Kind::file, "", "api",
       "secret key that signs service tokens (letterlock keys create)"},
      {"LETTERLOCK_SERVICE_PUBLIC_KEY_FILE", &Config::service_public_key_file, Kind::file, "", "api storage",
       "public key that verifies service tokens (letterlock keys create)"},
      {"LETTERLOCK_SERVICE_TOKEN_FILE", &Config::service_token_file, Kind::file, "", "ingestion analysis storage",
       "this process's own token, when api runs elsewhere (letterlock service-token create)"},
      {"LETTERLOCK_API_URL", &Config::api_url, Kind::url, "", "ingestion analysis storage",
       "https://host:port of api, when it runs elsewhere", 0, 0, "https http"},
      {"LETTERLOCK_STORAGE_URL", &Config::storage_url, Kind::url, "", "api ingestion analysis",
       "grpc+tls://host:port of storage, when it runs elsewhere", 0, 0, "grpc+tls grpc grpc+tcp"},
      {"LETTERLOCK_CA_FILE", &Config::ca_file, Kind::file, "", "api ingestion analysis storage",
       "certificate authority of the installation's own, PEM"},
      {"LETTERLOCK_TLS_CERTIFICATE_FILE", &Config::tls_certificate_file, Kind::file, "", "all",
       "certificate of this process's HTTP and Flight listeners, PEM; none: no TLS"},
      {"LETTERLOCK_TLS_KEY_FILE", &Config::tls_key_file, Kind::file, "", "all", "its key, PEM"},
      {"LETTERLOCK_HTTP_ADDRESS", &Config::http_address, Kind::address, "127.0.0.1:0", "all",
       "HTTP: API and console (api), /healthz (every target); for this release also what LETTERLOCK_INTERNAL_ADDRESS serves; port 0: a "
       "free one"},
      {"LETTERLOCK_INTERNAL_ADDRESS", &Config::internal_address, Kind::address, "", "all",
       "HTTP for the installation alone: /internal/v1 (api), /healthz, /readyz, /metrics (every target); where LETTERLOCK_API_URL points; "
       "none: "
       "they are on LETTERLOCK_HTTP_ADDRESS, with a warning"},
      {"LETTERLOCK_TRUSTED_PROXIES", &Config::trusted_proxies, Kind::networks, "", "api",
       "networks of reverse proxies (CIDR, commas between) whose Forwarded or X-Forwarded-For is believed: the rightmost address that is "
       "not "
       "trusted counts for limits and logs"},
      {"LETTERLOCK_CONNECTIONS_PER_ADDRESS_MAX", &Config::connections_per_address_max, Kind::number, "500", "all",
       "connections to LETTERLOCK_HTTP_ADDRESS of one address (IPv6: one /64) that is no trusted proxy", 1, 1'000'000},
      {"LETTERLOCK_FLIGHT_ADDRESS", &Config::flight_address, Kind::address, "127.0.0.1:0", "storage", "Arrow Flight; port 0: a free one"},
      {"LETTERLOCK_PUBLIC_URL", &Config::public_url, Kind::url, "", "api",
       "the console's address as browsers see it; https:// makes cookies Secure", 0, 0, "https http"},
      {"LETTERLOCK_READY_FILE", &Config::ready_file, Kind::new_file, "", "all",
       "written when the process serves: {\"target\",\"pid\",\"http_port\",\"internal_port\",\"flight_port\"}; a port of 0: none"},
      {"LETTERLOCK_SHARE_DIR", &Config::share_dir, Kind::folder, LETTERLOCK_SOURCE_DIR, "all",
       "holds migrations/, rules/, api/openapi.yaml, web/dist/"},
      {"LETTERLOCK_LOG_LEVEL", &Config::log_level, Kind::level, "info", "all", "debug, info, warn or error"},
      {"LETTERLOCK_INGESTION_CONCURRENCY", &Config::ingestion_concurrency, Kind::number, "2", "ingestion", "slices at once in this process",
       1, 64},
      {"LETTERLOCK_ANALYSIS_CONCURRENCY", &Config::analysis_concurrency, Kind::number, "1", "analysis", "analyses at once in this process",
       1, 64},
      {"LETTERLOCK_MAILBOXES_PARALLEL", &Config::mailboxes_parallel, Kind::number, "4", "ingestion", "mailboxes of one slice read at once",
       1, 64},
      {"LETTERLOCK_SLICE_SECONDS_MAX", &Config::slice_seconds_max, Kind::number, "300", "ingestion",
       "length of a slice; then a continuation takes over", 1, 1200},
      {"LETTERLOCK_SLICE_MESSAGES_MAX", &Config::slice_messages_max, Kind::number, "50000", "ingestion",
       "messages of a slice; then a continuation takes over", 1, 10'000'000},
      {"LETTERLOCK_MESSAGE_BYTES_MAX", &Config::message_bytes_max, Kind::number, "157286400", "ingestion", "a larger message is set aside",
       1'000, 1'000'000'000},
      {"LETTERLOCK_MESSAGE_CPU_SECONDS_MAX", &Config::message_cpu_seconds_max, Kind::number, "5", "ingestion",
       "CPU time in which a message must be understood; else it is set aside", 1, 60},
      {"LETTERLOCK_ARCHIVE_FOLDERS", &Config::archive_folders, Kind::text, "", "api ingestion",
       "folders, with : between, below which the paths of an archive connection that the console or the API changes must lie; what "
       "letterlock "
       "import and letterlock connection create name may lie anywhere"},
      {"LETTERLOCK_ARCHIVE_BYTES_MAX", &Config::archive_bytes_max, Kind::number, "274877906944", "api ingestion",
       "bytes that one packed file of an archive may unpack to; the rest is set aside", 1'000'000, 1'000'000'000'000'000},
      {"LETTERLOCK_ARCHIVE_RATIO_MAX", &Config::archive_ratio_max, Kind::number, "200", "api ingestion",
       "how many times its own size a packed file of an archive may unpack to, where that is more than 64 MiB; the rest is set aside", 2,
       100'000},
      {"LETTERLOCK_USERS_EVERY_SECONDS", &Config::users_every_seconds, Kind::number, "3600", "ingestion",
       "the directory is listed again after this long", 1, 604'800},
      {"LETTERLOCK_SETTINGS_EVERY_SECONDS", &Config::settings_every_seconds, Kind::number, "0", "ingestion",
       "a mailbox's settings are read again after this long; 0: with each of its slices", 0, 604'800},
      {"LETTERLOCK_LEASE_SECONDS", &Config::lease_seconds, Kind::number, "60", "api",
       "a job whose worker is silent for longer is given to another", 1, 3600},
      {"LETTERLOCK_CONSUMER_TIMEOUT_SECONDS", &Config::consumer_timeout_seconds, Kind::number, "1800", "scheduler ingestion analysis",
       "RabbitMQ takes back a delivery that is unacknowledged for longer; the same in every process", 2, 86'400},
      {"LETTERLOCK_SCHEDULER_SECONDS_MAX", &Config::scheduler_seconds_max, Kind::number, "5", "scheduler",
       "longest pause between two looks at what is due", 1, 3600},
      {"LETTERLOCK_JOBS_KEPT_DAYS", &Config::jobs_kept_days, Kind::number, "14", "scheduler",
       "jobs that are done are deleted after this long", 1, 3650},
      {"LETTERLOCK_AUDIT_KEPT_DAYS", &Config::audit_kept_days, Kind::number, "400", "scheduler",
       "entries of the audit log are deleted after this long", 1, 36'500},
      {"LETTERLOCK_STOP_SECONDS_MAX", &Config::stop_seconds_max, Kind::number, "30", "all",
       "an ordered stop that takes longer is cut short", 1, 600},
      {"LETTERLOCK_REQUESTS_PER_MINUTE_MAX", &Config::requests_per_minute_max, Kind::number, "1200", "api",
       "requests that one person, API key or, not signed in, address may send in a minute", 1, 10'000'000},
      {"LETTERLOCK_SIGN_INS_PER_MINUTE_MAX", &Config::sign_ins_per_minute_max, Kind::number, "30", "api",
       "sign-ins and looks at invitations and reset links that one address (IPv6: one /64) may send in a minute; behind a proxy all come "
       "from the proxy's, "
       "unless "
       "LETTERLOCK_TRUSTED_PROXIES names it",
       1, 10'000'000},
      {"LETTERLOCK_API_KEY_DAYS_MAX", &Config::api_key_days_max, Kind::number, "365", "api",
       "the longest life of an API key that is made from now on; those that are there keep their end", 1, 3650},
      {"LETTERLOCK_PRIVATE_ADDRESSES", &Config::private_addresses, Kind::number, "0", "api ingestion",
       "1: connections and webhooks may name servers that are not public, with plain http too, and a proxy of the environment is used; for "
       "simulators and closed networks",
       0, 1},
  };
  return rows;
}

// Names the file of settings where --config does not; no setting itself, so that no file can name another.
constexpr std::string_view config_file_name = "LETTERLOCK_CONFIG_FILE";

// Settings of ./dev and of the tests: not ours, but in the environment of what they start.
bool of_the_dev_script(std::string_view name) {
  return name.starts_with("LETTERLOCK_TEST_") || name == "LETTERLOCK_CACHE" || name == "LETTERLOCK_DEBIAN_MIRROR" ||
         name == "LETTERLOCK_TOOLBOX";
}

const Setting* find_setting(std::string_view name) {
  const auto found = std::ranges::find(table(), name, &Setting::name);
  return found == table().end() ? nullptr : &*found;
}

Result<std::int64_t> number_from(std::string_view text, std::int64_t min, std::int64_t max) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < min || value > max)
    return fail(ErrorKind::invalid, std::format("\"{}\" is no number from {} to {}", text, min, max));
  return value;
}

Result<Address> address_from(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return fail(ErrorKind::invalid, "\"" + std::string(text) + "\" is no host:port");
  auto host = std::string(text.substr(0, colon));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto port = TRY(number_from(text.substr(colon + 1), 0, 65535));
  return Address{.host = host, .port = static_cast<std::uint16_t>(port)};
}

// A value that may hold a password is not repeated in the message.
Result<void> check_url(const Setting& setting, std::string_view text) {
  std::string wanted;
  for (const auto part : std::views::split(setting.schemes, ' ')) {
    const auto scheme = std::string(part.begin(), part.end()) + "://";
    if (text.size() > scheme.size() && text.starts_with(scheme)) return {};
    wanted += (wanted.empty() ? "" : " or ") + scheme;
  }
  const auto shown = setting.kind == Kind::secret_url ? std::string("the value") : std::format("\"{}\"", text);
  return fail(ErrorKind::invalid, std::format("{} does not start with {} and a host", shown, wanted));
}

Result<void> assign(Config& config, const Setting& setting, const std::string& text) {
  if (const auto* field = std::get_if<std::string Config::*>(&setting.field)) {
    if (!setting.schemes.empty() && !text.empty()) TRY(check_url(setting, text));
    if (setting.kind == Kind::networks) TRY(parse_networks(text));
    config.*(*field) = text;
  } else if (const auto* number = std::get_if<std::int64_t Config::*>(&setting.field)) {
    config.*(*number) = TRY(number_from(text, setting.min, setting.max));
  } else if (const auto* address = std::get_if<Address Config::*>(&setting.field)) {
    config.*(*address) = text.empty() ? Address{} : TRY(address_from(text));
  } else if (const auto* level = std::get_if<LogLevel Config::*>(&setting.field)) {
    const auto known = log_level_from(text);
    if (!known) return fail(ErrorKind::invalid, "\"" + text + "\" is none of debug, info, warn, error");
    config.*(*level) = *known;
  }
  return {};
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

Result<std::map<std::string, std::string>> read_file(const std::string& path) {
  std::ifstream in(path);
  if (!in) return fail(ErrorKind::invalid, "cannot read the configuration file " + path);
  std::map<std::string, std::string> values;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    auto text = trimmed(line);
    if (text.empty() || text.starts_with('#')) continue;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) return fail(ErrorKind::invalid, std::format("{}:{}: not KEY=VALUE", path, number));
    const auto name = std::string(trimmed(text.substr(0, equals)));
    auto value = trimmed(text.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (!find_setting(name))
      return fail(ErrorKind::invalid, std::format("{}:{}: unknown setting {}; letterlock config lists them", path, number, name));
    if (!values.emplace(name, value).second) return fail(ErrorKind::invalid, std::format("{}:{}: {} is set twice", path, number, name));
  }
  if (in.bad()) return fail(ErrorKind::invalid, "cannot read the configuration file " + path);
  return values;
}

}  // namespace

std::span<const Setting> settings() { return table(); }

std::vector<std::string> archive_folders_of(const Config& config) {
  std::vector<std::string> folders;
  for (const auto part : std::views::split(config.archive_folders, ':'))
    if (!part.empty()) folders.emplace_back(part.begin(), part.end());
  return folders;
}

std::map<std::string, std::string> environment_of(char** environ) {
  std::map<std::string, std::string> environment;
  for (; *environ; ++environ) {
    const std::string_view entry(*environ);
    const auto equals = entry.find('=');
    if (equals != std::string_view::npos) environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return environment;
}

Result<Config> load_config(const std::map<std::string, std::string>& environment, const std::string& file) {
  std::map<std::string, std::string> values;
  const auto named = environment.find(std::string(config_file_name));
  const auto& path = file.empty() && named != environment.end() ? named->second : file;
  if (!path.empty()) values = TRY(read_file(path));
  for (const auto& [name, value] : environment) {
    if (find_setting(name))
      values[name] = value;
    else if (name.starts_with("LETTERLOCK_") && name != config_file_name && !of_the_dev_script(name))
      return fail(ErrorKind::invalid, "unknown setting " + name + " in the environment; letterlock config lists them");
  }
  Config config;
  for (const auto& setting : table()) {
    const auto found = values.find(std::string(setting.name));
    const auto value = found == values.end() || found->second.empty() ? std::string(setting.default_value) : found->second;
    auto assigned = assign(config, setting, value);
    if (!assigned) return fail(std::move(assigned).error().during(setting.name));
  }
  if (config.tls_certificate_file.empty() != config.tls_key_file.empty())
    return fail(ErrorKind::invalid, "LETTERLOCK_TLS_CERTIFICATE_FILE and LETTERLOCK_TLS_KEY_FILE go together");
  for (const auto& folder : archive_folders_of(config))
    if (!std::filesystem::path(folder).is_absolute())
      return fail(ErrorKind::invalid, "LETTERLOCK_ARCHIVE_FOLDERS: " + folder + " is no absolute path");
  return config;
}

namespace {

bool is_read_by(const Setting& setting, const TargetSet& targets) {
  const auto readers = std::format(" {} ", setting.targets);
  return setting.targets == "all" || std::ranges::any_of(all_targets, [&](TargetName target) {
           return targets.has(target) && readers.contains(std::format(" {} ", to_string(target)));
         });
}

// What the process would fail to read later is named before it starts.
Result<void> check_readable(const Config& config, const Setting& setting) {
  const auto* field = std::get_if<std::string Config::*>(&setting.field);
  if (!field || (setting.kind != Kind::file && setting.kind != Kind::folder)) return {};
  const auto& path = config.*(*field);
  if (path.empty()) return {};
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);
  if (access(path.c_str(), R_OK) != 0)
    return fail(ErrorKind::invalid, std::format("{}: cannot read {}: {}", setting.name, path, std::strerror(errno)));
  if (is_folder != (setting.kind == Kind::folder))
    return fail(ErrorKind::invalid, std::format("{}: {} is {}", setting.name, path, is_folder ? "a folder, not a file" : "no folder"));
  return {};
}

}  // namespace

Result<void> check_needs(const Config& config, const TargetSet& targets) {
  const auto need = [&](bool needed, const std::string& value, std::string_view name, std::string_view why) -> Result<void> {
    if (!needed || !value.empty()) return {};
    return fail(ErrorKind::invalid, std::format("{} is not set; needed by {} (letterlock config explains it)", name, why));
  };
  const bool api = targets.has(TargetName::api), storage = targets.has(TargetName::storage), scheduler = targets.has(TargetName::scheduler);
  const bool works = targets.has(TargetName::ingestion) || targets.has(TargetName::analysis);
  TRY(need(api || scheduler, config.database_url, "LETTERLOCK_DATABASE_URL", "api and scheduler"));
  TRY(need(scheduler || works, config.amqp_url, "LETTERLOCK_AMQP_URL", "scheduler, ingestion and analysis"));
  TRY(need(storage, config.duckdb_path, "DUCKDB_PATH", "storage"));
  TRY(need(api, config.master_key_file, "LETTERLOCK_MASTER_KEY_FILE", "api"));
  TRY(need(api, config.service_key_file, "LETTERLOCK_SERVICE_KEY_FILE", "api"));
  TRY(need(api || storage, config.service_public_key_file, "LETTERLOCK_SERVICE_PUBLIC_KEY_FILE", "api and storage"));
  TRY(need((works || storage) && !api, config.api_url, "LETTERLOCK_API_URL",
           "ingestion, analysis and storage without api in the same process"));
  TRY(need((works || storage) && !api, config.service_token_file, "LETTERLOCK_SERVICE_TOKEN_FILE",
           "ingestion, analysis and storage without api in the same process"));
  TRY(need((works || api) && !storage, config.storage_url, "LETTERLOCK_STORAGE_URL",
           "api, ingestion and analysis without storage in the same process"));
  if (config.slice_seconds_max * 2 > config.consumer_timeout_seconds)
    return fail(
        ErrorKind::invalid,
        "LETTERLOCK_CONSUMER_TIMEOUT_SECONDS is less than twice LETTERLOCK_SLICE_SECONDS_MAX: slices would be taken away while they run");
  for (const auto& setting : table())
    if (is_read_by(setting, targets)) TRY(check_readable(config, setting));
  return {};
}

Result<std::string> readiness_url(const Config& config) {
  const bool internal = !config.internal_address.host.empty();
  const auto& address = internal ? config.internal_address : config.http_address;
  if (address.port == 0)
    return fail(ErrorKind::invalid, std::format("{} has no fixed port: give the URL to ask",
                                                internal ? "LETTERLOCK_INTERNAL_ADDRESS" : "LETTERLOCK_HTTP_ADDRESS"));
  const bool tls = !config.tls_certificate_file.empty();
  const bool anywhere = address.host == "0.0.0.0" || address.host == "::";
  const bool loopback = address.host == "::1" || address.host.starts_with("127.");  // certificates name localhost
  const auto host = anywhere || (tls && loopback) ? "localhost" : address.host.contains(':') ? "[" + address.host + "]" : address.host;
  return std::format("{}://{}:{}/readyz", tls ? "https" : "http", host, address.port);
}

std::string describe_settings() {
  std::string text =
      "Settings come from the environment, or from the file of lines KEY=VALUE that --config FILE or\nLETTERLOCK_CONFIG_FILE names; the "
      "environment wins.\n\n";
  for (const auto& setting : table()) {
    text += std::format("{}\n    {}\n    read by: {}", setting.name, setting.help, setting.targets);
    if (setting.name == "LETTERLOCK_SHARE_DIR")
      text += "; default: the source tree";
    else if (!setting.default_value.empty())
      text += std::format("; default: {}", setting.default_value);
    if (setting.kind == Kind::number) text += std::format("; from {} to {}", setting.min, setting.max);
    text += "\n";
  }
  return text;
}

std::string settings_as_markdown() {
  std::string text = "| setting | read by | default | what |\n|---|---|---|---|\n";
  for (const auto& setting : table()) {
    std::string targets(setting.targets);
    for (auto space = targets.find(' '); space != std::string::npos; space = targets.find(' ', space + 2)) targets.replace(space, 1, ", ");
    std::string fallback(setting.default_value);
    if (setting.name == "LETTERLOCK_SHARE_DIR")
      fallback = "the source tree";
    else if (!fallback.empty())
      fallback = "`" + fallback + "`";
    const auto range = setting.kind == Kind::number ? std::format(" ({} to {})", setting.min, setting.max) : "";
    text += std::format("| `{}` | {} | {} | {}{} |\n", setting.name, targets, fallback, setting.help, range);
  }
  return text;
}

}  // namespace letterlock
