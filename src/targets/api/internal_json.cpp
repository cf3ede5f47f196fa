#include "targets/api/internal_json.h"

#include "targets/api/json_values.h"

namespace letterlock::api::internal {
namespace {

// The enums that travel, each by its name.
template <class T>
concept Named = std::same_as<T, JobKind> || std::same_as<T, ProviderKind> || std::same_as<T, MailboxState> || std::same_as<T, Severity> ||
                std::same_as<T, ErrorKind>;

template <Named T>
std::optional<T> named(std::string_view name) {
  if constexpr (std::same_as<T, JobKind>)
    return job_kind_from(name);
  else if constexpr (std::same_as<T, ProviderKind>)
    return provider_kind_from(name);
  else if constexpr (std::same_as<T, MailboxState>)
    return mailbox_state_from(name);
  else if constexpr (std::same_as<T, Severity>)
    return severity_from(name);
  else
    return error_kind_from(name);
}

}  // namespace
}  // namespace letterlock::api::internal

namespace glz {

template <class Tag>
struct from<JSON, letterlock::Id<Tag>> {
  template <auto Opts>
  static void op(auto&& value, is_context auto&& ctx, auto&& it, auto&& end) noexcept {
    std::string text;
    parse<JSON>::op<Opts>(text, ctx, it, end);
    value = letterlock::Id<Tag>(std::move(text));
  }
};

struct enum_from_name {
  template <auto Opts>
  static void op(auto&& value, is_context auto&& ctx, auto&& it, auto&& end) noexcept {
    std::string text;
    parse<JSON>::op<Opts>(text, ctx, it, end);
    if (bool(ctx.error)) return;
    const auto known = letterlock::api::internal::named<std::remove_cvref_t<decltype(value)>>(text);
    if (known)
      value = *known;
    else
      ctx.error = error_code::unexpected_enum;
  }
};
template <>
struct from<JSON, letterlock::JobKind> : enum_from_name {};
template <>
struct from<JSON, letterlock::ProviderKind> : enum_from_name {};
template <>
struct from<JSON, letterlock::MailboxState> : enum_from_name {};
template <>
struct from<JSON, letterlock::Severity> : enum_from_name {};
template <>
struct to<JSON, letterlock::ErrorKind> : enum_by_name {};
template <>
struct from<JSON, letterlock::ErrorKind> : enum_from_name {};

template <>
struct from<JSON, letterlock::TimePoint> {
  template <auto Opts>
  static void op(auto&& value, is_context auto&& ctx, auto&& it, auto&& end) noexcept {
    std::int64_t micros = 0;
    parse<JSON>::op<Opts>(micros, ctx, it, end);
    value = letterlock::from_unix_micros(micros);
  }
};
template <>
struct to<JSON, std::chrono::seconds> {
  template <auto Opts>
  static void op(auto&& value, is_context auto&& ctx, auto&& buffer, auto&& index) noexcept {
    serialize<JSON>::op<Opts>(static_cast<std::int64_t>(value.count()), ctx, buffer, index);
  }
};
template <>
struct from<JSON, std::chrono::seconds> {
  template <auto Opts>
  static void op(auto&& value, is_context auto&& ctx, auto&& it, auto&& end) noexcept {
    std::int64_t seconds = 0;
    parse<JSON>::op<Opts>(seconds, ctx, it, end);
    value = std::chrono::seconds(seconds);
  }
};

}  // namespace glz

namespace letterlock::api::internal {
namespace {

struct BetweenTargets : glz::opts {
  bool times_in_micros = true;  // json_values.h
};
constexpr BetweenTargets lenient{{.error_on_unknown_keys = false, .error_on_missing_keys = false}};

}  // namespace

template <class T>
std::string write(const T& value) {
  auto json = glz::write<BetweenTargets{}>(value);
  CHECK(json.has_value());
  return std::move(*json);
}

template <class T>
Result<T> read(std::string_view json) {
  T value;
  if (const auto error = glz::read<lenient>(value, json); error)
    return fail(ErrorKind::invalid, "the body is not what this call takes: " + std::string(glz::format_error(error.ec)));
  return value;
}

template std::string write(const ClaimBody&);
template std::string write(const JobBody&);
template std::string write(const FinishIngestionBody&);
template std::string write(const FinishAnalysisBody&);
template std::string write(const LeaseAnswer&);
template std::string write(const WatermarkAnswer&);
template std::string write(const StorageState&);
template std::string write(const RuleSettingsAnswer&);
template std::string write(const DataKeyAnswer&);
template std::string write(const ClaimedJob&);
template std::string write(const Connection&);
template Result<ClaimBody> read(std::string_view);
template Result<JobBody> read(std::string_view);
template Result<FinishIngestionBody> read(std::string_view);
template Result<FinishAnalysisBody> read(std::string_view);
template Result<LeaseAnswer> read(std::string_view);
template Result<WatermarkAnswer> read(std::string_view);
template Result<StorageState> read(std::string_view);
template Result<RuleSettingsAnswer> read(std::string_view);
template Result<DataKeyAnswer> read(std::string_view);
template Result<ClaimedJob> read(std::string_view);
template Result<Connection> read(std::string_view);

std::string write_error(const Error& error) { return write(error); }

Error read_error(int status, std::string_view body) {
  if (auto error = read<Error>(body); error && body.contains("\"kind\"")) return std::move(*error);
  // Not from the handlers: a proxy, a full queue, another program.
  const auto kind = status == 401                                     ? ErrorKind::unauthenticated
                    : status == 403                                   ? ErrorKind::forbidden
                    : status == 404                                   ? ErrorKind::not_found
                    : status == 409                                   ? ErrorKind::conflict
                    : status == 429                                   ? ErrorKind::throttled
                    : status == 502 || status == 503 || status == 504 ? ErrorKind::unavailable
                    : status >= 400 && status < 500                   ? ErrorKind::invalid
                                                                      : ErrorKind::internal;
  return {.kind = kind, .message = "api answered " + std::to_string(status)};
}

}  // namespace letterlock::api::internal
