#include "sim/keys.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "adapters/crypto/crypto.h"
#include "base/encoding.h"
#include "sim/json.h"
#include "sim/private_file.h"

namespace letterlock::sim {
namespace {

constexpr std::pair<const char*, std::string Keys::*> members[] = {{"google_key_id", &Keys::google_key_id},
                                                                   {"google_private_key_pem", &Keys::google_private_key_pem},
                                                                   {"google_public_key_pem", &Keys::google_public_key_pem},
                                                                   {"microsoft_private_key_pem", &Keys::microsoft_private_key_pem},
                                                                   {"client_secret", &Keys::client_secret}};

Result<Keys> read_keys(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const auto json = Json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
  Keys keys;
  for (const auto& [name, member] : members) {
    if (json) keys.*member = json->text(name);
    if ((keys.*member).empty())
      return fail(ErrorKind::invalid, "the keys file " + file + " has no " + name + "; remedy: remove it, then new keys are made");
  }
  return keys;
}

}  // namespace

Result<Keys> make_keys() {
  auto google = TRY(crypto::make_rsa_key(2048));
  auto microsoft = TRY(crypto::make_rsa_key(2048));
  return Keys{.google_key_id = to_hex(crypto::random_bytes(20)),
              .google_private_key_pem = std::move(google.private_key_pem),
              .google_public_key_pem = std::move(google.public_key_pem),
              .microsoft_private_key_pem = std::move(microsoft.private_key_pem),
              .client_secret = "sIm8Q~" + to_base64url(crypto::random_bytes(24)) + "+/="};
}

Result<Keys> keep_keys(const std::string& file) {
  if (std::filesystem::exists(file)) return read_keys(file);
  auto keys = TRY(make_keys());
  auto json = Json::object();
  for (const auto& [name, member] : members) json.set(name, keys.*member);
  if (!write_private_file(file, json.dump())) return fail(ErrorKind::invalid, "cannot write the keys file " + file);
  return keys;
}

}  // namespace letterlock::sim
