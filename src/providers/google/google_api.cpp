#include "providers/google/google_api.h"

#include <algorithm>
#include <array>

#include "adapters/crypto/crypto.h"
#include "base/encoding.h"

namespace letterlock::providers {
namespace {

constexpr std::string_view scope_directory = "https://www.googleapis.com/auth/admin.directory.user.readonly";
constexpr std::string_view scope_mail = "https://www.googleapis.com/auth/gmail.readonly";

// https://developers.google.com/workspace/gmail/api/guides/handle-errors (seen 2026-11): quotas answer 403 as well as 429.
bool is_rate_limit(const http::ClientResponse& response) {
  static constexpr std::array<std::string_view, 4> reasons{"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "backendError"};
  return response.status == 403 && std::ranges::contains(reasons, read_google_error(response.body).reason);
}

// "Precondition check failed." comes and goes on a small share of gets; "Mail service not enabled" stays.
bool is_passing(const http::ClientResponse& response) {
  return response.status == 400 && read_google_error(response.body).message == "Precondition check failed.";
}

Error mailbox_error(ErrorKind kind, std::string message, std::string_view code) {
  return {.kind = kind, .message = std::move(message), .code = std::string(code)};
}

// What an answer other than 200 means. address: the mailbox, or empty for the directory.
Error error_of(const http::ClientResponse& response, const std::string& what) {
  const auto error = read_google_error(response.body);
  const bool is_mail = what.starts_with("gmail");
  std::string message = what + " answered " + std::to_string(response.status);
  if (!error.message.empty()) message += " (" + error.message.substr(0, 200) + ")";
  switch (response.status) {
    case 400:
      if (is_mail && (error.reason == "failedPrecondition" || error.status == "FAILED_PRECONDITION") &&
          error.message != "Precondition check failed.")
        return mailbox_error(ErrorKind::not_found, std::move(message), "no_mailbox");
      return mailbox_error(ErrorKind::invalid, std::move(message), code_bad_request);
    case 401:
      return {.kind = ErrorKind::unauthenticated, .message = std::move(message)};
    case 403:
      if (is_mail && error.message.starts_with("Delegation denied"))
        return mailbox_error(ErrorKind::forbidden, std::move(message), "mailbox_failed");
      if (is_mail && error.reason == "domainPolicy") return mailbox_error(ErrorKind::not_found, std::move(message), "no_mailbox");
      return {.kind = ErrorKind::forbidden, .message = std::move(message)};
    case 404:
      if (error.message.empty()) return {.kind = ErrorKind::invalid, .message = std::move(message) + ": this is not Google's API"};
      return mailbox_error(ErrorKind::not_found, std::move(message), code_missing);
    default:
      return {.kind = ErrorKind::invalid, .message = std::move(message) + ": this is not Google's API"};
  }
}

}  // namespace

GoogleApi::GoogleApi(GoogleSettings settings, GoogleKey key, http::Client& client, Clock& clock, Metrics& metrics,
                     const ProviderOptions& options)
    : settings_(std::move(settings)),
      key_(std::move(key)),
      in_flight_(options.google_in_flight),
      clock_(clock),
      caller_(client, clock, metrics,
              {.provider = "google",
               .backoff = options.backoff,
               .retry_after_wait_max = options.retry_after_wait_max,
               .timeout = options.request_timeout,
               .is_rate_limit = is_rate_limit,
               .is_passing = is_passing}),
      tokens_(clock) {}

Authorization GoogleApi::authorization(const std::string& subject, const std::string& scope, bool is_mailbox, const std::stop_token& stop) {
  const std::string key = scope + " " + subject;
  return {.get = [=, this] { return tokens_.get(key, [&] { return fetch_token(subject, scope, is_mailbox, stop); }); },
          .refuse = [=, this](const std::string& token) { tokens_.refuse(key, token); }};
}

Result<AccessToken> GoogleApi::fetch_token(const std::string& subject, const std::string& scope, bool is_mailbox,
                                           const std::stop_token& stop) {
  auto assertion = crypto::sign_jwt(crypto::JwtAlgorithm::rs256, key_.private_key, write_google_header(key_),
                                    write_google_claims(key_, subject, scope, clock_.now()));
  if (!assertion) return std::unexpected(std::move(assertion).error().during("google secret: signing with \"private_key\""));
  const http::ClientRequest request{
      .method = "POST",
      .url = settings_.token_url,
      .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
      .body = http::form_encode({{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", *assertion}})};
  auto response = TRY(caller_.call(request, {}, stop));
  auto answer = read_google_token(response.body);
  const std::string what = shown_url(settings_.token_url) + " answered " + std::to_string(response.status);
  if (!answer || (answer->access_token.empty() && answer->error.empty()))
    return fail(ErrorKind::invalid, what + ", and not as Google's token endpoint does: is \"token_url\" right?");
  if (response.status == 200 && !answer->access_token.empty())
    return AccessToken{.value = answer->access_token, .expires_at = clock_.now() + std::chrono::seconds(answer->expires_in)};

  const std::string& description = answer->error_description;
  const std::string message = what + " " + answer->error + " (" + description.substr(0, 200) + ")";
  const auto says = [&](std::string_view text) { return description.contains(text); };
  // The strings are Google's own, seen in the field by GAM (gamlib/glapi.py, 2026-11).
  const bool is_user_level = (answer->error == "invalid_grant" &&
                              (says("Invalid email or User ID") || says("Not a valid email") || says("The account has been deleted"))) ||
                             answer->error == "invalid_account" || (answer->error == "invalid_request" && says("impersonation"));
  if (is_user_level) {
    if (is_mailbox) return fail(mailbox_error(ErrorKind::not_found, message, "no_mailbox"));
    return fail(ErrorKind::unauthenticated, message + ": \"admin_email\" " + subject + " cannot be impersonated");
  }
  if (answer->error == "access_denied") return fail(ErrorKind::forbidden, message);
  if (answer->error == "unauthorized_client")
    return fail(ErrorKind::unauthenticated, message + ": domain-wide delegation of the service account lacks this scope: " + scope);
  if (says("short-lived token")) return fail(ErrorKind::unauthenticated, message + ": is this machine's clock right?");
  return fail(ErrorKind::unauthenticated, message);
}

Result<GoogleUsers> GoogleApi::list_users(int page_size, const std::string& page_token, const std::stop_token& stop) {
  std::string url = settings_.directory_root + "/admin/directory/v1/users?customer=" + url_encode(settings_.customer) +
                    "&maxResults=" + std::to_string(page_size) + "&projection=full&orderBy=email";
  if (!page_token.empty()) url += "&pageToken=" + url_encode(page_token);
  auto response =
      TRY(caller_.call({.url = std::move(url)}, authorization(settings_.admin_email, std::string(scope_directory), false, stop), stop));
  if (response.status != 200) return std::unexpected(error_of(response, "directory users.list"));
  return read_google_users(response.body);
}

std::string GoogleApi::mail_url(const std::string& address, const std::string& path_and_query) const {
  return settings_.gmail_root + "/gmail/v1/users/" + url_encode(address) + path_and_query;
}

Result<std::string> GoogleApi::get_mail(const std::string& address, const std::string& path_and_query, const std::stop_token& stop) {
  auto response =
      TRY(caller_.call({.url = mail_url(address, path_and_query)}, authorization(address, std::string(scope_mail), true, stop), stop));
  if (response.status != 200) return std::unexpected(error_of(response, "gmail " + shown_url(path_and_query)));
  return std::move(response.body);
}

std::vector<Result<std::string>> GoogleApi::get_mail_all(const std::string& address, const std::vector<std::string>& paths_and_queries,
                                                         std::size_t body_bytes_max, const std::stop_token& stop) {
  std::vector<http::ClientRequest> requests;
  for (const auto& path : paths_and_queries) requests.push_back({.url = mail_url(address, path), .body_bytes_max = body_bytes_max});
  auto responses = caller_.call_all(requests, authorization(address, std::string(scope_mail), true, stop), in_flight_, stop);
  std::vector<Result<std::string>> bodies;
  for (std::size_t i = 0; i < responses.size(); ++i) {
    if (!responses[i])
      bodies.push_back(std::unexpected(std::move(responses[i]).error()));
    else if (responses[i]->status != 200)
      bodies.push_back(std::unexpected(error_of(*responses[i], "gmail " + shown_url(paths_and_queries[i]))));
    else
      bodies.push_back(std::move(responses[i]->body));
  }
  return bodies;
}

}  // namespace letterlock::providers
