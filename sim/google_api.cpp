#include "sim/google_api.h"

#include <algorithm>

#include "base/encoding.h"
#include "sim/google_reply.h"
#include "sim/mime_reader.h"
#include "sim/reply.h"

namespace letterlock::sim {

using namespace google;

Call GoogleApi::describe(const http::Request& request) {
  Call call{.request = request, .provider = "google", .path = {}, .target = target_of(request)};
  auto& path = call.path;
  for (const auto& piece : split(request.raw_path.empty() ? request.path : request.raw_path, '/'))
    path.push_back(url_decoded(piece, false));
  const auto token = auth_.check(request.header("authorization"));
  call.is_authorized = token.has_value();
  if (token) call.mailbox = lower_case(token->subject);
  call.has_cursor = request.query_value("pageToken") || request.query_value("startHistoryId");
  if (path.size() == 1 && path[0] == "token") call.kind = "token";
  if (!path.empty() && path[0] == "batch" && request.method == "POST") call.kind = "batch";
  if (path.size() >= 4 && path[0] == "admin" && path[1] == "directory" && path[2] == "v1" && path[3] == "users")
    call.kind = path.size() == 4 ? "users.list" : "users.get";
  if (path.size() < 5 || path[0] != "gmail" || path[1] != "v1" || path[2] != "users") return call;
  const auto& resource = path[4];
  const auto depth = path.size() - 5;
  call.kind = resource;
  if (resource == "messages" && depth >= 1) call.item = path[5];
  if (resource == "messages")
    call.kind = depth == 0                               ? "messages.list"
                : depth == 1                             ? "messages.get"
                : depth == 3 && path[6] == "attachments" ? "attachments.get"
                                                         : "other";
  if (resource == "history") call.kind = "history.list";
  if (resource == "settings" && depth >= 1) call.kind = "settings." + path[5];
  return call;
}

http::Response GoogleApi::right_answer(const Call& call) {
  const auto& request = call.request;
  const auto& path = call.path;
  if (call.kind == "token") return request.method == "POST" ? auth_.token(request) : error(404, "Not Found", "notFound", "NOT_FOUND");
  if (call.kind == "batch") return batch(request);
  const auto token = auth_.check(request.header("authorization"));
  if (!token) {
    auto response = error(401,
                          "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
                          "authentication credential.",
                          "authError", "UNAUTHENTICATED");
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"");
    return response;
  }
  if (request.method != "GET")
    return error(403, "Request had insufficient authentication scopes.", "insufficientPermissions", "PERMISSION_DENIED");
  if (call.kind == "users.list" || call.kind == "users.get") return users(request, *token, path);
  if (path.size() >= 5 && path[0] == "gmail" && path[1] == "v1" && path[2] == "users") {
    const bool reads = token->scopes.contains(std::string(scope_root) + "gmail.readonly");
    const bool metadata = token->scopes.contains(std::string(scope_root) + "gmail.metadata");
    if (!reads && !metadata)
      return error(403, "Request had insufficient authentication scopes.", "insufficientPermissions", "PERMISSION_DENIED");
    if (token->subject.empty()) return error(400, "Precondition check failed.", "failedPrecondition", "FAILED_PRECONDITION");
    if (path[3] != "me" && !equal_ignoring_case(path[3], token->subject))
      return error(403, "Delegation denied for " + token->subject, "forbidden", "PERMISSION_DENIED");
    return gmail(call, *state_.user(token->subject), !reads);
  }
  return error(404, "Not Found", "notFound", "NOT_FOUND");
}

void GoogleApi::expire_token(const Call& call) { auth_.expire(call.request.header("authorization")); }

void GoogleApi::expire_cursor(const Call& call) {
  if (const auto* user = state_.user(call.mailbox)) state_.expire_cursors(*user);
}

void GoogleApi::vanish(const Call& call) {
  if (const auto* user = state_.user(call.mailbox)) state_.remove(*user, call.item);
}

std::uint64_t GoogleApi::version(const Call& call) const {
  const auto* user = state_.user(call.mailbox);
  const bool kept =
      call.kind == "messages.get" || call.kind == "messages.list" || call.kind == "history.list" || call.kind == "attachments.get";
  return user && kept ? state_.version(*user) : 0;
}

