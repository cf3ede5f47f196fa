#pragma once

// Keys, passwords and tokens over libsodium and OpenSSL. Secrets are std::string and wiped with wipe() by their owner.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace letterlock::crypto {

std::string random_bytes(std::size_t count);
void wipe(std::string& secret);
bool equal_in_constant_time(std::string_view a, std::string_view b);

// Argon2id with libsodium's "moderate" limits (password_interactive: "interactive" limits, for tests and demo seeds).
std::string hash_password(std::string_view password);
std::string hash_password_interactive(std::string_view password);
bool verify_password(std::string_view hash, std::string_view password);

// The installation's master key (32 bytes, in a file as 64 hex digits + newline); only `api` reads it.
class MasterKey {
 public:
  static Result<MasterKey> load(const std::string& file);  // invalid: names the file and what is wrong
  static Result<void> create(const std::string& file);     // mode 0600; conflict if it exists
  MasterKey(MasterKey&&) noexcept;
  MasterKey& operator=(MasterKey&&) noexcept;
  ~MasterKey();

  // XChaCha20-Poly1305 with a random nonce; context (such as "connection:<id>") is authenticated and must match on unwrap.
  std::string wrap(std::string_view secret, std::string_view context) const;
  Result<std::string> unwrap(std::string_view wrapped, std::string_view context) const;
  // HMAC-SHA256 as hex digits, under a key of its own for each context: a hash that tells nothing to whoever has no master key.
  std::string mac(std::string_view text, std::string_view context) const;

 private:
  MasterKey() = default;
  std::string key_;
};

// Service tokens: Ed25519 over "ll1.<base64url claims>.<base64url signature>". `api` signs; everybody verifies.
struct ServiceClaims {
  std::string target;     // "ingestion", …
  std::string tenant_id;  // one tenant, or "*" for the target's own token
  TimePoint expires_at;
};

class ServiceTokenSigner {
 public:
  static Result<ServiceTokenSigner> load(const std::string& secret_key_file);
  static Result<void> create(const std::string& secret_key_file, const std::string& public_key_file);  // hex files, 0600 and 0644
  std::string sign(const ServiceClaims& claims) const;

 private:
  ServiceTokenSigner() = default;
  std::string secret_key_;
};

class ServiceTokenVerifier {
 public:
  static Result<ServiceTokenVerifier> load(const std::string& public_key_file);
  // unauthenticated: malformed, wrong signature, expired.
  Result<ServiceClaims> verify(std::string_view token, TimePoint now) const;

 private:
  ServiceTokenVerifier() = default;
  std::string public_key_;
};

// A signed JWT (compact serialisation). header_json_extra and claims_json are JSON objects.
enum class JwtAlgorithm { rs256, ps256 };
Result<std::string> sign_jwt(JwtAlgorithm algorithm, std::string_view private_key_pem, std::string_view header_json_extra,
                             std::string_view claims_json);
// Verify a compact JWT against a public key or certificate (PEM) and return its claims JSON; time claims are the caller's to check.
Result<std::string> verify_jwt(std::string_view token, std::string_view public_key_or_certificate_pem);
// SHA-256 of the certificate's DER, raw bytes (for x5t#S256).
Result<std::string> certificate_sha256(std::string_view certificate_pem);

// Make keys for simulators, demo seeds and tests.
struct KeyPair {
  std::string private_key_pem;
  std::string public_key_pem;
};
Result<KeyPair> make_rsa_key(int bits);
Result<std::string> make_self_signed_certificate(std::string_view private_key_pem, std::string_view common_name, std::chrono::days valid);

}  // namespace letterlock::crypto
