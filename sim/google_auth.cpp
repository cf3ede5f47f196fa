#include "sim/google_auth.h"

#include "adapters/crypto/crypto.h"
#include "base/encoding.h"
#include "sim/google_reply.h"
#include "sim/mime_reader.h"
#include "sim/reply.h"

namespace letterlock::sim {

using google::oauth_error;

namespace {

// What the administrator has delegated to this service account (all of what Letterlock may want, and no more).
bool is_delegated(std::string_view scope) {
  static constexpr std::string_view delegated[] = {
      "https://www.googleapis.com/auth/admin.directory.user.readonly", "https://www.googleapis.com/auth/gmail.readonly",
      "https://www.googleapis.com/auth/gmail.metadata", "https://www.googleapis.com/auth/admin.reports.audit.readonly"};
  return std::ranges::find(delegated, scope) != std::end(delegated);
}

}  // namespace

GoogleAuth::GoogleAuth(const GoogleState& state, GoogleKey key, std::chrono::seconds token_life, Clock& clock)
    : state_(state), key_(std::move(key)), token_life_(token_life), clock_(clock) {}

http::Response GoogleAuth::token(const http::Request& request) {
  const auto form = read_form(request.body);
  if (field(form, "grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer")
    return oauth_error(400, "unsupported_grant_type", "Invalid grant_type: " + field(form, "grant_type"));
  const auto assertion = field(form, "assertion");
  const auto pieces = split(assertion, '.');
  if (pieces.size() != 3) return oauth_error(400, "invalid_grant", "Bad Request");
  const auto header_text = from_base64(pieces[0]);
  const auto header = header_text ? Json::parse(*header_text) : std::nullopt;
  const auto claims_text = from_base64(pieces[1]);
  const auto claims = claims_text ? Json::parse(*claims_text) : std::nullopt;
  if (!header || !claims) return oauth_error(400, "invalid_grant", "Bad Request");
  if (claims->text("iss") != key_.client_email)
    return oauth_error(400, "invalid_grant", "Invalid JWT: No valid verifier found for issuer.");
  if (header->text("alg") != "RS256" || !crypto::verify_jwt(assertion, key_.public_key_pem))
    return oauth_error(400, "invalid_grant", "Invalid JWT Signature.");

  const auto now = to_unix_micros(clock_.now()) / 1'000'000;
  const auto issued = claims->number("iat", 0);
  const auto expires = claims->number("exp", 0);
  if (issued > now + 300 || expires < now || expires - issued > 3600)
    return oauth_error(400, "invalid_grant",
                       "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp "
                       "values in the JWT claim.");
  const auto audience = claims->text("aud");
  if (audience != "https://oauth2.googleapis.com/token" && audience != "https://accounts.google.com/o/oauth2/token" &&
      !is_own_url(request, audience, "/token"))
    return oauth_error(400, "invalid_grant",
                       "Invalid JWT: Failed audience check. The right audience is https://oauth2.googleapis.com/token");

  GoogleToken token{.expires_at = clock_.now() + token_life_};
  for (const auto& scope : split(claims->text("scope"), ' ')) {
    if (!is_delegated(scope))
      return oauth_error(
          401, "unauthorized_client",
          "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.");
    token.scopes.insert(scope);
  }
  if (token.scopes.empty()) return oauth_error(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.");
  const auto subject = claims->text("sub");
  if (!subject.empty()) {
    const auto* user = state_.user(subject);
    if (!user || subject.find('@') == std::string::npos) return oauth_error(400, "invalid_grant", "Invalid email or User ID");
    token.subject = user->person.address;
  }
  const auto value = "ya29.c.sim-" + to_base64url(crypto::random_bytes(48));
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(tokens_, [&](const auto& entry) { return entry.second.expires_at < clock_.now(); });
    tokens_.emplace(value, std::move(token));
  }
  return {
      .headers = {{"Content-Type", "application/json; charset=utf-8"}, {"Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"}},
      .body = Json::object({{"access_token", value}, {"expires_in", token_life_.count()}, {"token_type", "Bearer"}}).dump()};
}

std::optional<GoogleToken> GoogleAuth::check(std::string_view authorization) const {
  if (authorization.size() < 7 || !equal_ignoring_case(authorization.substr(0, 7), "bearer ")) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(authorization.substr(7));
  if (found == tokens_.end() || found->second.expires_at <= clock_.now()) return std::nullopt;
  return found->second;
}

void GoogleAuth::expire_all() {
  const std::lock_guard lock(mutex_);
  tokens_.clear();
}

void GoogleAuth::expire(std::string_view authorization) {
  const std::lock_guard lock(mutex_);
  if (const auto found = tokens_.find(authorization.substr(std::min<std::size_t>(7, authorization.size()))); found != tokens_.end())
    tokens_.erase(found);
}

}  // namespace letterlock::sim
