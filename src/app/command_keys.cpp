// keys create, service-token create.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "adapters/crypto/crypto.h"
#include "app/commands.h"

namespace letterlock {
namespace {

Result<int> create_keys(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(ErrorKind::invalid, "cannot make the folder " + folder + ": " + error.message());
  const auto master = folder + "/master.key", secret = folder + "/service.key", shared = folder + "/service.pub";
  TRY(crypto::MasterKey::create(master));
  TRY(crypto::ServiceTokenSigner::create(secret, shared));
  std::cout << "LETTERLOCK_MASTER_KEY_FILE=" << master << "\nLETTERLOCK_SERVICE_KEY_FILE=" << secret
            << "\nLETTERLOCK_SERVICE_PUBLIC_KEY_FILE=" << shared << "\n";
  std::cerr << "Keep a copy of master.key: without it no secret and no tenant's file can be read.\n";
  return 0;
}

Result<int> create_service_token(const Config& config, const std::string& target, int days) {
  if (config.service_key_file.empty())
    return fail(ErrorKind::invalid, "LETTERLOCK_SERVICE_KEY_FILE is not set; letterlock keys create makes one");
  const auto signer = TRY(crypto::ServiceTokenSigner::load(config.service_key_file));
  SystemClock clock;
  std::cout << signer.sign({.target = target, .tenant_id = "*", .expires_at = clock.now() + std::chrono::days(days)}) << "\n";
  return 0;
}

}  // namespace

void add_key_commands(CLI::App& app, CommandLine& line) {
  auto* keys = app.add_subcommand("keys", "The installation's keys");
  keys->require_subcommand(1);
  auto* create = keys->add_subcommand("create", "Make the master key and the key pair of service tokens");
  const auto folder = std::make_shared<std::string>();
  create->add_option("--dir", *folder, "Folder for the files; existing ones are never overwritten")->required();
  create->callback([&line, folder] { line.action = [folder] { return create_keys(*folder); }; });

  auto* service_token = app.add_subcommand("service-token", "Tokens by which targets in different processes know each other");
  service_token->require_subcommand(1);
  auto* token = service_token->add_subcommand("create", "Print a token for one target's process");
  struct Options {
    std::string target;
    int days = 3650;
  };
  const auto options = std::make_shared<Options>();
  token->add_option("--target", options->target, "Whose token")
      ->required()
      ->check(CLI::IsMember({"scheduler", "ingestion", "analysis", "storage"}));
  token->add_option("--days", options->days, "How long it is good")->check(CLI::Range(1, 36500))->capture_default_str();
  token->callback([&line, options] {
    line.action = [&line, options]() -> Result<int> { return create_service_token(TRY(line.config()), options->target, options->days); };
  });
}

}  // namespace letterlock
