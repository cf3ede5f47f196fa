#include "base/result.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace letterlock {
namespace {
constexpr std::array<std::pair<ErrorKind, std::string_view>, 8> kind_names{{
    {ErrorKind::invalid, "invalid"},
    {ErrorKind::unauthenticated, "unauthenticated"},
    {ErrorKind::forbidden, "forbidden"},
    {ErrorKind::not_found, "not_found"},
    {ErrorKind::conflict, "conflict"},
    {ErrorKind::throttled, "throttled"},
    {ErrorKind::unavailable, "unavailable"},
    {ErrorKind::internal, "internal"},
}};
}  // namespace

std::string_view to_string(ErrorKind kind) {
  for (const auto& [value, name] : kind_names)
    if (value == kind) return name;
  return "internal";
}

std::optional<ErrorKind> error_kind_from(std::string_view name) {
  for (const auto& [value, text] : kind_names)
    if (text == name) return value;
  return std::nullopt;
}

Error Error::during(std::string_view action) const& { return Error(*this).during(action); }

Error Error::during(std::string_view action) && {
  message.insert(0, std::string(action) + ": ");
  return std::move(*this);
}

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "CHECK failed: %s at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace letterlock
