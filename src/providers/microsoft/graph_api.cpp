#include "providers/microsoft/graph_api.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "adapters/crypto/crypto.h"
#include "base/encoding.h"
#include "base/id.h"

namespace letterlock::providers {
namespace {

constexpr std::size_t page_bytes_max = 256 << 20;  // 50 messages with their bodies

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// AADSTS codes that pass by themselves: throttled, outage, loop.
bool is_passing_code(const MicrosoftToken& answer) {
  static constexpr std::array<std::int64_t, 3> codes{90055, 90033, 50196};
  return answer.error == "temporarily_unavailable" ||
         std::ranges::any_of(answer.error_codes, [](std::int64_t code) { return std::ranges::contains(codes, code); });
}

// Microsoft compares its own codes in any case, and so do we. https://learn.microsoft.com/graph/errors (seen 2026-11)
Error error_of(const http::ClientResponse& response, const std::string& what) {
  const auto body = read_graph_error(response.body);
  const std::string code = lower(body.code);
  Error error{.kind = ErrorKind::invalid, .message = what + " answered " + std::to_string(response.status)};
  if (!body.code.empty()) error.message += " " + body.code + " (" + body.message.substr(0, 200) + ")";
  const auto is = [&](std::initializer_list<std::string_view> codes) { return std::ranges::contains(codes, std::string_view(code)); };

  if (response.status == 410 || is({"syncstatenotfound", "resyncrequired", "syncstateinvalid"})) {
    error.kind = ErrorKind::not_found, error.code = code_resync;
  } else if (is({"mailboxnotenabledforrestapi", "errorinvaliduser", "request_resourcenotfound", "resourcenotfound",
                 "mailboxnotsupportedforrestapi", "errornonexistentmailbox"})) {
    error.kind = ErrorKind::not_found, error.code = "no_mailbox";
  } else if (response.status == 401) {
    error.kind = ErrorKind::unauthenticated;
  } else if (response.status == 403) {
    error.kind = ErrorKind::forbidden;
    if (is({"erroraccessdenied"})) error.code = "mailbox_failed";  // scoped per mailbox by Exchange; the directory's word differs
  } else if (response.status == 404 && !code.empty()) {
    error.kind = ErrorKind::not_found, error.code = code_item_missing;
  } else if (response.status == 400 && !code.empty()) {
    error.code = code_bad_item;
  } else {
    error.message += ": this is not Microsoft Graph";
  }
  return error;
}

}  // namespace

GraphApi::GraphApi(MicrosoftSettings settings, MicrosoftSecret secret, http::Client& client, Clock& clock, Metrics& metrics,
                   const ProviderOptions& options)
    : settings_(std::move(settings)),
      secret_(std::move(secret)),
      origin_(http::origin_of(settings_.graph_root)),
      in_flight_(options.microsoft_in_flight),
      clock_(clock),
      caller_(client, clock, metrics,
              {.provider = "microsoft",
               .backoff = options.backoff,
               .retry_after_wait_max = options.retry_after_wait_max,
               .timeout = options.request_timeout}),
      tokens_(clock) {}

Authorization GraphApi::authorization(const std::stop_token& stop) {
  return {.get = [this, stop] { return tokens_.get("graph", [&] { return fetch_token(stop); }); },
          .refuse = [this](const std::string& token) { tokens_.refuse("graph", token); }};
}

Result<AccessToken> GraphApi::fetch_token(const std::stop_token& stop) {
  const std::string url = settings_.login_root + "/" + url_encode(settings_.tenant) + "/oauth2/v2.0/token";
  std::vector<std::pair<std::string, std::string>> form{
      {"client_id", settings_.client_id}, {"scope", settings_.graph_root + "/.default"}, {"grant_type", "client_credentials"}};
  if (!secret_.client_secret.empty()) {
    form.emplace_back("client_secret", secret_.client_secret);
  } else {
    auto thumbprint = crypto::certificate_sha256(secret_.certificate_pem);
    if (!thumbprint) return std::unexpected(std::move(thumbprint).error().during("microsoft secret: reading \"certificate_pem\""));
    auto assertion = crypto::sign_jwt(crypto::JwtAlgorithm::ps256, secret_.private_key_pem, write_assertion_header(*thumbprint),
                                      write_assertion_claims(settings_.client_id, url, clock_.now()));
    if (!assertion) return std::unexpected(std::move(assertion).error().during("microsoft secret: signing with \"private_key_pem\""));
    form.emplace_back("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    form.emplace_back("client_assertion", *assertion);
  }
  auto response = TRY(caller_.call(
      {.method = "POST", .url = url, .headers = {{"Content-Type", "application/x-www-form-urlencoded"}}, .body = http::form_encode(form)},
      {}, stop));
  const std::string what = url + " answered " + std::to_string(response.status);
  auto answer = read_microsoft_token(response.body);
  if (!answer || (answer->access_token.empty() && answer->error.empty()))
    return fail(ErrorKind::invalid, what + ", and not as Microsoft's token endpoint does: is \"login_root\" right?");
  if (response.status == 200 && !answer->access_token.empty())
    return AccessToken{.value = answer->access_token, .expires_at = clock_.now() + std::chrono::seconds(answer->expires_in)};

  const auto first_line = answer->error_description.substr(0, answer->error_description.find_first_of("\r\n"));
  const std::string message = what + " " + answer->error + " (" + first_line.substr(0, 200) + ")";
  if (is_passing_code(*answer)) return fail(ErrorKind::unavailable, message);
  const auto code = answer->error_codes.empty() ? 0 : answer->error_codes.front();
  if (code == 90002) return fail(ErrorKind::invalid, message + ": \"tenant\" " + settings_.tenant + " does not exist");
  if (code == 70011 || code == 1002012) return fail(ErrorKind::invalid, message + ": is \"graph_root\" right?");
  return fail(ErrorKind::unauthenticated, message);
}

Result<http::ClientRequest> GraphApi::request_of(const std::string& link) const {
  http::ClientRequest request{.url = link.starts_with('/') ? settings_.graph_root + "/v1.0" + link : link};
  if (http::origin_of(request.url) != origin_ || origin_.empty())
    return fail(ErrorKind::invalid, "microsoft: refused a link to " + http::origin_of(request.url) + ", which is not " + origin_);
  // Headers are not part of a delta token: they go with every request.
  request.headers = {
      {"Prefer", "odata.maxpagesize=50, IdType=\"ImmutableId\""}, {"Accept", "application/json"}, {"client-request-id", new_uuid()}};
  request.body_bytes_max = page_bytes_max;
  return request;
}

Result<std::string> GraphApi::get(const std::string& link, const std::stop_token& stop) {
  auto response = TRY(caller_.call(TRY(request_of(link)), authorization(stop), stop));
  if (response.status != 200) return std::unexpected(error_of(response, "graph " + shown_url(link)));
  return std::move(response.body);
}

std::vector<Result<std::string>> GraphApi::get_all(const std::vector<std::string>& links, const std::stop_token& stop) {
  std::vector<Result<std::string>> bodies;
  std::vector<http::ClientRequest> requests;
  for (const auto& link : links) {
    auto request = request_of(link);
    CHECK(request.has_value());  // paths of our own
    requests.push_back(std::move(*request));
  }
  auto responses = caller_.call_all(requests, authorization(stop), in_flight_, stop);
  for (std::size_t i = 0; i < responses.size(); ++i) {
    if (!responses[i])
      bodies.push_back(std::unexpected(std::move(responses[i]).error()));
    else if (responses[i]->status != 200)
      bodies.push_back(std::unexpected(error_of(*responses[i], "graph " + shown_url(links[i]))));
    else
      bodies.push_back(std::move(responses[i]->body));
  }
  return bodies;
}

}  // namespace letterlock::providers
