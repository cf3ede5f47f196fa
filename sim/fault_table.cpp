#include "sim/fault_table.h"

#include <algorithm>
#include <array>

#include "sim/reply.h"

namespace letterlock::sim {
namespace {

using enum FaultEffect;
using enum FaultGroup;

constexpr std::string_view unauthorized_client =
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.";
constexpr std::string_view short_lived =
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values and use a "
    "clock with skew to account for clock differences between systems.";
constexpr std::string_view user_quota =
    "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service 'gmail.googleapis.com' for consumer "
    "'project_number:108412257790'.";
constexpr std::string_view gmail_lists = "messages.list history.list";
constexpr std::string_view gmail_items = "messages.get attachments.get";
constexpr std::string_view graph_items = "messages.get messages.value messages.attachments";

constexpr FaultKind kinds[] = {
    // Google: passing
    {"rate-limited", "google", passing, "api", answer, 429, "rateLimitExceeded", "Resource has been exhausted (e.g. check quota).", "", ""},
    {"rate-limited-seconds", "google", passing, "api", answer, 429, "rateLimitExceeded", "Resource has been exhausted (e.g. check quota).",
     "seconds", ""},
    {"rate-limited-date", "google", passing, "api", answer, 429, "rateLimitExceeded", "Resource has been exhausted (e.g. check quota).",
     "date", ""},
    {"too-many-concurrent", "google", passing, "messages.get attachments.get messages.list history.list", answer, 429, "rateLimitExceeded",
     "Too many concurrent requests for user.", "", ""},
    {"quota-exceeded", "google", passing, "api", answer, 403, "rateLimitExceeded", user_quota, "", ""},
    {"quota-exceeded-old", "google", passing, "api", answer, 403, "userRateLimitExceeded", "User Rate Limit Exceeded", "", ""},
    {"precondition-once", "google", passing, "messages.get", answer, 400, "failedPrecondition", "Precondition check failed.", "", ""},
    {"backend-error", "google", passing, "api", answer, 500, "backendError", "Backend Error", "", ""},
    {"backend-error-empty", "google", passing, "api", answer, 500, "", "", "", "none"},
    {"bad-gateway", "google", passing, "api", answer, 502, "", "", "", "html"},
    {"bad-gateway-empty", "google", passing, "api", answer, 502, "", "", "", "none"},
    {"unavailable", "google", passing, "api", answer, 503, "backendError", "The service is currently unavailable.", "", ""},
    {"unavailable-seconds", "google", passing, "api", answer, 503, "backendError", "The service is currently unavailable.", "seconds", ""},
    {"unavailable-empty", "google", passing, "api", answer, 503, "", "", "", "none"},
    {"gateway-timeout", "google", passing, "api", answer, 504, "backendError", "Gateway Timeout", "", ""},
    {"gateway-timeout-empty", "google", passing, "api", answer, 504, "", "", "", "none"},
    {"token-expired", "google", passing, "api", expire_token, 401, "", "", "", ""},
    {"slow-body", "google", passing, "api", slow, 0, "", "", "", ""},
    {"cut-body", "google", passing, "api", cut, 0, "", "", "", ""},
    // Google: the token endpoint
    {"delegation-missing", "google", token, "token", answer, 401, "unauthorized_client", unauthorized_client, "", ""},
    {"delegation-missing-old", "google", token, "token", answer, 401, "unauthorized_client", "Unauthorized client or scope in request.", "",
     ""},
    {"subject-unknown", "google", token, "token", answer, 400, "invalid_grant", "Invalid email or User ID", "", ""},
    {"subject-not-valid", "google", token, "token", answer, 400, "invalid_grant", "Not a valid email", "", ""},
    {"account-deleted", "google", token, "token", answer, 400, "invalid_grant", "The account has been deleted", "", ""},
    {"clock-skew", "google", token, "token", answer, 400, "invalid_grant", short_lived, "", ""},
    {"bad-signature", "google", token, "token", answer, 400, "invalid_grant", "Invalid JWT Signature.", "", ""},
    {"issuer-unknown", "google", token, "token", answer, 400, "invalid_grant", "Invalid JWT: No valid verifier found for issuer.", "", ""},
    {"bad-request", "google", token, "token", answer, 400, "invalid_grant", "Bad Request", "", ""},
    {"client-not-authorized", "google", token, "token", answer, 403, "access_denied", "Requested client not authorized", "", ""},
    {"account-restricted", "google", token, "token", answer, 403, "access_denied", "Account restricted", "", ""},
    {"impersonation-invalid", "google", token, "token", answer, 400, "invalid_request", "Invalid impersonation prn email address.", "", ""},
    {"account-forbidden", "google", token, "token", answer, 401, "invalid_account", "Forbidden", "", ""},
    {"token-backend-error", "google", token, "token", answer, 500, "internal_failure", "Backend Error", "", ""},
    {"token-backend-none", "google", token, "token", answer, 500, "internal_failure", "None", "", ""},
    // Google: cursors, pages, items
    {"history-expired", "google", cursor, "history.list", expire_cursor, 0, "", "", "", ""},
    {"empty-page", "google", page, gmail_lists, empty_page, 0, "", "", "", ""},
    {"vanished", "google", page, gmail_items, vanish, 0, "", "", "", ""},
    {"mail-not-enabled", "google", lasting, "profile messages.list messages.get attachments.get history.list labels settings", answer, 400,
     "failedPrecondition", "Mail service not enabled", "", ""},
    {"corrupt-item", "google", lasting, gmail_items, answer, 400, "failedPrecondition", "Precondition check failed.", "", ""},
    // Microsoft: passing
    {"throttled", "microsoft", passing, "api", answer, 429, "TooManyRequests", "Too many requests. Try again later.", "seconds", ""},
    {"throttled-date", "microsoft", passing, "api", answer, 429, "TooManyRequests", "Too many requests. Try again later.", "date", ""},
    {"throttled-bare", "microsoft", passing, "api", answer, 429, "TooManyRequests", "Too many requests. Try again later.", "", ""},
    {"mailbox-concurrency", "microsoft", passing, "messages.delta messages messages.get messages.value messages.attachments mailFolders",
     answer, 429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.", "seconds", ""},
    {"internal-error", "microsoft", passing, "api", answer, 500, "ErrorInternalServerError",
     "An internal server error occurred. The operation failed.", "", ""},
    {"internal-error-empty", "microsoft", passing, "api", answer, 500, "", "", "", "none"},
    {"corrupt-once", "microsoft", passing, graph_items, answer, 500, "ErrorCorruptData", "The item is corrupt.", "", ""},
    {"bad-gateway", "microsoft", passing, "api", answer, 502, "", "", "", "html"},
    {"bad-gateway-empty", "microsoft", passing, "api", answer, 502, "", "", "", "none"},
    {"unavailable", "microsoft", passing, "api", answer, 503, "serviceNotAvailable", "Service is not available.", "seconds", ""},
    {"store-unavailable", "microsoft", passing, "api", answer, 503, "MailboxStoreUnavailable",
     "The mailbox database is temporarily unavailable.", "", ""},
    {"unavailable-empty", "microsoft", passing, "api", answer, 503, "", "", "", "none"},
    {"gateway-timeout", "microsoft", passing, "api", answer, 504, "UnknownError", "", "", ""},
    {"gateway-timeout-empty", "microsoft", passing, "api", answer, 504, "", "", "", "none"},
    {"token-expired", "microsoft", passing, "api", expire_token, 401, "", "", "", ""},
    {"slow-body", "microsoft", passing, "api", slow, 0, "", "", "", ""},
    {"cut-body", "microsoft", passing, "api", cut, 0, "", "", "", ""},
    // Microsoft: the token endpoint
    {"app-not-found", "microsoft", token, "token", answer, 400, "unauthorized_client",
     "AADSTS700016: Application with identifier was not found in the directory.", "", ""},
    {"tenant-not-found", "microsoft", token, "token", answer, 400, "invalid_request", "AADSTS90002: Tenant not found.", "", ""},
    {"secret-wrong", "microsoft", token, "token", answer, 401, "invalid_client", "AADSTS7000215: Invalid client secret provided.", "", ""},
    {"secret-expired", "microsoft", token, "token", answer, 401, "invalid_client",
     "AADSTS7000222: The provided client secret keys are expired.", "", ""},
    {"certificate-unknown", "microsoft", token, "token", answer, 401, "invalid_client",
     "AADSTS700027: The certificate used to sign the client assertion is not registered on application.", "", ""},
    {"signature-wrong", "microsoft", token, "token", answer, 401, "invalid_client", "AADSTS50012: Authentication failed.", "", ""},
    {"assertion-expired", "microsoft", token, "token", answer, 401, "invalid_client",
     "AADSTS700024: Client assertion is not within its valid time range.", "", ""},
    {"scope-invalid", "microsoft", token, "token", answer, 400, "invalid_scope",
     "AADSTS70011: The provided request must include a 'scope' input parameter.", "", ""},
    {"scope-not-default", "microsoft", token, "token", answer, 400, "invalid_scope",
     "AADSTS1002012: The provided value for scope is not valid.", "", ""},
    {"principal-missing", "microsoft", token, "token", answer, 400, "invalid_resource",
     "AADSTS500011: The resource principal was not found in the tenant.", "", ""},
    {"app-disabled", "microsoft", token, "token", answer, 401, "unauthorized_client", "AADSTS7000112: Application is disabled.", "", ""},
    {"conditional-access", "microsoft", token, "token", answer, 400, "invalid_grant",
     "AADSTS53003: Access has been blocked by Conditional Access policies.", "", ""},
    {"login-throttled", "microsoft", token, "token", answer, 400, "temporarily_unavailable", "AADSTS90055: The server is busy.", "", ""},
    {"login-outage", "microsoft", token, "token", answer, 400, "temporarily_unavailable",
     "AADSTS90033: A transient error has occurred. Please try again.", "", ""},
    {"login-loop", "microsoft", token, "token", answer, 400, "invalid_grant",
     "AADSTS50196: The server terminated an operation because it encountered a client request loop.", "", ""},
    // Microsoft: cursors, pages, items
    {"delta-expired", "microsoft", cursor, "messages.delta", expire_cursor, 410, "SyncStateNotFound", "", "", ""},
    {"delta-resync", "microsoft", cursor, "messages.delta", expire_cursor, 410, "resyncRequired",
     "Resync required. Replace any local items with the server's version.", "", ""},
    {"delta-invalid", "microsoft", cursor, "messages.delta", expire_cursor, 410, "syncStateInvalid", "The sync state is invalid.", "", ""},
    {"empty-page", "microsoft", page, "messages.delta", empty_page, 0, "", "", "", ""},
    {"duplicate-items", "microsoft", page, "messages.delta", duplicates, 0, "", "", "", ""},
    {"late-items", "microsoft", page, "messages.delta", late, 0, "", "", "", ""},
    {"partial-items", "microsoft", page, "messages.delta", partial, 0, "", "", "", ""},
    {"lost-return", "microsoft", page, "messages.delta", lost_return, 0, "", "", "", ""},
    {"vanished", "microsoft", page, "messages.get messages.value messages.attachments", vanish, 0, "", "", "", ""},
    {"mailbox-not-enabled", "microsoft", lasting,
     "messages messages.delta messages.get messages.value messages.attachments mailFolders mailboxSettings messageRules", answer, 404,
     "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise.", "", ""},
    {"mailbox-denied", "microsoft", lasting,
     "messages messages.delta messages.get messages.value messages.attachments mailFolders mailboxSettings messageRules", answer, 403,
     "ErrorAccessDenied", "Access to OData is disabled.", "", ""},
    {"corrupt-item", "microsoft", lasting, graph_items, answer, 500, "ErrorCorruptData", "The item is corrupt.", "", ""},
};

}  // namespace

std::span<const FaultKind> fault_kinds() { return kinds; }

const FaultKind* fault_kind(std::string_view provider, std::string_view name) {
  for (const auto& kind : kinds)
    if (kind.provider == provider && kind.name == name) return &kind;
  return nullptr;
}

bool befalls(const FaultKind& kind, std::string_view request_kind) {
  if (kind.on == "api") return request_kind != "token" && request_kind != "batch" && request_kind != "openid-configuration";
  // "settings" stands for every settings.*, "mailFolders" for mailFolders.* too.
  const auto stem = request_kind.starts_with("messages.") ? request_kind : request_kind.substr(0, request_kind.find('.'));
  for (const auto& word : split(kind.on, ' '))
    if (word == request_kind || word == stem) return true;
  return false;
}

std::string_view name_of(FaultGroup group) {
  static constexpr std::string_view names[] = {"passing", "token", "cursor", "page", "lasting"};
  return names[static_cast<std::size_t>(group)];
}

}  // namespace letterlock::sim