std::size_t GoogleApi::page_size(const http::Request& request, std::size_t otherwise, std::size_t most) const {
  const auto asked = request.query_value("maxResults");
  const auto size = asked ? read_number(*asked).value_or(otherwise) : otherwise;
  return std::max<std::size_t>(1, std::min({static_cast<std::size_t>(size), most, options_.page_size_max}));
}

http::Response GoogleApi::gmail(const Call& call, const GoogleUser& user, bool metadata_only) {
  const auto& kind = call.kind;
  const Path path(call.path.begin() + 4, call.path.end());
  if (kind == "profile" && path.size() == 1) {
    const auto profile = state_.profile(user);
    return ok(Json::object({{"emailAddress", user.person.address},
                            {"messagesTotal", profile.messages},
                            {"threadsTotal", profile.threads},
                            {"historyId", std::to_string(profile.history_id)}}));
  }
  if (kind == "messages.list") return messages_list(call, user, metadata_only);
  if (kind == "messages.get") return message_get(call.request, user, metadata_only, path[1]);
  if (kind == "attachments.get") {
    if (metadata_only) return error(403, "Metadata scope doesn't allow format FULL", "forbidden", "PERMISSION_DENIED");
    return attachment_get(user, path[1], path[3]);
  }
  if (kind == "history.list" && path.size() == 1) return history_list(call, user);
  if (kind == "labels") return labels(user, path);
  if (path[0] == "settings" && path.size() >= 2) {
    if (metadata_only) return error(403, "Request had insufficient authentication scopes.", "insufficientPermissions", "PERMISSION_DENIED");
    return settings(user, path);
  }
  return error(404, "Not Found", "notFound", "NOT_FOUND");
}

http::Response GoogleApi::batch(const http::Request& request) {
  const std::string type(request.header("content-type"));
  // Reuse the MIME reader: a batch is a multipart/mixed entity.
  const auto entity = read_mime("Content-Type: " + type + "\r\n\r\n" + request.body);
  if (!entity.type.starts_with("multipart/") || entity.parts.empty())
    return error(400, "Failed to parse batch request", "badRequest", "INVALID_ARGUMENT");
  if (entity.parts.size() > 100) return error(400, "The batch request exceeds the limit of 100 calls.", "badRequest", "INVALID_ARGUMENT");
  const std::string boundary = "batch_" + to_base64url(sha256(request.body)).substr(0, 24);
  std::string out;
  std::size_t position = 0;  // a batch runs its calls at once: those in front of this one still run
  for (const auto& part : entity.parts) {
    auto text = std::string_view(part.body);
    while (text.starts_with('\r') || text.starts_with('\n')) text.remove_prefix(1);
    const auto line = text.substr(0, text.find_first_of("\r\n"));
    const auto words = split(line, ' ');
    http::Response response = error(400, "Failed to parse batch request", "badRequest", "INVALID_ARGUMENT");
    if (words.size() >= 2) {
      auto inner = inner_request(words[0], words[1]);
      const auto end = text.find('\n');
      const auto headers = read_headers(end == std::string_view::npos ? std::string_view() : text.substr(end + 1));
      for (const auto& [name, value] : headers.headers) inner.headers.emplace_back(lower_case(name), value);
      if (inner.header("authorization").empty()) inner.headers.emplace_back("authorization", request.header("authorization"));
      for (const auto* name : {"host", "x-forwarded-proto"}) inner.headers.emplace_back(name, request.header(name));
      if (!inner.raw_path.starts_with("/batch")) response = answer_part(inner, position);
    }
    auto id = std::string(part.header("Content-ID"));
    if (id.starts_with('<')) id = "<response-" + id.substr(1);
    out += "--" + boundary + "\r\nContent-Type: application/http\r\n";
    if (!id.empty()) out += "Content-ID: " + id + "\r\n";
    out += "\r\nHTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason_phrase(response.status)) + "\r\n";
    for (const auto& [name, value] : response.headers) out += name + ": " + value + "\r\n";
    out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n\r\n" + response.body + "\r\n";
    ++position;
  }
  out += "--" + boundary + "--\r\n";
  return {.headers = {{"Content-Type", "multipart/mixed; boundary=" + boundary}}, .body = std::move(out)};
}

}  // namespace letterlock::sim
