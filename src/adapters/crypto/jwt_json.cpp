// libjwt 1.17 signs PS256 with RSASSA-PSS keys only, which neither Microsoft nor anybody's certificate uses: OpenSSL signs here itself.

#include <openssl/rsa.h>

#include <glaze/json.hpp>
#include <map>

#include "adapters/crypto/crypto.h"
#include "adapters/crypto/openssl_handles.h"
#include "base/encoding.h"

namespace letterlock::crypto {
namespace {

using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using JsonObject = std::map<std::string, glz::raw_json>;

// PSS with a salt as long as the digest, as RFC 7518 section 3.5 demands.
bool use_padding(EVP_PKEY_CTX* context, JwtAlgorithm algorithm) {
  if (algorithm == JwtAlgorithm::rs256) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

Result<JsonObject> object_from(std::string_view json, const char* what) {
  JsonObject object;
  if (!json.empty())
    if (const auto problem = glz::read_json(object, json))
      return fail(ErrorKind::invalid, std::string("JWT: the ") + what + " is no JSON object");
  return object;
}

Result<PublicOrPrivateKey> public_key_from(std::string_view pem) {
  const auto in = memory_bio(pem);
  PublicOrPrivateKey key;
  if (pem.contains("BEGIN CERTIFICATE")) {
    const Certificate certificate(PEM_read_bio_X509(in.get(), nullptr, no_pass_phrase, nullptr));
    if (certificate) key.reset(X509_get_pubkey(certificate.get()));
  } else {
    key.reset(PEM_read_bio_PUBKEY(in.get(), nullptr, no_pass_phrase, nullptr));
  }
  if (!key) return openssl_failure("reading a PEM public key or certificate");
  return key;
}

}  // namespace

Result<std::string> sign_jwt(JwtAlgorithm algorithm, std::string_view private_key_pem, std::string_view header_json_extra,
                             std::string_view claims_json) {
  auto header = TRY(object_from(header_json_extra, "header"));
  header["alg"] = glz::raw_json{algorithm == JwtAlgorithm::ps256 ? R"("PS256")" : R"("RS256")"};
  header["typ"] = glz::raw_json{R"("JWT")"};
  TRY(object_from(claims_json, "claims"));
  std::string header_json;
  if (glz::write_json(header, header_json)) return fail(ErrorKind::internal, "JWT: the header cannot be written");

  const auto in = memory_bio(private_key_pem);
  const PublicOrPrivateKey key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_pass_phrase, nullptr));
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
    return openssl_failure("JWT: reading the private key (RSA, in PEM, without a pass phrase)");
  auto signed_part = to_base64url(header_json) + "." + to_base64url(claims_json);
  const auto* input = reinterpret_cast<const unsigned char*>(signed_part.data());
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* padding = nullptr;
  std::size_t length = 0;
  if (EVP_DigestSignInit(context.get(), &padding, EVP_sha256(), nullptr, key.get()) != 1 || !use_padding(padding, algorithm) ||
      EVP_DigestSign(context.get(), nullptr, &length, input, signed_part.size()) != 1)
    return openssl_failure("JWT: signing");
  std::string signature(length, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, input, signed_part.size()) != 1)
    return openssl_failure("JWT: signing");
  signature.resize(length);
  return signed_part + "." + to_base64url(signature);
}

Result<std::string> verify_jwt(std::string_view token, std::string_view public_key_or_certificate_pem) {
  const auto refused = [](const char* why) { return fail(ErrorKind::unauthenticated, std::string("JWT: ") + why); };
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return refused("malformed");
  const auto header_json = from_base64(token.substr(0, first));
  const auto claims_json = from_base64(token.substr(first + 1, last - first - 1));
  const auto signature = from_base64(token.substr(last + 1));
  if (!header_json || !claims_json || !signature) return refused("malformed");
  const auto header = object_from(*header_json, "header");
  if (!header || !object_from(*claims_json, "claims")) return refused("malformed");
  // Only these two: an HMAC with the public key as its secret, or "none", must not pass.
  const auto alg = header->find("alg");
  if (alg == header->end() || (alg->second.str != R"("RS256")" && alg->second.str != R"("PS256")"))
    return refused("the algorithm is neither RS256 nor PS256");
  const auto algorithm = alg->second.str == R"("PS256")" ? JwtAlgorithm::ps256 : JwtAlgorithm::rs256;

  const auto key = TRY(public_key_from(public_key_or_certificate_pem));
  const auto signed_part = token.substr(0, last);
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* padding = nullptr;
  if (EVP_DigestVerifyInit(context.get(), &padding, EVP_sha256(), nullptr, key.get()) != 1 || !use_padding(padding, algorithm))
    return openssl_failure("JWT: verifying");
  const int verified = EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature->data()), signature->size(),
                                        reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size());
  ERR_clear_error();
  if (verified != 1) return refused("the signature is wrong");
  return *claims_json;
}

}  // namespace letterlock::crypto
