#pragma once

// Our Error ↔ Arrow's Status. Kind and code travel as the status's extra information, so that both implementations of
// ports/storage.h fail alike. gRPC sees its own code for the kind; for invalid, not_found and conflict only where the error
// has no code of ours: Arrow sends a status with extra information of these kinds as UNKNOWN. Internal to this adapter.

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
