#include "base/encoding.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <cstdint>

#include "base/result.h"

namespace letterlock {
namespace {
const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

constexpr std::size_t sha256_bytes = 32;
// OpenSSL's: it uses the processor's SHA instructions, libsodium's does not. Fetched once, as each look-up costs a microsecond.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(algorithm != nullptr);
  return algorithm;
}
}  // namespace

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  CHECK(state_->context && EVP_DigestInit_ex2(state_->context.get(), sha256_algorithm(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) { CHECK(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1); }

std::string Sha256::finish_hex() {
  std::string digest(sha256_bytes, '\0');
  CHECK(EVP_DigestFinal_ex(state_->context.get(), bytes_of(digest), nullptr) == 1);
  return to_hex(digest);
}

std::string sha256(std::string_view bytes) {
  std::string digest(sha256_bytes, '\0');
  CHECK(EVP_Digest(bytes.data(), bytes.size(), bytes_of(digest), nullptr, sha256_algorithm(), nullptr) == 1);
  return digest;
}

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

std::string to_hex(std::string_view bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes_of(bytes), bytes.size());
  text.pop_back();
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string bytes(text.size() / 2, '\0');
  std::size_t size = 0;
  if (text.size() % 2 != 0 || sodium_hex2bin(bytes_of(bytes), bytes.size(), text.data(), text.size(), nullptr, &size, nullptr) != 0 ||
      size != bytes.size())
    return std::nullopt;
  return bytes;
}

namespace {
std::string encode_base64(std::string_view bytes, int variant) {
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), variant);
  text.pop_back();
  return text;
}
}  // namespace

std::string to_base64(std::string_view bytes) { return encode_base64(bytes, sodium_base64_VARIANT_ORIGINAL); }
std::string to_base64url(std::string_view bytes) { return encode_base64(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }

namespace {
constexpr std::uint32_t no_digit = 0xFF000000;
// By place in a group of four: a character's six bits where they belong in the group's 24, or no_digit.
constexpr auto base64_digits = [] {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::array<std::array<std::uint32_t, 256>, 4> table{};
  for (std::size_t place = 0; place < 4; ++place) {
    const auto shift = 18 - 6 * place;
    table[place].fill(no_digit);
    for (std::uint32_t i = 0; i < alphabet.size(); ++i) table[place][static_cast<unsigned char>(alphabet[i])] = i << shift;
    table[place]['+'] = table[place]['-'] = 62u << shift;
    table[place]['/'] = table[place]['_'] = 63u << shift;
  }
  return table;
}();

// Decode into `out`, which has room for it; the end of what was written, or nullptr.
char* decode_base64(std::string_view text, char* out) {
  const auto* at = bytes_of(text);
  const auto* const end = at + text.size();
  std::uint32_t group = 0;
  int digits = 0;  // of the group
  bool is_padded = false;
  while (at != end) {
    if (digits == 0 && !is_padded) {
      for (; end - at >= 4; at += 4, out += 3) {
        const auto bits = base64_digits[0][at[0]] | base64_digits[1][at[1]] | base64_digits[2][at[2]] | base64_digits[3][at[3]];
        if (bits & no_digit) break;
        out[0] = static_cast<char>(bits >> 16);
        out[1] = static_cast<char>(bits >> 8);
        out[2] = static_cast<char>(bits);
      }
      if (at == end) break;
    }
    const auto c = *at++;
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c == '=') {
      is_padded = true;
      continue;
    }
    const auto digit = base64_digits[3][c];
    if (is_padded || (digit & no_digit)) return nullptr;
    group = group << 6 | digit;
    if (++digits < 4) continue;
    for (const int shift : {16, 8, 0}) *out++ = static_cast<char>(group >> shift);
    group = 0, digits = 0;
  }
  // One digit alone holds no byte, and bits that no byte takes are zero.
  if (digits == 1 || (digits == 2 && group & 0xF) || (digits == 3 && group & 3)) return nullptr;
  if (digits == 2) *out++ = static_cast<char>(group >> 4);
  if (digits == 3) {
    *out++ = static_cast<char>(group >> 10);
    *out++ = static_cast<char>(group >> 2);
  }
  return out;
}
}  // namespace

// By table: libsodium's decoder takes the same time whatever the bytes are, which is for keys; raw mail comes in megabytes.
std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes;
  bool is_good = true;
  bytes.resize_and_overwrite(text.size() / 4 * 3 + 3, [&](char* out, std::size_t) -> std::size_t {
    const char* const end = decode_base64(text, out);
    is_good = end != nullptr;
    return is_good ? static_cast<std::size_t>(end - out) : 0;
  });
  if (!is_good) return std::nullopt;
  return bytes;
}

std::string url_encode(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  static constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (unreserved.contains(c)) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 0x0f];
    }
  }
  return out;
}

}  // namespace letterlock
