#include "adapters/crypto/crypto.h"
#include "adapters/crypto/hmac.h"
#include "adapters/crypto/key_file.h"
#include "adapters/crypto/sodium_ready.h"

namespace letterlock::crypto {
namespace {

// What wrap() returns: one byte of format, the nonce, the sealed bytes with their tag.
constexpr char format_1 = '\x01';
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t key_bytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;

}  // namespace

Result<MasterKey> MasterKey::load(const std::string& file) {
  sodium_ready();
  MasterKey key;
  key.key_ = TRY(read_key_file(file, key_bytes));
  return key;
}

Result<void> MasterKey::create(const std::string& file) {
  auto key = random_bytes(key_bytes);
  auto created = create_key_file(file, key, 0600);
  wipe(key);
  return created;
}

// A moved-from short string can keep its bytes: swap leaves only what was there before (nothing, or the old key, wiped at its end).
MasterKey::MasterKey(MasterKey&& other) noexcept { key_.swap(other.key_); }
MasterKey& MasterKey::operator=(MasterKey&& other) noexcept {
  key_.swap(other.key_);
  return *this;
}
MasterKey::~MasterKey() { wipe(key_); }

std::string MasterKey::wrap(std::string_view secret, std::string_view context) const {
  CHECK(key_.size() == key_bytes);
  const auto nonce = random_bytes(nonce_bytes);
  std::string sealed(secret.size() + tag_bytes, '\0');
  unsigned long long sealed_bytes = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(sealed), &sealed_bytes, bytes_of(secret), secret.size(), bytes_of(context),
                                             context.size(), nullptr, bytes_of(nonce), bytes_of(key_));
  CHECK(sealed_bytes == sealed.size());
  return format_1 + nonce + sealed;
}

Result<std::string> MasterKey::unwrap(std::string_view wrapped, std::string_view context) const {
  CHECK(key_.size() == key_bytes);
  if (wrapped.size() < 1 + nonce_bytes + tag_bytes || wrapped.front() != format_1)
    return fail(ErrorKind::internal, "a wrapped secret has an unknown format");
  const auto nonce = wrapped.substr(1, nonce_bytes);
  const auto sealed = wrapped.substr(1 + nonce_bytes);
  std::string secret(sealed.size() - tag_bytes, '\0');
  unsigned long long secret_bytes = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(secret), &secret_bytes, nullptr, bytes_of(sealed), sealed.size(),
                                                 bytes_of(context), context.size(), bytes_of(nonce), bytes_of(key_)) != 0)
    return fail(ErrorKind::internal, "a wrapped secret cannot be opened: another master key, another context, or damaged bytes");
  return secret;
}

std::string MasterKey::mac(std::string_view text, std::string_view context) const {
  CHECK(key_.size() == key_bytes);
  auto key_of_context = hmac_sha256_hex(key_, context);
  auto mac = hmac_sha256_hex(key_of_context, text);
  wipe(key_of_context);
  return mac;
}

}  // namespace letterlock::crypto
