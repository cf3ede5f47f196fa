#include "sim/microsoft_api.h"

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "base/id.h"
#include "sim/microsoft_reply.h"
#include "sim/mime_reader.h"
#include "sim/reply.h"

namespace letterlock::sim {

using namespace graph;

namespace {

constexpr std::string_view diagnostic =
    R"({"ServerInfo":{"DataCenter":"West Europe","Slice":"E","Ring":"5","ScaleUnit":"003","RoleInstance":"AM1PEPF00027F01"}})";

// The kind of a request below users/{id}, and where in the path its message id is.
std::pair<std::string, std::size_t> mailbox_kind(const std::vector<std::string>& path) {
  const auto message_kind = [&](std::size_t at) {  // path[at] is "messages"
    const auto depth = path.size() - at - 1;
    if (depth == 0) return std::string("messages");
    if (depth == 1) return std::string("messages.get");
    return "messages." + (path[at + 2] == "$value" ? std::string("value") : path[at + 2]);
  };
  if (path[3] == "mailboxSettings") return {"mailboxSettings", 0};
  if (path[3] == "messages") return {message_kind(3), 4};
  if (path[3] != "mailFolders") return {"other", 0};
  if (path.size() == 4) return {"mailFolders", 0};
  if (path.size() == 5) return {"mailFolders.get", 0};
  if (path[5] == "childFolders") return {"mailFolders.childFolders", 0};
  if (path[5] == "messageRules") return {path.size() == 6 ? "messageRules" : "messageRules.get", 0};
  if (path[5] != "messages") return {"other", 0};
  const bool delta = path.size() == 7 && (path[6] == "delta" || path[6] == "delta()" || path[6] == "microsoft.graph.delta()");
  return delta ? std::pair<std::string, std::size_t>{"messages.delta", 0} : std::pair<std::string, std::size_t>{message_kind(5), 6};
}

}  // namespace

Call MicrosoftApi::describe(const http::Request& request) {
  Call call{.request = request, .provider = "microsoft", .path = read_path(request), .target = target_of(request)};
  const auto& path = call.path;
  call.is_authorized = auth_.check(request.header("authorization")).has_value();
  call.has_cursor = request.query_value("$skiptoken") || request.query_value("$deltatoken");
  if (path.size() == 4 && path[1] == "oauth2" && path[2] == "v2.0" && path[3] == "token") call.kind = "token";
  if (path.size() == 4 && path[1] == "v2.0" && path[2] == ".well-known" && path[3] == "openid-configuration")
    call.kind = "openid-configuration";
  if (path.size() < 2 || path[0] != "v1.0") return call;
  if (path[1] == "$batch" && path.size() == 2 && request.method == "POST") call.kind = "batch";
  if (path[1] != "users") return call;
  if (path.size() <= 3) {
    call.kind = path.size() == 2 ? "users" : "users.get";
    return call;
  }
  const auto [kind, item_at] = mailbox_kind(path);
  call.kind = kind;
  const auto* user = state_.user(path[2]);
  if (!user) return call;
  call.mailbox = lower_case(user->person.address);
  if (item_at > 0 && item_at < path.size())
    if (const auto message = state_.message(*user, path[item_at])) call.item = message->id;
  return call;
}

http::Response MicrosoftApi::right_answer(const Call& call) {
  const auto& request = call.request;
  const auto& path = call.path;
  http::Response response;
  if (call.kind == "token") {
    response = request.method == "POST" ? auth_.token(request, path[0]) : error(405, "MethodNotAllowed", "Use POST.");
  } else if (call.kind == "openid-configuration") {
    response = auth_.openid_configuration(request, path[0]);
  } else if (path.empty() || path[0] != "v1.0") {
    response = error(404, "ResourceNotFound", "Resource not found for the segment.");
  } else if (!auth_.check(request.header("authorization"))) {
    response = error(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.");
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"\", error=\"invalid_token\"");
  } else {
    response = call.kind == "batch" ? batch(request) : graph(call);
  }
  const auto client_id = request.header("client-request-id");
  const auto id = new_uuid();
  response.headers.emplace_back("request-id", id);
  response.headers.emplace_back("client-request-id", client_id.empty() ? id : std::string(client_id));
  response.headers.emplace_back("x-ms-ags-diagnostic", diagnostic);
  return response;
}

void MicrosoftApi::expire_token(const Call& call) { auth_.expire(call.request.header("authorization")); }

void MicrosoftApi::expire_cursor(const Call& call) {
  if (const auto* user = state_.user(call.mailbox); user && call.has_cursor) state_.expire_cursors(*user);
}

void MicrosoftApi::vanish(const Call& call) {
  if (const auto* user = state_.user(call.mailbox)) state_.remove(*user, call.item);
}

std::uint64_t MicrosoftApi::version(const Call& call) const {
  const auto* user = state_.user(call.mailbox);
  const bool kept = call.kind.starts_with("messages") || call.kind.starts_with("mailFolders");
  return user && kept && !call.kind.starts_with("messageRules") ? state_.version(*user) : 0;
}

http::Response MicrosoftApi::graph(const Call& call) {
  const auto& request = call.request;
  const auto& path = call.path;
  if (request.method != "GET") return error(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.");
  const auto roles = *auth_.check(request.header("authorization"));
  if (path.size() < 2 || path[1] != "users")
    return error(400, "BadRequest", "Resource not found for the segment '" + (path.size() > 1 ? path[1] : std::string()) + "'.");
  if (path.size() <= 3) {
    if (!roles.contains("User.Read.All") && !roles.contains("Directory.Read.All"))
      return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    if (path.size() == 2) return users(request);
    const auto* user = state_.user(path[2]);
    if (!user)
      return error(
          404, "Request_ResourceNotFound",
          "Resource '" + valid_utf8(path[2]) + "' does not exist or one of its queried reference-property objects are not present.");
    auto body = graph_user(*user, state_.company(), condition("microsoft", user->person.address) != "suspended",
                           read_select(request.query_value("$select").value_or("")));
    Json with_context = Json::object({{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#users/$entity"}});
    for (const auto& [key, value] : body.members()) with_context.set(key, value);
    return ok(with_context);
  }
  const auto* user = state_.user(path[2]);
  if (!user) return error(404, "ErrorInvalidUser", "The requested user '" + valid_utf8(path[2]) + "' is invalid.");
  const bool settings = path[3] == "mailboxSettings" || std::ranges::find(path, "messageRules") != path.end();
  if (settings && !roles.contains("MailboxSettings.Read")) return denied();
  if (!settings && !roles.contains("Mail.Read")) return denied();
  return mail(call, *user);
}

http::Response MicrosoftApi::batch(const http::Request& request) {
  const auto body = Json::parse(request.body);
  const auto* requests = body ? body->find("requests") : nullptr;
  if (!requests || requests->items().empty()) return error(400, "BadRequest", "Invalid batch payload format.");
  if (requests->items().size() > 20)
    return error(400, "MaximumValueExceeded", "Number of batch request steps exceeds the maximum value of 20.");
  std::map<std::string, int> status_of;
  Json responses = Json::array();
  for (const auto& item : requests->items()) {
    const auto id = item.text("id");
    if (id.empty() || status_of.contains(id)) return error(400, "BadRequest", "Request Id must be unique and not empty.");
    http::Response response;
    bool failed = false;
    if (const auto* needed = item.find("dependsOn"))
      for (const auto& other : needed->items()) failed = failed || !status_of.contains(other.string()) || status_of[other.string()] >= 400;
    if (failed) {
      response = error(424, "FailedDependency", "A dependency of this request failed.");
    } else {
      auto url = item.text("url");
      if (!url.starts_with('/')) url = "/" + url;
      auto inner = inner_request(item.text("method"), "/v1.0" + url);
      if (const auto* headers = item.find("headers"))
        for (const auto& [name, value] : headers->members()) inner.headers.emplace_back(lower_case(name), value.string());
      inner.headers.emplace_back("authorization", request.header("authorization"));
      inner.headers.emplace_back("host", request.header("host"));
      inner.local_port = request.local_port;
      inner.headers.emplace_back("x-forwarded-proto", request.header("x-forwarded-proto"));
      const auto path = read_path(inner);
      response = path.size() > 1 && path[1] == "$batch" ? error(400, "BadRequest", "A batch cannot hold a batch.")
                                                        : answer_part(inner, std::min<std::size_t>(3, requests->items().size() - 1));
    }
    status_of[id] = response.status;
    Json headers = Json::object();
    for (const auto& [name, value] : response.headers) headers.set(name, value);
    const auto parsed = Json::parse(response.body);
    const bool is_json = parsed && headers.text("Content-Type").starts_with("application/json");
    responses.push(Json::object({{"id", id},
                                 {"status", response.status},
                                 {"headers", std::move(headers)},
                                 {"body", is_json ? *parsed : Json(to_base64(response.body))}}));
  }
  return ok(Json::object({{"responses", std::move(responses)}}));
}

}  // namespace letterlock::sim
