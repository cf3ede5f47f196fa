#pragma once

// Our Error ↔ Arrow's Status. gRPC sees the standard code (STATUS_CODES in flight_status.cpp); kind and code travel
// beside it, so that both implementations of ports/storage.h fail alike. Internal to this adapter.

#include <arrow/status.h>

#include <string_view>

#include "base/result.h"

namespace letterlock::flight {

arrow::Status to_status(const Error& error);
// What a client makes of a failed call.
Error to_error(const arrow::Status& status, std::string_view action);

}  // namespace letterlock::flight

// Return a failed Result's error from a function that returns arrow::Status or arrow::Result.
#define FLIGHT_TRY(...)                                            \
  ({                                                               \
    auto flight_try_ = (__VA_ARGS__);                              \
    if (!flight_try_) [[unlikely]]                                 \
      return ::letterlock::flight::to_status(flight_try_.error()); \
    ::letterlock::detail::take(::std::move(flight_try_));          \
  })
