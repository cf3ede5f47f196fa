#include "adapters/flight/flight_status.h"

#include <arrow/flight/types.h>

#include <string>

namespace letterlock::flight {
namespace {

using arrow::flight::FlightStatusCode;
using arrow::flight::FlightStatusDetail;

arrow::Status make_status(arrow::StatusCode code, std::optional<FlightStatusCode> flight_code, const Error& error) {
  const std::string extra = std::string(to_string(error.kind)) + "\n" + error.code;
  return {code, error.message, std::make_shared<FlightStatusDetail>(flight_code.value_or(FlightStatusCode::Failed), extra)};
}

ErrorKind kind_of(FlightStatusCode code) {
  switch (code) {
    case FlightStatusCode::Unauthenticated:
      return ErrorKind::unauthenticated;
    case FlightStatusCode::Unauthorized:
      return ErrorKind::forbidden;
    case FlightStatusCode::TimedOut:
    case FlightStatusCode::Cancelled:
    case FlightStatusCode::Unavailable:
      return ErrorKind::unavailable;
    case FlightStatusCode::Internal:
    case FlightStatusCode::Failed:
      return ErrorKind::internal;
  }
  return ErrorKind::internal;
}

}  // namespace

arrow::Status to_status(const Error& error) {
  switch (error.kind) {
    case ErrorKind::invalid:
      return error.code.empty() ? arrow::Status::Invalid(error.message) : make_status(arrow::StatusCode::Invalid, std::nullopt, error);
    case ErrorKind::not_found:
      return error.code.empty() ? arrow::Status::KeyError(error.message) : make_status(arrow::StatusCode::KeyError, std::nullopt, error);
    case ErrorKind::conflict:
      return error.code.empty() ? arrow::Status::AlreadyExists(error.message)
                                : make_status(arrow::StatusCode::AlreadyExists, std::nullopt, error);
    case ErrorKind::unauthenticated:
      return make_status(arrow::StatusCode::IOError, FlightStatusCode::Unauthenticated, error);
    case ErrorKind::forbidden:
      return make_status(arrow::StatusCode::IOError, FlightStatusCode::Unauthorized, error);
    case ErrorKind::unavailable:
      return make_status(arrow::StatusCode::IOError, error.code == "timeout" ? FlightStatusCode::TimedOut : FlightStatusCode::Unavailable,
                         error);
    case ErrorKind::throttled:
      return make_status(arrow::StatusCode::IOError, FlightStatusCode::Unavailable, error);
    case ErrorKind::internal:
      return make_status(arrow::StatusCode::UnknownError, FlightStatusCode::Internal, error);
  }
  return arrow::Status::UnknownError(error.message);
}

namespace {

// What the server said, without what Arrow and gRPC put behind it.
std::string_view message_of(const arrow::Status& status) {
  std::string_view message = status.message();
  message = message.substr(0, message.find(". gRPC client debug context: "));
  return message.substr(0, message.rfind(". Detail: "));
}

}  // namespace

Error to_error(const arrow::Status& status, std::string_view action) {
  Error error{.kind = ErrorKind::internal, .message = std::string(action) + ": " + std::string(message_of(status))};
  if (const auto detail = FlightStatusDetail::UnwrapStatus(status)) {
    if (detail->code() != FlightStatusCode::Failed) error.kind = kind_of(detail->code());
    const std::string extra = detail->extra_info();
    const auto line = extra.find('\n');
    if (const auto kind = error_kind_from(extra.substr(0, line)); kind && line != std::string::npos) {
      error.kind = *kind;
      error.code = extra.substr(line + 1);
      return error;
    }
    if (detail->code() == FlightStatusCode::TimedOut) error.code = "timeout";
    if (detail->code() != FlightStatusCode::Failed) return error;
  }
  if (status.IsInvalid()) error.kind = ErrorKind::invalid;
  if (status.IsKeyError()) error.kind = ErrorKind::not_found;
  if (status.IsAlreadyExists()) error.kind = ErrorKind::conflict;
  if (status.IsIOError() || status.IsCancelled()) error.kind = ErrorKind::unavailable;
  return error;
}

}  // namespace letterlock::flight
