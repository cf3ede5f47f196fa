#pragma once

// Strong types for ids: a TenantId cannot be passed where a JobId is wanted. The text is opaque to us
// (ids of ours are UUIDs in canonical form; a provider's are whatever it sent, case kept).

#include <compare>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace letterlock {

template <class Tag>
class Id {
 public:
  Id() = default;
  explicit Id(std::string value) : value_(std::move(value)) {}

  const std::string& str() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend auto operator<=>(const Id&, const Id&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Id& id) { return out << id.value_; }

 private:
  std::string value_;
};

// Return a new random (version 4) UUID in canonical lower-case form, from the operating system's random source.
std::string new_uuid();
// Tell whether text is a UUID in canonical form (36 characters, any case).
bool is_uuid(std::string_view text);

}  // namespace letterlock

template <class Tag>
struct std::hash<letterlock::Id<Tag>> {
  std::size_t operator()(const letterlock::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
