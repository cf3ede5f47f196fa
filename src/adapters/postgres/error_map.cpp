#include "adapters/postgres/error_map.h"

#include <pqxx/pqxx>

namespace letterlock::postgres {

Error error_of_current_exception() {
  try {
    throw;
  } catch (const pqxx::broken_connection& e) {
    return {.kind = ErrorKind::unavailable, .message = std::string("PostgreSQL: ") + e.what()};
  } catch (const pqxx::in_doubt_error& e) {
    return {.kind = ErrorKind::unavailable, .message = std::string("PostgreSQL: ") + e.what()};
  } catch (const pqxx::sql_error& e) {
    const std::string state(e.sqlstate());
    // The message's first line only: DETAIL and CONTEXT can hold values.
    std::string text = e.what();
    text = "PostgreSQL: " + text.substr(0, text.find('\n')) + " (" + state + ")";
    if (state == "23505" || state == "42P04") return {.kind = ErrorKind::conflict, .message = text, .code = "unique"};
    // Role DDL of several databases at once: PostgreSQL has no code of its own for it.
    const bool raced = state == "XX000" && text.contains("tuple concurrently");
    if (state == "40001" || state == "40P01" || raced) return {.kind = ErrorKind::conflict, .message = text, .code = "serialization"};
    // A prepared statement whose columns a migration changed: a new connection prepares it anew.
    if (state == "0A000" && text.contains("cached plan")) return {.kind = ErrorKind::conflict, .message = text, .code = "stale_statement"};
    if (state == "23503") return {.kind = ErrorKind::not_found, .message = text, .code = "foreign_key"};
    if (state == "22P02" || state.starts_with("22") || state == "23514") return {.kind = ErrorKind::invalid, .message = text};
    if (state.starts_with("08") || state.starts_with("57") || state.starts_with("53") || state == "55P03")
      return {.kind = ErrorKind::unavailable, .message = text};
    return {.kind = ErrorKind::internal, .message = text};
  } catch (const std::exception& e) {
    return {.kind = ErrorKind::internal, .message = std::string("PostgreSQL: ") + e.what()};
  }
}

}  // namespace letterlock::postgres
