#include "app/control_parts.h"

#include "domain/tenants/installation_key.h"

namespace letterlock {

ControlParts::ControlParts(const Config& config, crypto::MasterKey key, Clock& clock)
    : master_key(std::move(key)),
      pool({.url = config.database_url, .role = "letterlock_api", .connections_max = 16}),
      control(pool, master_key, clock, {.lease = std::chrono::seconds(config.lease_seconds)}),
      services(pool, master_key, clock, {.private_addresses = config.private_addresses != 0, .archive_folders = archive_folders_of(config)},
               {.life_max = std::chrono::days(config.api_key_days_max)}) {}

Result<std::unique_ptr<ControlParts>> ControlParts::open(const Config& config, Clock& clock) {
  if (config.database_url.empty()) return fail(ErrorKind::invalid, "LETTERLOCK_DATABASE_URL is not set (letterlock config explains it)");
  if (config.master_key_file.empty())
    return fail(ErrorKind::invalid, "LETTERLOCK_MASTER_KEY_FILE is not set; letterlock keys create makes one");
  auto key = crypto::MasterKey::load(config.master_key_file);
  if (!key) return fail(std::move(key).error().during("LETTERLOCK_MASTER_KEY_FILE"));
  auto parts = std::make_unique<ControlParts>(config, std::move(*key), clock);
  auto reached = parts->pool.check();
  if (!reached) return fail(std::move(reached).error().during("PostgreSQL (LETTERLOCK_DATABASE_URL)"));
  auto checked = check_master_key(parts->pool, parts->master_key, clock);
  if (!checked) return fail(std::move(checked).error().during("LETTERLOCK_MASTER_KEY_FILE " + config.master_key_file));
  return parts;
}

}  // namespace letterlock
