#include <charconv>
#include <format>

#include "adapters/crypto/crypto.h"
#include "adapters/crypto/key_file.h"
#include "adapters/crypto/sodium_ready.h"
#include "base/encoding.h"

namespace letterlock::crypto {
namespace {

constexpr std::string_view prefix = "ll1.";

// The claims as text: target, tenant and expiry in Unix microseconds, one a line.
std::string to_text(const ServiceClaims& claims) {
  CHECK(claims.target.find('\n') == std::string::npos && claims.tenant_id.find('\n') == std::string::npos);
  return std::format("{}\n{}\n{}", claims.target, claims.tenant_id, to_unix_micros(claims.expires_at));
}

std::optional<ServiceClaims> from_text(std::string_view text) {
  const auto first = text.find('\n');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find('\n', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto digits = text.substr(second + 1);
  std::int64_t micros = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), micros);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return ServiceClaims{.target = std::string(text.substr(0, first)),
                       .tenant_id = std::string(text.substr(first + 1, second - first - 1)),
                       .expires_at = from_unix_micros(micros)};
}

}  // namespace

Result<ServiceTokenSigner> ServiceTokenSigner::load(const std::string& secret_key_file) {
  sodium_ready();
  ServiceTokenSigner signer;
  signer.secret_key_ = TRY(read_key_file(secret_key_file, crypto_sign_SECRETKEYBYTES));
  return signer;
}

Result<void> ServiceTokenSigner::create(const std::string& secret_key_file, const std::string& public_key_file) {
  sodium_ready();
  std::string public_key(crypto_sign_PUBLICKEYBYTES, '\0');
  std::string secret_key(crypto_sign_SECRETKEYBYTES, '\0');
  crypto_sign_keypair(bytes_of(public_key), bytes_of(secret_key));
  auto created = create_key_file(secret_key_file, secret_key, 0600);
  wipe(secret_key);
  TRY(std::move(created));
  return create_key_file(public_key_file, public_key, 0644);
}

std::string ServiceTokenSigner::sign(const ServiceClaims& claims) const {
  const auto signed_part = std::string(prefix) + to_base64url(to_text(claims));
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(bytes_of(signature), nullptr, bytes_of(signed_part), signed_part.size(), bytes_of(secret_key_));
  return signed_part + "." + to_base64url(signature);
}

Result<ServiceTokenVerifier> ServiceTokenVerifier::load(const std::string& public_key_file) {
  sodium_ready();
  ServiceTokenVerifier verifier;
  verifier.public_key_ = TRY(read_key_file(public_key_file, crypto_sign_PUBLICKEYBYTES));
  return verifier;
}

Result<ServiceClaims> ServiceTokenVerifier::verify(std::string_view token, TimePoint now) const {
  const auto refused = [](const char* why) { return fail(ErrorKind::unauthenticated, std::string("service token: ") + why); };
  const auto dot = token.rfind('.');
  if (!token.starts_with(prefix) || dot == std::string_view::npos || dot < prefix.size()) return refused("malformed");
  const auto signed_part = token.substr(0, dot);
  const auto signature = from_base64(token.substr(dot + 1));
  if (!signature || signature->size() != crypto_sign_BYTES) return refused("malformed");
  if (crypto_sign_verify_detached(bytes_of(std::string_view(*signature)), bytes_of(signed_part), signed_part.size(),
                                  bytes_of(std::string_view(public_key_))) != 0)
    return refused("wrong signature");
  const auto text = from_base64(signed_part.substr(prefix.size()));
  if (!text) return refused("malformed");
  auto claims = from_text(*text);
  if (!claims) return refused("malformed");
  if (claims->expires_at <= now) return refused("expired");
  return *std::move(claims);
}

}  // namespace letterlock::crypto
