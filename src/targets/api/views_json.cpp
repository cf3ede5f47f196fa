#include <glaze/glaze.hpp>

#include "base/result.h"
#include "targets/api/bodies.h"
#include "targets/api/views.h"

namespace letterlock::api::wire {

struct Connections {
  const std::vector<ConnectionView>& connections;
};
struct Jobs {
  const std::vector<JobView>& jobs;
};
struct Rules {
  const std::vector<RuleView>& rules;
};
struct Tenants {
  const std::vector<TenantView>& tenants;
};
struct NewConnection {
  std::string name;
  std::string provider;
  glz::raw_json settings;
  glz::raw_json secret;
};

}  // namespace letterlock::api::wire

template <>
struct glz::meta<letterlock::api::SessionView> {
  using T = letterlock::api::SessionView;
  static constexpr auto value = object("email", &T::email, "role", &T::role, "operator", &T::operator_, "tenant_id", &T::tenant_id,
                                       "tenant_name", &T::tenant_name, "csrf_token", &T::csrf_token, "expires_at", &T::expires_at);
};
template <>
struct glz::meta<letterlock::api::wire::Connections> {
  static constexpr auto value = object("connections", [](auto& self) -> auto& { return self.connections; });
};
template <>
struct glz::meta<letterlock::api::wire::Jobs> {
  static constexpr auto value = object("jobs", [](auto& self) -> auto& { return self.jobs; });
};
template <>
struct glz::meta<letterlock::api::wire::Rules> {
  static constexpr auto value = object("rules", [](auto& self) -> auto& { return self.rules; });
};
template <>
struct glz::meta<letterlock::api::wire::Tenants> {
  static constexpr auto value = object("tenants", [](auto& self) -> auto& { return self.tenants; });
};

namespace letterlock::api {
namespace {

template <class T>
std::string write(const T& value) {
  auto json = glz::write_json(value);
  CHECK(json.has_value());
  return std::move(*json);
}

// Put the members of an object in front of more members: {a} + {b} = {a,b}.
std::string joined(std::string first, std::string_view more) {
  first.back() = ',';
  return first.append(more.substr(1));
}

std::string or_empty_object(const std::string& json) { return json.empty() ? "{}" : json; }

template <class T>
Result<T> read(std::string_view json) {
  constexpr glz::opts strict{.error_on_unknown_keys = true, .error_on_missing_keys = true};
  T value;
  if (const auto error = glz::read<strict>(value, json); error)
    return fail(ErrorKind::invalid, "The body is not what this call takes: " + std::string(glz::format_error(error.ec)) + ".");
  return value;
}

Result<void> check_length(std::string_view name, std::string_view value, std::size_t least, std::size_t most) {
  if (value.size() >= least && value.size() <= most) return {};
  return fail(ErrorKind::invalid, std::string(name) + " has " + std::to_string(least) + " to " + std::to_string(most) + " bytes.");
}

}  // namespace

std::vector<std::string> strings_of(std::string_view json) {
  std::vector<std::string> texts;
  if (glz::read_json(texts, json)) return {};
  return texts;
}

std::string to_json(const SessionView& view) { return write(view); }
std::string to_json(const AlertPageView& view) { return write(view); }
std::string to_json(const AlertMessageView& view) { return write(view); }
std::string to_json(const std::vector<ConnectionView>& views) { return write(wire::Connections{views}); }
std::string to_json(const std::vector<JobView>& views) { return write(wire::Jobs{views}); }
std::string to_json(const std::vector<RuleView>& views) { return write(wire::Rules{views}); }
std::string to_json(const std::vector<TenantView>& views) { return write(wire::Tenants{views}); }

std::string to_json(const AlertDetailView& view) {
  const auto rest = "{\"attack_technique\":" + write(view.attack_technique) + ",\"description\":" + write(view.description) +
                    ",\"runbook\":" + write(view.runbook) + ",\"rule_version\":" + write(view.rule_version) +
                    ",\"query_sql\":" + write(view.query_sql) + ",\"query_parameters\":" + or_empty_object(view.query_parameters_json) +
                    ",\"evidence\":" + (view.evidence_json.empty() ? R"({"signals":[],"rows":[]})" : view.evidence_json) +
                    ",\"sighting_list\":" + write(view.sighting_list) + ",\"history\":" + write(view.history) + "}";
  return joined(write(view.alert), rest);
}

std::string to_json(const ConnectionDetailView& view) {
  return joined(write(view.connection), "{\"mailboxes\":" + write(view.mailboxes) + "}");
}

Result<SignInBody> sign_in_body(std::string_view json) {
  auto body = TRY(read<SignInBody>(json));
  TRY(check_length("email", body.email, 1, 320));
  TRY(check_length("password", body.password, 1, 1024));
  return body;
}

Result<AlertChangeBody> alert_change_body(std::string_view json) {
  auto body = TRY(read<AlertChangeBody>(json));
  if (!body.status && !body.note) return fail(ErrorKind::invalid, "Send a status, a note, or both.");
  if (body.note) TRY(check_length("note", *body.note, 1, 16'000));
  return body;
}

Result<NewConnectionBody> new_connection_body(std::string_view json) {
  auto body = TRY(read<wire::NewConnection>(json));
  TRY(check_length("name", body.name, 1, 200));
  if (body.provider != "google" && body.provider != "microsoft") return fail(ErrorKind::invalid, "provider is google or microsoft.");
  for (const auto* object : {&body.settings.str, &body.secret.str})
    if (!object->starts_with('{')) return fail(ErrorKind::invalid, "settings and secret are objects.");
  return NewConnectionBody{.name = std::move(body.name),
                           .provider = std::move(body.provider),
                           .settings_json = std::move(body.settings.str),
                           .secret_json = std::move(body.secret.str)};
}

}  // namespace letterlock::api
