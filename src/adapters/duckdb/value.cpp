#include <limits>

#include "adapters/duckdb/tenant_database.h"

namespace letterlock::duckdb_adapter {
namespace {

void append_json_text(std::string& out, std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += digits[static_cast<unsigned char>(c) >> 4];
          out += digits[static_cast<unsigned char>(c) & 0x0f];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void append_json(std::string& out, const duckdb::Value& value) {
  if (value.IsNull()) {
    out += "null";
    return;
  }
  switch (value.type().id()) {
    case duckdb::LogicalTypeId::LIST: {
      out += '[';
      const auto& children = duckdb::ListValue::GetChildren(value);
      for (std::size_t i = 0; i < children.size(); ++i) {
        if (i > 0) out += ',';
        append_json(out, children[i]);
      }
      out += ']';
      return;
    }
    case duckdb::LogicalTypeId::STRUCT: {
      out += '{';
      const auto& children = duckdb::StructValue::GetChildren(value);
      for (std::size_t i = 0; i < children.size(); ++i) {
        if (i > 0) out += ',';
        append_json_text(out, duckdb::StructType::GetChildName(value.type(), i).GetIdentifierName());
        out += ':';
        append_json(out, children[i]);
      }
      out += '}';
      return;
    }
    default:
      break;
  }
  const Value cell = from_duckdb(value);
  if (const auto* flag = std::get_if<bool>(&cell))
    out += *flag ? "true" : "false";
  else if (std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell))
    out += value.ToString();
  else if (const auto* time = std::get_if<TimePoint>(&cell))
    append_json_text(out, to_rfc3339(*time));
  else
    append_json_text(out, std::get<std::string>(cell));
}

}  // namespace

Value from_duckdb(const duckdb::Value& value) {
  using duckdb::LogicalTypeId;
  if (value.IsNull()) return std::monostate{};
  switch (value.type().id()) {
    case LogicalTypeId::BOOLEAN:
      return value.GetValue<bool>();
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::USMALLINT:
    case LogicalTypeId::UINTEGER:
      return value.GetValue<std::int64_t>();
    case LogicalTypeId::UBIGINT:
    case LogicalTypeId::HUGEINT:
    case LogicalTypeId::UHUGEINT: {
      const double number = value.GetValue<double>();
      if (number >= -9.2e18 && number <= 9.2e18) return value.GetValue<std::int64_t>();
      return number;
    }
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE:
    case LogicalTypeId::DECIMAL:
      return value.GetValue<double>();
    case LogicalTypeId::VARCHAR:
    case LogicalTypeId::BLOB:
      return duckdb::StringValue::Get(value);
    case LogicalTypeId::TIMESTAMP_TZ:
    case LogicalTypeId::TIMESTAMP:
      return from_unix_micros(value.GetValueUnsafe<std::int64_t>());
    case LogicalTypeId::LIST:
    case LogicalTypeId::STRUCT: {
      std::string json;
      append_json(json, value);
      return json;
    }
    default:
      return value.ToString();
  }
}

}  // namespace letterlock::duckdb_adapter
