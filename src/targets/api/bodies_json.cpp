#include <algorithm>
#include <glaze/glaze.hpp>
#include <set>

#include "targets/api/bodies.h"

namespace letterlock::api::wire {

// A member that can be absent, null, or a value.
template <class T>
struct Given {
  bool given = false;
  std::optional<T> value;
};

struct AlertChangeJson {
  std::optional<std::string> status;
  Given<std::string> assignee_id;
  Given<std::string> feedback;
  std::optional<std::string> note;
};
struct AlertsChangeJson {
  std::vector<std::string> alert_ids;
  AlertChangeJson change;
};
struct SuppressionJson {
  SuppressionKey key;
  std::string reason;
  std::string until;
};
struct NewConnectionJson {
  std::string name;
  std::string provider;
  glz::raw_json settings;
  glz::raw_json secret;
};
struct ConnectionChangeJson {
  std::optional<std::string> name;
  std::optional<glz::raw_json> settings;
  std::optional<std::int64_t> interval_seconds;
  std::optional<bool> paused;
};
struct SecretJson {
  glz::raw_json secret;
};
struct RuleChangeJson {
  std::optional<bool> enabled;
  Given<std::string> severity_override;
  std::optional<double> confidence_min;
};
struct RetentionJson {
  Given<std::int64_t> retention_days;
};
struct RoleJson {
  std::string role;
};
struct InvitationJson {
  std::string email;
  std::string role;
};
struct EmailJson {
  std::string email;
};
struct TokenJson {
  std::string token;
};
struct ApiKeyJson {
  std::string name;
  std::string role;
  std::vector<std::string> scopes;
  std::optional<std::string> expires_at;
};

}  // namespace letterlock::api::wire

namespace glz {

template <class T>
struct from<JSON, letterlock::api::wire::Given<T>> {
  template <auto Opts>
  static void op(auto&& value, is_context auto&& ctx, auto&& it, auto&& end) noexcept {
    value.given = true;
    parse<JSON>::op<Opts>(value.value, ctx, it, end);
  }
};
template <>
struct meta<letterlock::api::wire::AlertChangeJson> {
  static constexpr bool requires_key(std::string_view, bool) { return false; }
};
template <>
struct meta<letterlock::api::wire::RuleChangeJson> {
  static constexpr bool requires_key(std::string_view, bool) { return false; }
};

template <>
struct meta<letterlock::api::wire::RetentionJson> {
  static constexpr bool requires_key(std::string_view, bool) { return true; }
};

}  // namespace glz

