#pragma once

// SHA-256 over OpenSSL, hex and base64 over libsodium.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace letterlock {

std::string sha256(std::string_view bytes);      // 32 raw bytes
std::string sha256_hex(std::string_view bytes);  // 64 lower-case hex digits

// SHA-256 over bytes that arrive in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  std::string finish_hex();  // call once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);

std::string to_base64(std::string_view bytes);     // standard alphabet, padded
std::string to_base64url(std::string_view bytes);  // URL alphabet, not padded
// Decode either alphabet, padded or not, white space ignored; nullopt if it is something else.
// Google's raw bodies come with and without padding.
std::optional<std::string> from_base64(std::string_view text);

// Percent-encode everything but RFC 3986 unreserved characters.
std::string url_encode(std::string_view text);

}  // namespace letterlock
