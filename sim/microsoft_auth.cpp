#include "sim/microsoft_auth.h"

#include "adapters/crypto/crypto.h"
#include "base/encoding.h"
#include "base/id.h"
#include "sim/mime_reader.h"
#include "sim/reply.h"

namespace letterlock::sim {

MicrosoftAuth::MicrosoftAuth(MicrosoftRegistration registration, std::chrono::seconds token_life, Clock& clock)
    : registration_(std::move(registration)), token_life_(token_life), clock_(clock) {}

bool MicrosoftAuth::knows(std::string_view tenant) const {
  return equal_ignoring_case(tenant, registration_.tenant) || equal_ignoring_case(tenant, registration_.domain);
}

http::Response entra_error(int status, std::string_view error, int code, std::string_view text, TimePoint now) {
  auto when = to_rfc3339(now).substr(0, 19);
  when[10] = ' ';
  when += 'Z';
  const auto trace = new_uuid(), correlation = new_uuid();
  const auto description = "AADSTS" + std::to_string(code) + ": " + std::string(text) + "\r\nTrace ID: " + trace +
                           "\r\nCorrelation ID: " + correlation + "\r\nTimestamp: " + when;
  return {
      .status = status,
      .headers = {{"Content-Type", "application/json; charset=utf-8"}, {"Cache-Control", "no-store, no-cache"}, {"x-ms-request-id", trace}},
      .body = Json::object({{"error", error},
                            {"error_description", description},
                            {"error_codes", Json::array({code})},
                            {"timestamp", when},
                            {"trace_id", trace},
                            {"correlation_id", correlation},
                            {"error_uri", "https://login.microsoftonline.com/error?code=" + std::to_string(code)}})
                  .dump()};
}

http::Response MicrosoftAuth::error(int status, std::string_view error, int code, std::string_view text) const {
  return entra_error(status, error, code, text, clock_.now());
}

std::optional<http::Response> MicrosoftAuth::check_assertion(const http::Request& request, const std::string& tenant,
                                                             const std::string& assertion) const {
  const auto pieces = split(assertion, '.');
  const auto header_text = pieces.size() == 3 ? from_base64(pieces[0]) : std::nullopt;
  const auto header = header_text ? Json::parse(*header_text) : std::nullopt;
  const auto claims_text = pieces.size() == 3 ? from_base64(pieces[1]) : std::nullopt;
  const auto claims = claims_text ? Json::parse(*claims_text) : std::nullopt;
  if (!header || !claims) return error(401, "invalid_client", 50027, "JWT token is invalid or malformed.");
  const auto algorithm = header->text("alg");
  if (algorithm != "PS256" && algorithm != "RS256")
    return error(401, "invalid_client", 5002730, "Invalid JWT token. Unsupported key for the signing algorithm.");
  const auto own = crypto::certificate_sha256(registration_.certificate_pem);
  const auto thumbprint = header->find("x5t#S256") ? from_base64(header->text("x5t#S256")) : std::nullopt;
  const bool named = thumbprint ? own && *thumbprint == *own : header->find("x5t") != nullptr;  // SHA-1: the signature decides
  if (!named || !crypto::verify_jwt(assertion, registration_.certificate_pem))
    return error(401, "invalid_client", 700027,
                 "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key "
                 "was not found.]");
  if (claims->text("iss") != registration_.client_id || claims->text("sub") != registration_.client_id)
    return error(401, "invalid_client", 700021, "Client assertion application identifier doesn't match 'client_id' parameter.");
  const auto path = "/" + tenant + "/oauth2/v2.0/token";
  const auto audience = claims->text("aud");
  if (audience != "https://login.microsoftonline.com" + path && !is_own_url(request, audience, path))
    return error(401, "invalid_client", 700023, "Client assertion audience claim does not match Realm issuer.");
  const auto now = to_unix_micros(clock_.now()) / 1'000'000;
  if (claims->number("exp", 0) < now || claims->number("nbf", 0) > now + 300 || claims->number("exp", 0) > now + 86'400)
    return error(401, "invalid_client", 700024, "Client assertion is not within its valid time range.");
  return std::nullopt;
}

http::Response MicrosoftAuth::token(const http::Request& request, const std::string& tenant) {
  const auto form = read_form(request.body);
  if (!knows(tenant))
    return error(400, "invalid_request", 90002,
                 "Tenant '" + valid_utf8(tenant) +
                     "' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.");
  if (field(form, "grant_type") != "client_credentials")
    return error(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.");
  if (field(form, "client_id") != registration_.client_id)
    return error(
        400, "unauthorized_client", 700016,
        "Application with identifier '" + valid_utf8(field(form, "client_id")) + "' was not found in the directory '" + tenant + "'.");
  const auto scope = field(form, "scope");
  if (!scope.ends_with("/.default"))
    return error(400, "invalid_scope", 1002012,
                 "The provided value for scope " + valid_utf8(scope) +
                     " is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.");
  const auto resource = scope.substr(0, scope.size() - 9);
  if (resource != "https://graph.microsoft.com" && !is_own_url(request, resource, ""))
    return error(400, "invalid_resource", 500011, "The resource principal named " + valid_utf8(resource) + " was not found in the tenant.");
  const auto assertion = field(form, "client_assertion");
  if (!assertion.empty()) {
    if (field(form, "client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
      return error(401, "invalid_client", 700025, "The client_assertion_type is not valid.");
    if (auto refused = check_assertion(request, tenant, assertion)) return *refused;
  } else if (field(form, "client_secret").empty()) {
    return error(401, "invalid_client", 7000216,
                 "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.");
  } else if (field(form, "client_secret") != registration_.client_secret) {
    return error(401, "invalid_client", 7000215,
                 "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client "
                 "secret ID.");
  }
  const auto now = to_unix_micros(clock_.now()) / 1'000'000;
  Json roles = Json::array();
  for (const auto& role : registration_.roles) roles.push(role);
  const auto claims = Json::object({{"aud", "https://graph.microsoft.com"},
                                    {"iss", "https://sts.windows.net/" + registration_.tenant + "/"},
                                    {"iat", now},
                                    {"nbf", now},
                                    {"exp", now + token_life_.count()},
                                    {"appid", registration_.client_id},
                                    {"idtyp", "app"},
                                    {"oid", new_uuid()},
                                    {"roles", std::move(roles)},
                                    {"tid", registration_.tenant},
                                    {"uti", to_base64url(crypto::random_bytes(16))},
                                    {"ver", "1.0"}});
  auto signed_token = crypto::sign_jwt(crypto::JwtAlgorithm::rs256, registration_.private_key_pem, R"({"typ":"JWT"})", claims.dump());
  if (!signed_token) return error(500, "server_error", 90033, "A transient error has occurred. Please try again.");
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(tokens_, [&](const auto& entry) { return entry.second < clock_.now(); });
    tokens_.emplace(*signed_token, clock_.now() + token_life_);
  }
  return {.headers = {{"Content-Type", "application/json; charset=utf-8"},
                      {"Cache-Control", "no-store, no-cache"},
                      {"x-ms-request-id", new_uuid()}},
          .body = Json::object({{"token_type", "Bearer"},
                                {"expires_in", token_life_.count()},
                                {"ext_expires_in", token_life_.count()},
                                {"access_token", *signed_token}})
                      .dump()};
}

http::Response MicrosoftAuth::openid_configuration(const http::Request& request, const std::string& tenant) const {
  if (!knows(tenant)) return error(400, "invalid_tenant", 90002, "Tenant '" + valid_utf8(tenant) + "' not found.");
  // MSAL follows these links, so they keep the scheme it came with.
  const auto root = own_root(request) + "/" + tenant;
  return {.headers = {{"Content-Type", "application/json; charset=utf-8"}},
          .body = Json::object({{"token_endpoint", root + "/oauth2/v2.0/token"},
                                {"token_endpoint_auth_methods_supported",
                                 Json::array({"client_secret_post", "private_key_jwt", "client_secret_basic"})},
                                {"jwks_uri", root + "/discovery/v2.0/keys"},
                                {"response_types_supported", Json::array({"code", "id_token"})},
                                {"subject_types_supported", Json::array({"pairwise"})},
                                {"id_token_signing_alg_values_supported", Json::array({"RS256"})},
                                {"issuer", "https://login.microsoftonline.com/" + registration_.tenant + "/v2.0"},
                                {"authorization_endpoint", root + "/oauth2/v2.0/authorize"},
                                {"device_authorization_endpoint", root + "/oauth2/v2.0/devicecode"},
                                {"tenant_region_scope", "EU"},
                                {"cloud_instance_name", "microsoftonline.com"},
                                {"msgraph_host", "graph.microsoft.com"}})
                      .dump()};
}

std::optional<std::set<std::string>> MicrosoftAuth::check(std::string_view authorization) const {
  if (authorization.size() < 7 || !equal_ignoring_case(authorization.substr(0, 7), "bearer ")) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(authorization.substr(7));
  if (found == tokens_.end() || found->second <= clock_.now()) return std::nullopt;
  return registration_.roles;
}

void MicrosoftAuth::expire_all() {
  const std::lock_guard lock(mutex_);
  tokens_.clear();
}

void MicrosoftAuth::expire(std::string_view authorization) {
  const std::lock_guard lock(mutex_);
  if (const auto found = tokens_.find(authorization.substr(std::min<std::size_t>(7, authorization.size()))); found != tokens_.end())
    tokens_.erase(found);
}

}  // namespace letterlock::sim