namespace letterlock::api {
namespace {

template <class T>
Result<T> read(std::string_view json) {
  constexpr glz::opts strict{.error_on_unknown_keys = true, .error_on_missing_keys = true};
  if (json.empty()) return fail(ErrorKind::invalid, "This call needs a JSON body.");
  // PostgreSQL and DuckDB keep no U+0000 in a text.
  if (json.contains('\0') || json.contains("\\u0000"))
    return fail(ErrorKind::invalid, "The body holds the character U+0000, which no text may.");
  T value;
  if (const auto error = glz::read<strict>(value, json); error) {
    // The reader's own words name the member where it can; never what was sent.
    std::string what(glz::format_error(error.ec));
    if (!error.custom_error_message.empty()) what += " (" + std::string(error.custom_error_message) + ")";
    return fail(ErrorKind::invalid, "The body is not what this call takes: " + what + " near byte " + std::to_string(error.count) +
                                        ". api/openapi.yaml says what it takes.");
  }
  return value;
}

Result<void> check_length(std::string_view name, std::string_view value, std::size_t least, std::size_t most) {
  if (value.size() >= least && value.size() <= most) return {};
  return fail(ErrorKind::invalid, std::string(name) + " has " + std::to_string(least) + " to " + std::to_string(most) + " bytes.");
}

Result<AlertChange> change_of(wire::AlertChangeJson&& body) {
  AlertChange change{.status = std::move(body.status), .note = std::move(body.note)};
  if (change.note) TRY(check_length("note", *change.note, 1, 10'000));
  if (body.assignee_id.given) {
    auto& assignee = change.assignee_id.emplace();
    if (body.assignee_id.value) assignee = PersonId(std::move(*body.assignee_id.value));
  }
  if (body.feedback.given) change.feedback = std::move(body.feedback.value);
  return change;
}

Result<Role> role_of(const std::string& name) {
  const auto role = role_from(name);
  if (!role || *role == Role::operator_) return fail(ErrorKind::invalid, "role is owner, admin, analyst or viewer.");
  return *role;
}

Result<TimePoint> time_of(std::string_view name, const std::string& text) {
  const auto time = from_rfc3339(text);
  if (!time) return fail(ErrorKind::invalid, std::string(name) + " is a time like 2026-11-23T21:11:20Z.");
  return *time;
}

Result<std::string> object_of(std::string_view name, glz::raw_json&& json) {
  if (!json.str.starts_with('{')) return fail(ErrorKind::invalid, std::string(name) + " is an object.");
  return std::move(json.str);
}

Result<void> check_events(const std::vector<std::string>& events) {
  if (std::set<std::string>(events.begin(), events.end()).size() != events.size())
    return fail(ErrorKind::invalid, "events names each event once.");
  return {};
}

}  // namespace

Result<SignInBody> sign_in_body(std::string_view json) {
  auto body = TRY(read<SignInBody>(json));
  TRY(check_length("email", body.email, 1, 320));
  TRY(check_length("password", body.password, 1, 1024));
  return body;
}

Result<PasswordChangeBody> password_change_body(std::string_view json) {
  auto body = TRY(read<PasswordChangeBody>(json));
  TRY(check_length("password", body.password, 1, 1024));
  TRY(check_length("new_password", body.new_password, 12, 1024));
  return body;
}

Result<AlertChange> alert_change_body(std::string_view json) { return change_of(TRY(read<wire::AlertChangeJson>(json))); }

Result<AlertsChangeBody> alerts_change_body(std::string_view json) {
  auto body = TRY(read<wire::AlertsChangeJson>(json));
  if (body.alert_ids.empty() || body.alert_ids.size() > 200) return fail(ErrorKind::invalid, "alert_ids names 1 to 200 alerts.");
  return AlertsChangeBody{.alert_ids = std::move(body.alert_ids), .change = TRY(change_of(std::move(body.change)))};
}

Result<letterlock::NewSuppression> new_suppression_body(std::string_view json) {
  auto body = TRY(read<wire::SuppressionJson>(json));
  const auto part = [](std::string_view name, const std::optional<std::string>& text) -> Result<void> {
    return text ? check_length(name, *text, 1, 2'000) : Result<void>();
  };
  TRY(part("key.rule_id", body.key.rule_id));
  TRY(part("key.entity", body.key.entity));
  TRY(part("key.subject", body.key.subject));
  TRY(part("key.dedup_key", body.key.dedup_key));
  TRY(check_length("reason", body.reason, 1, 1'000));
  return letterlock::NewSuppression{
      .key = std::move(body.key), .reason = std::move(body.reason), .until = TRY(time_of("until", body.until))};
}

Result<letterlock::NewConnection> new_connection_body(std::string_view json) {
  auto body = TRY(read<wire::NewConnectionJson>(json));
  TRY(check_length("name", body.name, 1, 200));
  if (body.provider != "google" && body.provider != "microsoft") return fail(ErrorKind::invalid, "provider is google or microsoft.");
  return letterlock::NewConnection{.name = std::move(body.name),
                                   .provider = *provider_kind_from(body.provider),
                                   .settings_json = TRY(object_of("settings", std::move(body.settings))),
                                   .secret_json = TRY(object_of("secret", std::move(body.secret))),
                                   .trusted_authserv_ids = {}};
}

Result<ConnectionChange> connection_change_body(std::string_view json) {
  auto body = TRY(read<wire::ConnectionChangeJson>(json));
  ConnectionChange change{.name = std::move(body.name), .paused = body.paused};
  if (change.name) TRY(check_length("name", *change.name, 1, 200));
  if (body.settings) change.settings_json = TRY(object_of("settings", std::move(*body.settings)));
  if (body.interval_seconds) {
    if (*body.interval_seconds < 10 || *body.interval_seconds > 2'592'000)
      return fail(ErrorKind::invalid, "interval_seconds is a number from 10 to 2592000.");
    change.interval = std::chrono::seconds(*body.interval_seconds);
  }
  if (!change.name && !change.paused && !change.settings_json && !change.interval)
    return fail(ErrorKind::invalid, "Nothing to change: send a name, settings, interval_seconds or paused.");
  return change;
}

Result<std::string> new_secret_body(std::string_view json) {
  return object_of("secret", std::move(TRY(read<wire::SecretJson>(json)).secret));
}

Result<RuleChange> rule_change_body(std::string_view json) {
  auto body = TRY(read<wire::RuleChangeJson>(json));
  RuleChange change{.enabled = body.enabled, .confidence_min = body.confidence_min};
  if (body.severity_override.given) change.severity_override = std::move(body.severity_override.value);
  return change;
}

Result<Role> person_change_body(std::string_view json) { return role_of(TRY(read<wire::RoleJson>(json)).role); }

Result<NewInvitationBody> new_invitation_body(std::string_view json) {
  auto body = TRY(read<wire::InvitationJson>(json));
  return NewInvitationBody{.email = std::move(body.email), .role = TRY(role_of(body.role))};
}

Result<std::string> owner_invitation_body(std::string_view json) { return TRY(read<wire::EmailJson>(json)).email; }
Result<std::string> link_token_body(std::string_view json) { return TRY(read<wire::TokenJson>(json)).token; }
Result<LinkPasswordBody> link_password_body(std::string_view json) { return read<LinkPasswordBody>(json); }

Result<letterlock::NewApiKey> new_api_key_body(std::string_view json) {
  auto body = TRY(read<wire::ApiKeyJson>(json));
  TRY(check_length("name", body.name, 1, 200));
  letterlock::NewApiKey key{.name = std::move(body.name), .role = TRY(role_of(body.role)), .scopes = std::move(body.scopes)};
  if (body.expires_at) key.expires_at = TRY(time_of("expires_at", *body.expires_at));
  return key;
}

Result<letterlock::NewWebhook> new_webhook_body(std::string_view json) {
  auto body = TRY(read<letterlock::NewWebhook>(json));
  TRY(check_length("name", body.name, 1, 200));
  TRY(check_events(body.events));
  return body;
}

Result<WebhookChange> webhook_change_body(std::string_view json) {
  auto body = TRY(read<WebhookChange>(json));
  if (body.events) TRY(check_events(*body.events));
  return body;
}

Result<std::optional<std::int64_t>> retention_body(std::string_view json) {
  const auto days = TRY(read<wire::RetentionJson>(json)).retention_days.value;
  if (days && (*days < 1 || *days > RetentionService::days_max))
    return fail(ErrorKind::invalid, "retention_days is a number from 1 to " + std::to_string(RetentionService::days_max) + ", or null.");
  return days;
}

Result<NewTenantBody> new_tenant_body(std::string_view json) {
  auto body = TRY(read<NewTenantBody>(json));
  TRY(check_length("name", body.name, 1, 200));
  return body;
}
Result<TenantChange> tenant_change_body(std::string_view json) { return read<TenantChange>(json); }

}  // namespace letterlock::api
