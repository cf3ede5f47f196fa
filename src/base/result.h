#pragma once

// Expected failures are values: Result<T> carries either a T or an Error. Bugs stop the process (CHECK).
// Exceptions live only inside adapters, which catch a third party's throw and turn it into an Error.

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace letterlock {

// What the caller should do about a failure, not where it came from. Each edge (HTTP, AMQP, log) has one table from it.
enum class ErrorKind {
  invalid,          // the input is wrong: do not retry
  unauthenticated,  // who you are was refused: renew credentials, or tell the admin
  forbidden,        // known, but not allowed
  not_found,        // does not exist, or its existence is secret
  conflict,         // somebody was faster: re-read, then try again
  throttled,        // slow down: see retry_after
  unavailable,      // a passing fault: retry with back-off
  internal,         // a bug or a broken invariant
};

std::string_view to_string(ErrorKind kind);
std::optional<ErrorKind> error_kind_from(std::string_view name);

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  // for operators: names the file, setting or column; never holds a secret or mail content
  std::optional<std::chrono::seconds> retry_after = std::nullopt;
  std::string code = {};  // stable short name where a caller branches on the cause, such as "cursor_expired"; else empty

  // Return this error with what was being done put in front: "reading page 3: …".
  Error during(std::string_view action) const&;
  Error during(std::string_view action) &&;
};

template <class T>
struct [[nodiscard]] Result : std::expected<T, Error> {
  using std::expected<T, Error>::expected;
};

inline std::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return std::unexpected(Error{.kind = kind, .message = std::move(message)});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

// Print the condition and its place to standard error, then abort.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace letterlock

// TRY(expression): the value of a Result, or return its error from this function. Not for coroutines.
#define TRY(...)                                                  \
  ({                                                              \
    auto try_result_ = (__VA_ARGS__);                             \
    if (!try_result_) [[unlikely]]                                \
      return ::std::unexpected(::std::move(try_result_).error()); \
    ::letterlock::detail::take(::std::move(try_result_));         \
  })

// CHECK(condition): on in release too; a failure is a bug of ours.
#define CHECK(condition)                                          \
  do {                                                            \
    if (!(condition)) [[unlikely]]                                \
      ::letterlock::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)

namespace letterlock::detail {
template <class T>
T take(Result<T>&& result) {
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
}  // namespace letterlock::detail
