#include <array>

#include "adapters/crypto/crypto.h"
#include "adapters/crypto/sodium_ready.h"

namespace letterlock::crypto {
namespace {

std::string hash_with(std::string_view password, unsigned long long operations, std::size_t memory_bytes) {
  sodium_ready();
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  // Fails only where the memory (256 MiB at most) cannot be had.
  CHECK(crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), operations, memory_bytes, crypto_pwhash_ALG_ARGON2ID13) == 0);
  return hash.data();
}

}  // namespace

std::string random_bytes(std::size_t count) {
  sodium_ready();
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

void wipe(std::string& secret) {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hash_password(std::string_view password) {
  return hash_with(password, crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE);
}

std::string hash_password_interactive(std::string_view password) {
  return hash_with(password, crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE);
}

bool verify_password(std::string_view hash, std::string_view password) {
  sodium_ready();
  if (hash.size() >= crypto_pwhash_STRBYTES) return false;
  const std::string terminated(hash);
  return crypto_pwhash_str_verify(terminated.c_str(), password.data(), password.size()) == 0;
}

}  // namespace letterlock::crypto
