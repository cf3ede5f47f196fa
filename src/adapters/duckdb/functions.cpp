#include <array>

#include "adapters/duckdb/tenant_database.h"
#include "duckdb/main/extension/extension_loader.hpp"
#include "mail/domain.h"
#include "mail/free_hosts.h"
#include "mail/plain_text.h"
#include "mail/text_score.h"

// SQL functions over src/mail/domain.h, free_hosts.h, plain_text.h and text_score.h. NULL in, NULL out.
namespace letterlock::duckdb_adapter {
namespace {

using duckdb::LogicalType;
using duckdb::string_t;

std::string_view view(const string_t& text) { return {text.GetData(), text.GetSize()}; }

string_t keep(duckdb::Vector& result, std::string_view text) { return duckdb::StringVector::AddString(result, text.data(), text.size()); }

// VARCHAR → VARCHAR; an empty answer is an empty text.
template <std::string (*function)(std::string_view)>
void text_function(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::UnaryExecutor::Execute<string_t, string_t>(arguments.data[0], result, arguments.size(),
                                                     [&](string_t text) { return keep(result, function(view(text))); });
}

// VARCHAR → BOOLEAN.
template <bool (*function)(std::string_view)>
void flag_function(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::UnaryExecutor::Execute<string_t, bool>(arguments.data[0], result, arguments.size(),
                                                 [&](string_t text) { return function(view(text)); });
}

// (VARCHAR, VARCHAR) → VARCHAR or NULL.
template <std::optional<std::string> (*function)(std::string_view, std::string_view)>
void reason_function(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::BinaryExecutor::Execute<string_t, string_t, string_t>(arguments.data[0], arguments.data[1], result, arguments.size(),
                                                                [&](string_t first, string_t second) -> duckdb::optional<string_t> {
                                                                  const auto reason = function(view(first), view(second));
                                                                  if (!reason) return duckdb::optional<string_t>();
                                                                  return keep(result, *reason);
                                                                });
}

// The key of message_keys for a mailbox and a message there, as 32 hex digits.
void message_key_function(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::BinaryExecutor::Execute<string_t, string_t, string_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(), [&](string_t mailbox_id, string_t provider_message_id) {
        return keep(result, message_key(std::string(view(mailbox_id)), std::string(view(provider_message_id))));
      });
}

void edit_distance_function(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::TernaryExecutor::Execute<string_t, string_t, std::int32_t, std::int32_t>(
      arguments.data[0], arguments.data[1], arguments.data[2], result, arguments.size(),
      [](string_t a, string_t b, std::int32_t max) { return mail::edit_distance(view(a), view(b), max); });
}

void text_score_function(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::BinaryExecutor::Execute<string_t, string_t, double>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [](string_t kind, string_t text) { return mail::text_score(view(kind), view(text)); });
}

// In one call: an expression that names the score twice is computed twice where it filters.
void log_odds_function(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::TernaryExecutor::Execute<double, double, double, double>(arguments.data[0], arguments.data[1], arguments.data[2], result,
                                                                   arguments.size(), mail::log_odds);
}

void text_reasons_function(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::BinaryExecutor::Execute<string_t, string_t, string_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [&](string_t kind, string_t text) { return keep(result, mail::text_reasons(view(kind), view(text))); });
}

struct Registration {
  const char* name;
  int text_arguments;
  LogicalType returns;
  duckdb::scalar_function_t function;
};

}  // namespace

void register_functions(duckdb::DatabaseInstance& database) {
  const LogicalType text = LogicalType::VARCHAR;
  const std::array<Registration, 16> table{{
      {"registrable_domain", 1, text, text_function<mail::registrable_domain>},
      {"domain_of_address", 1, text, text_function<mail::domain_of_address>},
      {"host_of_url", 1, text, text_function<mail::host_of_url>},
      {"skeleton", 1, text, text_function<mail::skeleton>},
      {"fold_name", 1, text, text_function<mail::fold_name>},
      {"plain_text", 1, text, text_function<mail::plain_text>},
      {"unwrap_url", 1, text, text_function<mail::unwrap_url>},
      {"is_freemail", 1, LogicalType::BOOLEAN, flag_function<mail::is_freemail>},
      {"is_shortener", 1, LogicalType::BOOLEAN, flag_function<mail::is_shortener>},
      {"is_free_host", 1, LogicalType::BOOLEAN, flag_function<mail::is_free_host>},
      {"is_disposable", 1, LogicalType::BOOLEAN, flag_function<mail::is_disposable>},
      {"lookalike_reason", 2, text, reason_function<mail::lookalike_reason>},
      {"address_in_url", 2, text, reason_function<mail::address_in_url>},
      {"text_score", 2, LogicalType::DOUBLE, text_score_function},
      {"text_reasons", 2, text, text_reasons_function},
      {"message_key", 2, text, message_key_function},
  }};
  duckdb::ExtensionLoader loader(database, "letterlock");
  for (const Registration& row : table)
    loader.RegisterFunction(duckdb::ScalarFunction(duckdb::Identifier(row.name),
                                                   duckdb::vector<LogicalType>(static_cast<std::size_t>(row.text_arguments), text),
                                                   row.returns, row.function));
  loader.RegisterFunction(duckdb::ScalarFunction(duckdb::Identifier("log_odds"),
                                                 {LogicalType::DOUBLE, LogicalType::DOUBLE, LogicalType::DOUBLE}, LogicalType::DOUBLE,
                                                 log_odds_function));
  loader.RegisterFunction(duckdb::ScalarFunction(duckdb::Identifier("edit_distance"), {text, text, LogicalType::INTEGER},
                                                 LogicalType::INTEGER, edit_distance_function));
}

}  // namespace letterlock::duckdb_adapter
