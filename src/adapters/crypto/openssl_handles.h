#pragma once

// Private to this folder: OpenSSL's objects with owners, and its error queue as an Error.

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace letterlock::crypto {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using PublicOrPrivateKey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;

// OpenSSL's newest complaint as `invalid`; empties its queue, so that it does not turn up elsewhere.
inline std::unexpected<Error> openssl_failure(std::string_view doing) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
  ERR_clear_error();
  return fail(ErrorKind::invalid, std::string(doing) + ": " + text.data());
}

inline Bio memory_bio(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

inline std::string text_of(const Bio& bio) {
  char* start = nullptr;
  const auto length = BIO_get_mem_data(bio.get(), &start);
  return {start, static_cast<std::size_t>(length)};
}

// Never ask for a pass phrase on the terminal: an encrypted PEM is simply refused.
inline int no_pass_phrase(char*, int, int, void*) { return -1; }

}  // namespace letterlock::crypto
