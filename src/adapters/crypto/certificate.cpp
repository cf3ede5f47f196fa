#include <openssl/rsa.h>

#include <format>

#include "adapters/crypto/crypto.h"
#include "adapters/crypto/openssl_handles.h"

namespace letterlock::crypto {

Result<std::string> certificate_sha256(std::string_view certificate_pem) {
  const auto in = memory_bio(certificate_pem);
  const Certificate certificate(PEM_read_bio_X509(in.get(), nullptr, no_pass_phrase, nullptr));
  if (!certificate) return openssl_failure("reading a PEM certificate");
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int length = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), reinterpret_cast<unsigned char*>(digest.data()), &length) != 1)
    return openssl_failure("hashing a certificate");
  digest.resize(length);
  return digest;
}

Result<KeyPair> make_rsa_key(int bits) {
  if (bits < 2048 || bits > 8192) return fail(ErrorKind::invalid, std::format("an RSA key of {} bits; 2048 to 8192 are allowed", bits));
  const PublicOrPrivateKey key(EVP_RSA_gen(static_cast<unsigned int>(bits)));
  if (!key) return openssl_failure("making an RSA key");
  const Bio private_out(BIO_new(BIO_s_secmem()));
  const Bio public_out(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PKCS8PrivateKey(private_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_PUBKEY(public_out.get(), key.get()) != 1)
    return openssl_failure("writing an RSA key");
  return KeyPair{.private_key_pem = text_of(private_out), .public_key_pem = text_of(public_out)};
}

Result<std::string> make_self_signed_certificate(std::string_view private_key_pem, std::string_view common_name, std::chrono::days valid) {
  const auto in = memory_bio(private_key_pem);
  const PublicOrPrivateKey key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_pass_phrase, nullptr));
  if (!key) return openssl_failure("reading a PEM private key");
  const Certificate certificate(X509_new());
  const auto serial = random_bytes(8);
  std::uint64_t serial_number = 0;
  for (const unsigned char byte : serial) serial_number = (serial_number << 8U) | byte;
  auto* name = X509_get_subject_name(certificate.get());
  const bool built = X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                     ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial_number >> 1U) == 1 &&
                     X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -300) != nullptr &&  // five minutes for clocks that differ
                     X509_time_adj_ex(X509_getm_notAfter(certificate.get()), static_cast<int>(valid.count()), 0, nullptr) != nullptr &&
                     X509_set_pubkey(certificate.get(), key.get()) == 1 &&
                     X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.data()),
                                                static_cast<int>(common_name.size()), -1, 0) == 1 &&
                     X509_set_issuer_name(certificate.get(), name) == 1 && X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0;
  if (!built) return openssl_failure("making a certificate");
  const Bio out(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(out.get(), certificate.get()) != 1) return openssl_failure("writing a certificate");
  return text_of(out);
}

}  // namespace letterlock::crypto
