#pragma once

// The settings of an installation: one table (config.cpp) of name, default and meaning, read from the environment or from a
// file of KEY=VALUE lines (the environment wins). A value; made once in main.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/target_set.h"
#include "base/log.h"
#include "base/result.h"

namespace letterlock {

struct Address {
  std::string host;
  std::uint16_t port = 0;  // 0: a free one
};

struct Config {
  std::string database_url;
  std::string amqp_url;
  std::string amqp_prefix;
  std::string duckdb_path;
  std::string master_key_file;
  std::string service_key_file;
  std::string service_public_key_file;
  std::string service_token_file;
  std::string api_url;
  std::string storage_url;
  std::string ca_file;
  std::string tls_certificate_file;
  std::string tls_key_file;
  Address http_address;
  Address internal_address;  // host empty: none
  Address flight_address;
  std::string public_url;
  std::string ready_file;
  std::string share_dir;
  LogLevel log_level = LogLevel::info;
  std::int64_t ingestion_concurrency = 0;
  std::int64_t analysis_concurrency = 0;
  std::int64_t mailboxes_parallel = 0;
  std::int64_t slice_seconds_max = 0;
  std::int64_t slice_messages_max = 0;
  std::int64_t message_bytes_max = 0;
  std::int64_t message_cpu_seconds_max = 0;
  std::string archive_folders;  // with ':' between
  std::int64_t archive_bytes_max = 0;
  std::int64_t archive_ratio_max = 0;
  std::int64_t users_every_seconds = 0;
  std::int64_t settings_every_seconds = 0;
  std::int64_t lease_seconds = 0;
  std::int64_t consumer_timeout_seconds = 0;
  std::int64_t scheduler_seconds_max = 0;
  std::int64_t jobs_kept_days = 0;
  std::int64_t audit_kept_days = 0;
  std::int64_t stop_seconds_max = 0;
  std::int64_t requests_per_minute_max = 0;
  std::int64_t sign_ins_per_minute_max = 0;
  std::int64_t api_key_days_max = 0;
  std::int64_t private_addresses = 0;
  std::string trusted_proxies;
  std::int64_t connections_per_address_max = 0;
  std::int64_t storage_reserve_bytes = 0;
};

struct Setting {
  using Field = std::variant<std::string Config::*, std::int64_t Config::*, Address Config::*, LogLevel Config::*>;
  // networks: CIDR with commas between; file, folder: must be there, when a target that reads the setting starts; new_file, new_folder:
  // made by the process.
  enum class Kind { text, url, secret_url, file, new_file, folder, new_folder, number, address, level, networks };

  std::string_view name;
  Field field;
  Kind kind;
  std::string_view default_value;  // empty: none
  std::string_view targets;        // who reads it, for the reference
  std::string_view help;
  std::int64_t min = 0, max = 0;  // of numbers
  std::string_view schemes = "";  // of URLs, with spaces between
};

std::span<const Setting> settings();

// The folders of LETTERLOCK_ARCHIVE_FOLDERS.
std::vector<std::string> archive_folders_of(const Config& config);

// Settings of the environment and of a file of KEY=VALUE lines; file may be empty: the one that LETTERLOCK_CONFIG_FILE names, or none.
// invalid: names the setting (unknown LETTERLOCK_* names and names given twice in the file too) and says what is wrong.
Result<Config> load_config(const std::map<std::string, std::string>& environment, const std::string& file);
std::map<std::string, std::string> environment_of(char** environ);

// invalid: names the first setting that these targets need in this combination and do not have, or whose file or folder is not there.
Result<void> check_needs(const Config& config, const TargetSet& targets);

// Where a process with this configuration answers /readyz to its own host: on the internal listener, or on the public one where there is no
// internal. Over TLS as localhost, which the certificate must name. invalid: the port is a free one, so nobody knows it.
Result<std::string> readiness_url(const Config& config);

// The reference of settings, for `letterlock config` (values of secrets are not shown).
std::string describe_settings();
// The same as rows of a Markdown table; docs/reference/configuration.md holds them, and a test holds it to them.
std::string settings_as_markdown();

}  // namespace letterlock
