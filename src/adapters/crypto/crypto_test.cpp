#include "adapters/crypto/crypto.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/encoding.h"
#include "base/id.h"

namespace letterlock::crypto {
namespace {

// A folder of its own, removed at the end.
class CryptoFiles : public testing::Test {
 protected:
  CryptoFiles() { std::filesystem::create_directories(folder_); }
  ~CryptoFiles() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(file(name)) << text; }
  static unsigned mode_of(const std::string& path) {
    struct stat state{};
    EXPECT_EQ(::stat(path.c_str(), &state), 0);
    return state.st_mode & 0777U;
  }

 private:
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("letterlock-crypto-" + new_uuid());
};

using MasterKeyTest = CryptoFiles;
using ServiceToken = CryptoFiles;

TEST_F(MasterKeyTest, UnwrapsWhatItWrapped) {
  ASSERT_TRUE(MasterKey::create(file("master.key")));
  EXPECT_EQ(mode_of(file("master.key")), 0600U);
  auto key = MasterKey::load(file("master.key"));
  ASSERT_TRUE(key);
  const std::string secret("a\0b secret", 10);
  const auto wrapped = key->wrap(secret, "connection:1");
  EXPECT_FALSE(wrapped.contains("secret"));
  EXPECT_NE(wrapped, key->wrap(secret, "connection:1")) << "each wrapping has a nonce of its own";
  auto moved = *std::move(key);
  EXPECT_EQ(moved.unwrap(wrapped, "connection:1").value(), secret);
  EXPECT_EQ(moved.unwrap(moved.wrap("", "c"), "c").value(), "");
}

TEST_F(MasterKeyTest, MacsDifferByTextContextAndKey) {
  ASSERT_TRUE(MasterKey::create(file("one.key")));
  ASSERT_TRUE(MasterKey::create(file("two.key")));
  const auto one = MasterKey::load(file("one.key"));
  const auto two = MasterKey::load(file("two.key"));
  ASSERT_TRUE(one && two);
  const auto mac = one->mac("text", "a");
  EXPECT_EQ(mac.size(), 64U);
  EXPECT_EQ(one->mac("text", "a"), mac);
  EXPECT_NE(one->mac("texts", "a"), mac);
  EXPECT_NE(one->mac("text", "b"), mac);
  EXPECT_NE(two->mac("text", "a"), mac);
}

TEST_F(MasterKeyTest, RefusesAnotherContextAnotherKeyAndDamage) {
  ASSERT_TRUE(MasterKey::create(file("one.key")));
  ASSERT_TRUE(MasterKey::create(file("two.key")));
  const auto one = MasterKey::load(file("one.key"));
  const auto two = MasterKey::load(file("two.key"));
  ASSERT_TRUE(one && two);
  const auto wrapped = one->wrap("secret", "connection:1");
  EXPECT_FALSE(one->unwrap(wrapped, "connection:2"));
  EXPECT_FALSE(two->unwrap(wrapped, "connection:1"));
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    auto damaged = wrapped;
    damaged[i] ^= 1;
    EXPECT_FALSE(one->unwrap(damaged, "connection:1")) << "byte " << i;
  }
  for (std::size_t length = 0; length < wrapped.size(); ++length)
    EXPECT_FALSE(one->unwrap(std::string_view(wrapped).substr(0, length), "connection:1")) << "length " << length;
}

