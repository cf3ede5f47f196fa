#pragma once

// How glaze writes our ids, times and enums, at /api/v1 and between targets. For *_json.cpp of this folder alone: one definition of each,
// for two in one executable may be taken for each other by the linker.

#include <glaze/glaze.hpp>

#include "base/json_text.h"
#include "base/result.h"
#include "domain/access/access_service.h"
#include "model/alert.h"
#include "model/ids.h"
#include "model/job.h"

namespace letterlock::api {

template <class T>
std::string json_of(const T& value) {
  auto json = glz::write_json(value);
  CHECK(json.has_value());
  return std::move(*json);
}

// Put the members of an object in front of more members: {a} + {b} = {a,b}.
inline std::string joined_json(std::string first, std::string_view more) {
  first.back() = ',';
  return first.append(more.substr(1));
}

}  // namespace letterlock::api

namespace glz {

template <class Tag>
struct to<JSON, letterlock::Id<Tag>> {
  template <auto Opts>
  static void op(auto&& value, is_context auto&& ctx, auto&& buffer, auto&& index) noexcept {
    serialize<JSON>::op<Opts>(value.str(), ctx, buffer, index);
  }
};
// RFC 3339; between targets microseconds since 1970, so that a time is the same on both ends to the last digit.
template <>
struct to<JSON, letterlock::TimePoint> {
  template <auto Opts>
  static void op(auto&& value, is_context auto&& ctx, auto&& buffer, auto&& index) noexcept {
    if constexpr (requires { Opts.times_in_micros; })
      serialize<JSON>::op<Opts>(letterlock::to_unix_micros(value), ctx, buffer, index);
    else
      serialize<JSON>::op<Opts>(letterlock::to_rfc3339(value), ctx, buffer, index);
  }
};
struct enum_by_name {
  template <auto Opts>
  static void op(auto&& value, is_context auto&& ctx, auto&& buffer, auto&& index) noexcept {
    serialize<JSON>::op<Opts>(to_string(value), ctx, buffer, index);
  }
};
template <>
struct to<JSON, letterlock::JobKind> : enum_by_name {};
template <>
struct to<JSON, letterlock::JobState> : enum_by_name {};
template <>
struct to<JSON, letterlock::ProviderKind> : enum_by_name {};
template <>
struct to<JSON, letterlock::MailboxState> : enum_by_name {};
template <>
struct to<JSON, letterlock::Severity> : enum_by_name {};
template <>
struct to<JSON, letterlock::Role> : enum_by_name {};
// Already JSON.
template <>
struct to<JSON, letterlock::JsonText> {
  template <auto Opts>
  static void op(auto&& value, is_context auto&& ctx, auto&& buffer, auto&& index) noexcept {
    serialize<JSON>::op<Opts>(raw_json_view{value.text}, ctx, buffer, index);
  }
};

}  // namespace glz
