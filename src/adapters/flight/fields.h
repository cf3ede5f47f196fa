#pragma once

// The columns that only Flight knows, beside those of src/model/fields.h.

#include "model/fields.h"

namespace letterlock::flight {

// A slice of a message's raw bytes, at most raw_slice_bytes_max; the slices of a message follow its e-mail row in order.
struct RawSlice {
  std::string format;
  std::string bytes;
};
inline constexpr std::size_t raw_slice_bytes_max = 1 << 20;

void for_each_field(auto& slice, auto&& visit)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(slice)>>, RawSlice>
{
  visit("format", slice.format);
  visit("bytes", slice.bytes);
}

}  // namespace letterlock::flight