TEST_F(MasterKeyTest, NamesTheFileAndWhatIsWrongWithIt) {
  const auto missing = MasterKey::load(file("missing.key"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::invalid);
  EXPECT_TRUE(missing.error().message.contains("missing.key"));
  write("short.key", "abcd\n");
  const auto too_short = MasterKey::load(file("short.key"));
  ASSERT_FALSE(too_short);
  EXPECT_TRUE(too_short.error().message.contains("expected 64 hex digits, found 4")) << too_short.error().message;
  EXPECT_FALSE(too_short.error().message.contains("abcd"));
  write("words.key", std::string(64, 'z'));
  EXPECT_FALSE(MasterKey::load(file("words.key")));
  write("long.key", std::string(6400, 'a'));
  EXPECT_FALSE(MasterKey::load(file("long.key")));
  ASSERT_TRUE(MasterKey::create(file("master.key")));
  const auto again = MasterKey::create(file("master.key"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
}

TEST(Password, IsVerifiedAgainstItsHashOnly) {
  const auto hash = hash_password_interactive("correct horse");
  EXPECT_TRUE(hash.starts_with("$argon2id$"));
  EXPECT_TRUE(verify_password(hash, "correct horse"));
  EXPECT_FALSE(verify_password(hash, "correct horsf"));
  EXPECT_FALSE(verify_password(hash, ""));
  EXPECT_FALSE(verify_password("", "correct horse"));
  EXPECT_FALSE(verify_password(std::string(4000, 'x'), "correct horse"));
}

TEST(RandomBytes, DifferAndAreWiped) {
  auto bytes = random_bytes(32);
  EXPECT_EQ(bytes.size(), 32U);
  EXPECT_NE(bytes, random_bytes(32));
  EXPECT_TRUE(equal_in_constant_time(bytes, std::string(bytes)));
  EXPECT_FALSE(equal_in_constant_time(bytes, bytes + "x"));
  wipe(bytes);
  EXPECT_TRUE(bytes.empty());
}

TEST_F(ServiceToken, CarriesTargetTenantAndExpiry) {
  ASSERT_TRUE(ServiceTokenSigner::create(file("service.key"), file("service.pub")));
  EXPECT_EQ(mode_of(file("service.key")), 0600U);
  const auto signer = ServiceTokenSigner::load(file("service.key"));
  const auto verifier = ServiceTokenVerifier::load(file("service.pub"));
  ASSERT_TRUE(signer && verifier);
  const auto now = from_unix_micros(1'700'000'000'000'000);
  const auto token = signer->sign({.target = "storage", .tenant_id = "*", .expires_at = now + std::chrono::seconds(1)});
  EXPECT_TRUE(token.starts_with("ll1."));
  const auto claims = verifier->verify(token, now);
  ASSERT_TRUE(claims) << claims.error().message;
  EXPECT_EQ(claims->target, "storage");
  EXPECT_EQ(claims->tenant_id, "*");
  EXPECT_EQ(claims->expires_at, now + std::chrono::seconds(1));
  const auto late = verifier->verify(token, now + std::chrono::seconds(1));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::unauthenticated);
}

TEST_F(ServiceToken, IsRefusedWhenChangedOrSignedByAnother) {
  ASSERT_TRUE(ServiceTokenSigner::create(file("a.key"), file("a.pub")));
  ASSERT_TRUE(ServiceTokenSigner::create(file("b.key"), file("b.pub")));
  const auto signer = ServiceTokenSigner::load(file("a.key"));
  const auto verifier = ServiceTokenVerifier::load(file("a.pub"));
  const auto other = ServiceTokenVerifier::load(file("b.pub"));
  ASSERT_TRUE(signer && verifier && other);
  const auto now = from_unix_micros(0);
  const auto token = signer->sign({.target = "ingestion", .tenant_id = "t1", .expires_at = now + std::chrono::hours(1)});
  EXPECT_FALSE(other->verify(token, now));
  for (std::size_t i = 0; i < token.rfind('.'); ++i) {  // not the signature: its last base64 digit has spare bits
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verifier->verify(changed, now)) << "character " << i;
  }
  for (const auto* text : {"", ".", "ll1.", "ll1..", "ll1.x", "ll2.x.y"}) EXPECT_FALSE(verifier->verify(text, now)) << text;
}

class JwtTest : public testing::TestWithParam<JwtAlgorithm> {
 protected:
  static const KeyPair& keys() {
    static const KeyPair made = make_rsa_key(2048).value();
    return made;
  }
};

TEST_P(JwtTest, VerifiesWithThePublicKeyAndWithTheCertificate) {
  const auto token = sign_jwt(GetParam(), keys().private_key_pem, R"({"kid":"k1"})", R"({"iss":"a@b","exp":12})");
  ASSERT_TRUE(token) << token.error().message;
  const auto header = from_base64(token->substr(0, token->find('.')));
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->contains(R"("kid":"k1")")) << *header;
  EXPECT_TRUE(header->contains(GetParam() == JwtAlgorithm::ps256 ? R"("alg":"PS256")" : R"("alg":"RS256")")) << *header;
  const auto claims = verify_jwt(*token, keys().public_key_pem);
  ASSERT_TRUE(claims) << claims.error().message;
  EXPECT_TRUE(claims->contains("a@b"));
  const auto certificate = make_self_signed_certificate(keys().private_key_pem, "letterlock", std::chrono::days(30));
  ASSERT_TRUE(certificate) << certificate.error().message;
  EXPECT_TRUE(verify_jwt(*token, *certificate));
  EXPECT_EQ(certificate_sha256(*certificate).value().size(), 32U);
}

TEST_P(JwtTest, IsRefusedWhenChangedOrSignedByAnother) {
  const auto token = sign_jwt(GetParam(), keys().private_key_pem, "{}", R"({"iss":"a@b"})").value();
  const auto other = make_rsa_key(2048).value();
  const auto refused = verify_jwt(token, other.public_key_pem);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unauthenticated);
  const auto forged = token.substr(0, token.find('.')) + "." + to_base64url(R"({"iss":"x@b"})") + token.substr(token.rfind('.'));
  EXPECT_FALSE(verify_jwt(forged, keys().public_key_pem));
  const auto unsigned_token = to_base64url(R"({"alg":"none"})") + "." + to_base64url(R"({"iss":"a@b"})") + ".";
  EXPECT_FALSE(verify_jwt(unsigned_token, keys().public_key_pem));
  EXPECT_FALSE(verify_jwt("", keys().public_key_pem));
  EXPECT_FALSE(verify_jwt(token, ""));
  EXPECT_FALSE(verify_jwt(token, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
}

INSTANTIATE_TEST_SUITE_P(Algorithms, JwtTest, testing::Values(JwtAlgorithm::rs256, JwtAlgorithm::ps256));

TEST(Jwt, SaysWhatIsWrongWithAKey) {
  const auto bad = sign_jwt(JwtAlgorithm::rs256, "no key", "{}", "{}");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, ErrorKind::invalid);
  EXPECT_FALSE(sign_jwt(JwtAlgorithm::rs256, "", "{}", "{}"));
  EXPECT_FALSE(sign_jwt(JwtAlgorithm::rs256, make_rsa_key(2048).value().private_key_pem, "{}", "not json"));
  EXPECT_FALSE(make_rsa_key(512));
}

}  // namespace
}  // namespace letterlock::crypto
