// migrate; tenant, person, connection and api-key: the operator's side of the control database.

#include <CLI/CLI.hpp>
#include <format>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "adapters/postgres/migrations.h"
#include "app/commands.h"
#include "app/control_parts.h"

namespace letterlock {
namespace {

struct Options {
  std::string tenant, name, owner, email, role, password, provider, settings, secret_file, public_url;
  std::vector<std::string> authserv_ids, scopes;
  int interval_seconds = 300;
  int days = 0;
  bool keep = false;
};

// The text itself, or with '@' in front the contents of that file; "-" means standard input.
Result<std::string> text_or_file(const std::string& text) {
  if (!text.starts_with('@')) return text;
  std::ifstream in(text.substr(1));
  if (!in) return fail(ErrorKind::invalid, "cannot read " + text.substr(1));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<std::string> file_text(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path);
  if (path != "-" && !file) return fail(ErrorKind::invalid, "cannot read " + path);
  std::istream& in = path == "-" ? std::cin : file;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<std::string> password_of(const Options& options) {
  if (!options.password.empty()) return options.password;
  std::string password;
  std::cerr << "password (one line on standard input): ";
  if (!std::getline(std::cin, password) || password.empty()) return fail(ErrorKind::invalid, "no password given");
  return password;
}

Result<int> migrate(const Config& config) {
  if (config.database_url.empty()) return fail(ErrorKind::invalid, "LETTERLOCK_DATABASE_URL is not set (letterlock config explains it)");
  const int applied = TRY(postgres::migrate(config.database_url, config.share_dir + "/migrations/control"));
  std::cout << applied << " migrations applied\n";
  return 0;
}

Result<int> create_tenant(ControlParts& control, const Options& options) {
  std::string password;
  if (!options.owner.empty()) password = TRY(password_of(options));
  const auto tenant = TRY(control.services.tenants.create(options.name));
  if (!options.owner.empty())
    TRY(control.services.access.create_person({.email = options.owner, .password = password, .role = Role::owner, .tenant_id = tenant}));
  std::cout << tenant << "\n";
  return 0;
}

Result<int> list_tenants(ControlParts& control, const Options&) {
  for (const auto& tenant : TRY(control.services.installation.tenants()))
    std::cout << std::format("{:<30}  {}  {} connections  {} open alerts\n", tenant.name, tenant.tenant_id.str(), tenant.connections,
                             tenant.alerts_open);
  return 0;
}

Result<int> retention(ControlParts& control, const Options& options) {
  const auto tenant = TRY(control.services.tenants.find(options.tenant));
  auto& service = control.services.retention;
  if (options.keep || options.days > 0) TRY(service.set(tenant, options.keep ? std::nullopt : std::optional<std::int64_t>(options.days)));
  const auto now = TRY(service.get(tenant));
  std::cout << (now.retention_days ? std::format("mail is kept for {} days", *now.retention_days) : "mail is kept until the tenant goes")
            << std::format("; {} messages deleted so far\n", now.messages_erased);
  if (!now.problem.empty()) std::cout << "the last try to delete failed: " << now.problem << "\n";
  return 0;
}

Result<int> create_person(ControlParts& control, const Options& options) {
  const auto role = role_from(options.role);
  if (!role) return fail(ErrorKind::invalid, "unknown role " + options.role);
  if ((*role == Role::operator_) != options.tenant.empty())
    return fail(ErrorKind::invalid, "--tenant is needed for every role but operator");
  std::optional<TenantId> tenant;
  if (!options.tenant.empty()) tenant = TRY(control.services.tenants.find(options.tenant));
  const auto person = TRY(control.services.access.create_person(
      {.email = options.email, .password = TRY(password_of(options)), .role = *role, .tenant_id = tenant}));
  std::cout << person << "\n";
  return 0;
}

Result<int> create_connection(ControlParts& control, const Options& options) {
  const auto tenant = TRY(control.services.tenants.find(options.tenant));
  const auto connection = TRY(control.services.tenants.create_connection(
      tenant, {.name = options.name.empty() ? options.provider : options.name,
               .provider = provider_kind_from(options.provider).value(),
               .settings_json = TRY(text_or_file(options.settings)),
               .secret_json = options.secret_file.empty() ? "{}" : TRY(file_text(options.secret_file)),
               .trusted_authserv_ids = options.authserv_ids,
               .interval = std::chrono::seconds(options.interval_seconds),
               .by_operator = true}));
  std::cout << connection << "\n";
  return 0;
}

// Prints the link alone on standard output; what there is to know about it beside.
Result<int> reset_person(ControlParts& control, const Options& options) {
  const auto reset = TRY(control.services.password_resets.make_for(options.email));
  std::cerr << std::format("{} sets a new password with this link, once, until {}; until then the old one holds\n", reset.email,
                           to_rfc3339(reset.expires_at));
  if (options.public_url.empty()) std::cerr << "LETTERLOCK_PUBLIC_URL is not set: put the console's address in front of it\n";
  auto console = std::string_view(options.public_url);
  while (console.ends_with('/')) console.remove_suffix(1);
  std::cout << console << "/password_reset#" << reset.token << "\n";
  return 0;
}

Result<int> create_api_key(ControlParts& control, const Options& options) {
  const auto tenant = TRY(control.services.tenants.find(options.tenant));
  NewApiKey key{.name = options.name, .role = role_from(options.role).value(), .scopes = options.scopes};
  if (options.days > 0) key.expires_at = SystemClock().now() + std::chrono::days(options.days);
  TRY(control.services.access.audit({.name = "command line", .tenant_id = tenant}, "api_key.create", options.name));
  const auto made = TRY(control.services.api_keys.create_for(tenant, options.owner, key));
  std::cerr << "it ends at " << to_rfc3339(made.api_key.expires_at)
            << (made.api_key.owner_email ? ", or when its owner is removed\n" : "; it belongs to the installation\n");
  std::cout << made.key << "\n";
  return 0;
}

using AdminCommand = Result<int> (*)(ControlParts&, const Options&);

// A subcommand over PostgreSQL; the caller adds its options.
CLI::App* add(CLI::App* parent, CommandLine& line, const std::string& name, const std::string& help,
              const std::shared_ptr<Options>& options, AdminCommand run) {
  auto* command = parent->add_subcommand(name, help);
  command->callback([&line, options, run] {
    line.action = [&line, options, run]() -> Result<int> {
      const auto config = TRY(line.config());
      set_log(config.log_level, "cli");
      SystemClock clock;
      const auto control = TRY(ControlParts::open(config, clock));
      options->public_url = config.public_url;
      return run(*control, *options);
    };
  });
  return command;
}

CLI::App* group(CLI::App& app, const std::string& name, const std::string& help) {
  auto* command = app.add_subcommand(name, help);
  command->require_subcommand(1);
  return command;
}

}  // namespace

void add_admin_commands(CLI::App& app, CommandLine& line) {
  app.add_subcommand("migrate", "Bring the control database's schema up to date")->callback([&line] {
    line.action = [&line]() -> Result<int> { return migrate(TRY(line.config())); };
  });

  const auto options = std::make_shared<Options>();
  auto* tenant = group(app, "tenant", "Companies");
  auto* tenant_create = add(tenant, line, "create", "Create a tenant; prints its id", options, create_tenant);
  tenant_create->add_option("--name", options->name, "Its unique name")->required();
  tenant_create->add_option("--owner", options->owner, "E-mail address of its owner, who is created too");
  tenant_create->add_option("--password", options->password, "The owner's password; without it: one line on standard input");
  add(tenant, line, "list", "List the tenants: name, id, connections, open alerts", options, list_tenants);

  auto* keep = add(tenant, line, "retention", "Show how long a tenant's mail is kept, or set it; older mail is deleted for good", options,
                   retention);
  keep->add_option("--tenant", options->tenant, "Name of the tenant")->required();
  auto* days = keep->add_option("--days", options->days, "Keep mail for so many days")->check(CLI::Range(1, 36'500));
  keep->add_flag("--keep", options->keep, "Keep mail until the tenant goes")->excludes(days);

  auto* people = group(app, "person", "People who sign in");
  auto* person = add(people, line, "create", "Create a person; prints the id", options, create_person);
  person->add_option("--email", options->email, "Login")->required();
  person->add_option("--role", options->role, "Role")
      ->required()
      ->check(CLI::IsMember({"viewer", "analyst", "admin", "owner", "operator"}));
  person->add_option("--tenant", options->tenant, "Name of the tenant (every role but operator)");
  person->add_option("--password", options->password, "Password; without it: one line on standard input");

  add(people, line, "reset", "Print a link by which a person sets a new password, once, within an hour; an older one is over", options,
      reset_person)
      ->add_option("NAME", options->email, "The person's e-mail address, an operator's too")
      ->required();

  auto* connection = add(group(app, "connection", "Ways to a company's mail"), line, "create", "Create a connection; prints its id",
                         options, create_connection);
  connection->add_option("--tenant", options->tenant, "Name of the tenant")->required();
  connection->add_option("--provider", options->provider, "Provider")->required()->check(CLI::IsMember({"google", "microsoft", "archive"}));
  connection->add_option("--name", options->name, "What the console shows");
  connection->add_option("--settings", options->settings, "Provider's settings as JSON, or @FILE")->required();
  connection->add_option("--secret-file", options->secret_file, "File with the provider's secret as JSON; - for standard input");
  connection->add_option("--authserv-id", options->authserv_ids, "authserv-id of the receiver's own border (RFC 8601); may be repeated")
      ->allow_extra_args(false);
  connection->add_option("--interval-seconds", options->interval_seconds, "Time between two syncs")
      ->check(CLI::Range(1, 2'592'000))
      ->capture_default_str();

  auto* api_key =
      add(group(app, "api-key", "Keys for programs"), line, "create", "Create an API key; prints it, once", options, create_api_key);
  api_key->add_option("--tenant", options->tenant, "Name of the tenant")->required();
  api_key->add_option("--name", options->name, "What it is for")->required();
  const std::vector<std::string> scopes(api_key_scopes.begin(), api_key_scopes.end());
  api_key->add_option("--scope", options->scopes, "What it may; may be repeated")
      ->required()
      ->allow_extra_args(false)
      ->check(CLI::IsMember(scopes));
  api_key->add_option("--role", options->role, "The least role that may do what it is for")
      ->check(CLI::IsMember({"viewer", "analyst", "admin", "owner"}))
      ->default_val("viewer");
  api_key->add_option("--owner", options->owner,
                      "E-mail address of its owner: it ends with the person, and never may more; none: the installation");
  api_key->add_option("--days", options->days, "How long it is good, at most LETTERLOCK_API_KEY_DAYS_MAX; 0: as long as that")
      ->check(CLI::Range(0, 3650))
      ->capture_default_str();
}

}  // namespace letterlock
