#pragma once

// One table per enum, read in both directions.

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace letterlock {

template <class Enum, std::size_t n>
using EnumNames = std::array<std::pair<Enum, std::string_view>, n>;

template <class Enum, std::size_t n>
constexpr std::string_view name_in(const EnumNames<Enum, n>& names, Enum value) {
  for (const auto& [known, name] : names)
    if (known == value) return name;
  return {};
}

template <class Enum, std::size_t n>
constexpr std::optional<Enum> value_in(const EnumNames<Enum, n>& names, std::string_view text) {
  for (const auto& [value, name] : names)
    if (name == text) return value;
  return std::nullopt;
}

}  // namespace letterlock
